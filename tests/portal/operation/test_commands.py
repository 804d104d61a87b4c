"""`mykey audit`, `mykey provider` and `mykey link`, as the operator types them."""

from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import delete, update

from portal.cli import main
from portal.extensions import db
from portal.models import AuditEntry, ServiceLink, ServiceProvider, WebhookMessage
from portal.services.record.audit import Audit
from tests.authority import Authority
from tests.portal.actors.card_holders import at_the_forms, rows
from tests.portal.actors.customers import allow, link_file, new_people, numbered


@pytest.fixture
def genuine_looking(instance):
    """Trust an authority under the name that production insists on, valid today as commands know no other day."""
    now = datetime.now(UTC)
    made = Authority.create(organisation="JPKI", not_before=now - timedelta(days=9), not_after=now + timedelta(days=9))
    (instance / "trust" / "demo.pem").write_bytes(made.pem())
    return made


@pytest.fixture
def mykey(settings, genuine_looking):
    """Run a command with the settings of the test's portal."""
    assert (settings.instance / "trust" / "demo.pem").read_bytes() == genuine_looking.pem()
    environment = {
        "MYKEY_ORIGIN": settings.origin,
        "MYKEY_INSTANCE": str(settings.instance),
        "MYKEY_DATABASE_URL": settings.database,
        "MYKEY_REVOCATION": "none",
    }

    def run(*words):
        done = CliRunner().invoke(main, words, env=environment)
        return done.exit_code, done.output.strip()

    return run


@pytest.fixture
def card_file(genuine_looking, keys, tmp_path):
    certificate = genuine_looking.issue(public_key=keys[0].public_key())
    (tmp_path / "card.cer").write_bytes(certificate.public_bytes(Encoding.DER))
    return tmp_path / "card.cer", certificate


@pytest.fixture
def registered(app_with, card_file, clock):
    """Register that card today."""
    clock.now = card_file[1].not_valid_before_utc.replace(microsecond=0)
    app = app_with()
    [citizen] = at_the_forms(app, [card_file[1]])
    citizen.post("/registration")
    return app


@pytest.mark.usefixtures("registered")
def test_the_chain_is_walked_and_counted(mykey):
    assert mykey("audit", "verify") == (0, "The chain holds: 1 entries.")


def test_the_first_entry_that_does_not_fit_is_named_and_the_status_is_1(mykey, registered):
    with registered.app_context():
        db.session.execute(update(AuditEntry).values(event="nothing:at:all"))
        db.session.commit()
    status, told = mykey("audit", "verify")
    assert (status, "entry 1 is missing or was changed" in told) == (1, True)
    with registered.app_context():
        db.session.execute(delete(AuditEntry))
        db.session.commit()
    assert mykey("audit", "verify")[0] == 1


def test_the_walk_holds_up_nobody_who_writes(mykey, registered, monkeypatch):
    whole = Audit.broken

    def while_somebody_writes(self):
        head = self.head()
        assert head.number == 1
        with registered.app_context():
            registered.extensions["mykey"].providers.add("A-α1-0001", "中央図書館")
        return whole(self)

    monkeypatch.setattr(Audit, "broken", while_somebody_writes)
    assert mykey("audit", "verify")[0] == 0


def test_a_provider_is_admitted_once(mykey, app):
    assert mykey("provider", "add", "A-α1-0001", "中央図書館") == (0, "A-α1-0001 is a service provider.")
    status, told = mykey("provider", "add", "A-α1-0001", "もうひとつ")
    assert (status, "(service-provider-exists)" in told) == (1, True)
    assert [provider.name for provider in rows(app, ServiceProvider)] == ["中央図書館"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("", "中央図書館"), "service-provider-id-malformed"),
        (("A" * 65, "B"), "service-provider-id-malformed"),
        (("A-a1-0001", "B"), "service-provider-id-not-greek"),
        (("A-α1-0001", " "), "service-provider-malformed"),
        (("A-α1-0001", "B\nC"), "service-provider-malformed"),
    ],
)
def test_60_a_providers_id_has_its_form_and_its_name_is_a_sound_text(mykey, app, words, code):
    status, told = mykey("provider", "add", *words)
    assert (status, f"({code})" in told) == (1, True)
    assert rows(app, ServiceProvider) == []


def test_a_provider_is_named_anew(mykey, app):
    mykey("provider", "add", "ａ－α１－０００１", "中央図書館")
    assert mykey("provider", "set", "A-α1-0001", "--name", " 市立図書館 ")[0] == 0
    assert "(service-provider-malformed)" in mykey("provider", "set", "A-α1-0001", "--name", "")[1]
    assert [(row.service_provider_id, row.name) for row in rows(app, ServiceProvider)] == [("A-α1-0001", "市立図書館")]


def test_a_service_id_is_linked_to_whose_certificate_it_is(mykey, registered, card_file):
    mykey("provider", "add", "A-α1-0001", "中央図書館")
    assert mykey("link", "add", "A-α1-0001", str(card_file[0]), "0012")[0] == 0
    [link] = rows(registered, ServiceLink)
    assert (link.service_provider_id, link.service_id) == ("A-α1-0001", "0012")
    assert "(service-id-already-registered)" in mykey("link", "add", "A-α1-0001", str(card_file[0]), "0013")[1]


def test_a_terminal_is_added_enrolled_and_revoked(mykey, app):
    mykey("provider", "add", "A-α1-0001", "中央図書館")
    status, told = mykey("terminal", "add", "A-α1-0001", "受付1")
    terminal_id, code = told.split()[1], told.split("bridge: ")[1].split()[0]
    assert (status, "not enrolled" in mykey("terminal", "list", "A-α1-0001")[1]) == (0, True)
    call = {"base_url": "https://id.example.jp", "json": {"enrolment_code": code}}
    assert app.test_client().post("/api/v1/terminals", **call).status_code == 201
    listed = mykey("terminal", "list", "A-α1-0001")[1]
    assert (listed.endswith("  enrolled"), "last used: never" in listed) == (True, False)
    assert mykey("terminal", "codes", terminal_id)[0] == 0
    link = "https://ils.example/patron?barcode={service_id}"
    assert mykey("terminal", "handoff-link", terminal_id, link) == (0, f"{terminal_id} leads to {link}.")
    assert mykey("terminal", "handoff-link", terminal_id, "") == (0, f"{terminal_id} leads to nothing.")
    assert "(handoff-link-malformed)" in mykey("terminal", "handoff-link", terminal_id, link * 2)[1]
    assert mykey("terminal", "revoke", terminal_id) == (0, "受付1 is revoked.")
    status, told = mykey("terminal", "codes", terminal_id)
    assert (status, "(terminal-unknown)" in told) == (1, True)
    assert mykey("terminal", "list", "A-α1-0001")[1].endswith("revoked")


def test_a_provider_is_set_up_and_what_is_not_given_stays(mykey, app):
    mykey("provider", "add", "A-α1-0001", "中央図書館")
    given = ("--picture", "9999", "--check-digit", "luhn", "--typed-mykey-ids", "--first-links", "confirmed")
    assert mykey("provider", "set", "A-α1-0001", *given) == (0, "A-α1-0001 is set up.")
    assert mykey("provider", "set", "A-α1-0001", "--check-digit", "", "--reason", "カードが変わった")[0] == 0
    assert mykey("provider", "set", "A-α1-0001", "--picture", "", "--reason", "a" * 501)[0] == 2
    [row] = rows(app, ServiceProvider)
    assert (row.picture, row.check_digit, row.typed_mykey_ids, row.first_links) == ("9999", None, True, "confirmed")
    refused = {"--picture": "9||9", "--handoff-url": "http://desk.example.jp/"}
    codes = [mykey("provider", "set", "A-α1-0001", *each)[1].split("(")[-1] for each in refused.items()]
    assert codes == ["picture-malformed)", "handoff-url-malformed)"]


def test_a_provider_is_suspended_and_resumed(mykey):
    mykey("provider", "add", "A-α1-0001", "中央図書館")
    assert mykey("provider", "suspend", "A-α1-0001") == (0, "A-α1-0001 is suspended.")
    assert mykey("provider", "list") == (0, "A-α1-0001  中央図書館  suspended")
    assert mykey("provider", "resume", "A-α1-0001") == (0, "A-α1-0001 may act again.")
    assert mykey("provider", "list") == (0, "A-α1-0001  中央図書館  active")
    assert "(service-provider-unknown)" in mykey("provider", "suspend", "B")[1]


def test_a_file_that_is_no_certificate_or_nobodys_links_nothing(mykey, card_file, app, tmp_path):
    mykey("provider", "add", "A-α1-0001", "B")
    assert "(mykey-id-not-registered)" in mykey("link", "add", "A-α1-0001", str(card_file[0]), "1")[1]
    (tmp_path / "no.cer").write_bytes(b"no certificate")
    assert "(certificate-malformed)" in mykey("link", "add", "A-α1-0001", str(tmp_path / "no.cer"), "1")[1]
    assert not rows(app, ServiceLink)


def test_commands_stop_at_a_database_that_is_not_current(tmp_path):
    environment = {"MYKEY_ORIGIN": "https://id.example.jp", "MYKEY_INSTANCE": str(tmp_path)}
    done = CliRunner().invoke(main, ["audit", "verify"], env=environment)
    assert (done.exit_code, "mykey db upgrade" in done.output) == (1, True)


@pytest.fixture
def links(tmp_path):
    def write(*lines):
        (tmp_path / "links.csv").write_bytes(link_file(*lines))
        return str(tmp_path / "links.csv")

    return write


def test_links_are_tried_then_imported(mykey, app, links):
    mykey("provider", "add", "A-α1-0001", "中央図書館")
    people = new_people(app, *numbered(2))
    file = links(*(f"{each},00{number}" for number, each in enumerate(people)))
    assert "(link-file-not-allowed)" in mykey("provider", "import", "A-α1-0001", file)[1]
    allow(app)
    status, told = mykey("provider", "import", "A-α1-0001", file)
    assert (status, told.splitlines()[-1], rows(app, ServiceLink)) == (0, "2 lines can be linked; see --confirm.", [])
    status, told = mykey("provider", "import", "A-α1-0001", file, "--confirm")
    assert (status, told.splitlines()[-1]) == (0, "2 lines are linked.")
    assert sorted(link.service_id for link in rows(app, ServiceLink)) == ["000", "001"]


def test_a_folded_line_is_printed_as_it_came_and_as_it_is_kept(mykey, app, links):
    mykey("provider", "add", "A-α1-0001", "中央図書館")
    allow(app)
    file = links(f'{next(iter(new_people(app, *numbered(1))))},="0001234"', ",")
    told = mykey("provider", "import", "A-α1-0001", file)[1].splitlines()
    assert told[-2:] == ['line 2: PERSON00000000,="0001234" -> 0001234', "1 lines can be linked; see --confirm."]


def test_a_refused_line_is_printed_and_the_status_is_1(mykey, app, links):
    mykey("provider", "add", "A-α1-0001", "中央図書館")
    allow(app)
    file = links(f"{next(iter(new_people(app, *numbered(1))))},1", "NOBODY,2")
    for more in ([], ["--confirm"]):
        status, told = mykey("provider", "import", "A-α1-0001", file, *more)
        assert (status, "line 3: " in told, "(mykey-id-not-registered)" in told) == (1, True, True)
    assert rows(app, ServiceLink) == []


def test_each_webhook_message_that_is_due_is_tried_once(mykey, app):
    mykey("provider", "add", "A-α1-0001", "B")
    now = datetime.now(UTC)
    row = {"service_provider_id": "A-α1-0001", "body": "{}", "made_at": now, "due_at": now, "tries": 0}
    with app.app_context():
        db.session.execute(update(ServiceProvider).values(handoff_url="http://127.0.0.1:1/", handoff_key="key"))
        db.session.add_all(WebhookMessage(message_id=f"msg_{number}", **row) for number in range(2))
        db.session.commit()
    assert mykey("webhook", "send") == (0, "Tried: 2.")
    assert mykey("webhook", "send") == (0, "Tried: 0.")
    assert [(message.answer, message.tries) for message in rows(app, WebhookMessage)] == [("address-refused", 1)] * 2
