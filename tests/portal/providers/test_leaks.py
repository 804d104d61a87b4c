"""Nothing that the portal sends to a provider differs by another provider's links.

Two portals live the same life, with the same clock and the same randomness; they differ in one provider's links and in
nothing else. Another provider's requests then get the same bytes, by the same SQL statements with the same parameters.
A new page, message or file for providers is a row of SCRIPT.
"""

import os
import random
import re
from base64 import b64encode
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from io import BytesIO
from types import SimpleNamespace
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import Engine, event

from portal.domain.providers import FirstLinks, Handoff, Step
from portal.domain.roles import Role
from portal.extensions import db
from portal.models import DailyFigure, IdUse, PendingLink, ServiceLink, WebhookMessage
from tests.conftest import VALID, a_database
from tests.portal.actors.customers import link_file
from tests.portal.actors.tablet import UID
from tests.portal.actors.town import HANAKO, LIBRARY, NEW, SHOP, TARO, Town

JIRO, SABURO, ICHIRO = "5555CCCC5555DD13221003A", "2222EEEE2222FF13221003A", "3333GGGG3333HH13221003A"
NORMALISED = re.compile(rb'(?<=name="csrf_token" value=")[^"]+')
EXPIRES = re.compile("Expires=[^;]+")
"""They tell the second of the machine's own clock, by which they expire; all else is compared as it is."""
PEOPLE = {"hanako": HANAKO, "taro": TARO, "jiro": JIRO, "saburo": SABURO, "ichiro": ICHIRO}
STRINGS = [common_name[:14] for common_name in PEOPLE.values()]
SERVICE_IDS = ["000123", "777", "000125", "000129"]
"""What the shop's customers have there: the library gives the same ones, to the same and to other people."""
FILE = link_file(*(f"{each[:14]},00{number}" for number, each in enumerate([*PEOPLE.values(), NEW]))).decode()
BASE = {"base_url": "https://id.example.jp"}


def call(name, **fields):
    """Send a call of the terminal's; a certificate is named by whose card it is."""

    def made(world):
        sent = fields | {"certificate": world.sent(fields["certificate"])} if "certificate" in fields else fields
        return told(world.client.post(f"/api/v1/{name}", json=sent, headers=world.headers, **BASE))

    return made


def told(reply):
    headers = [(name, EXPIRES.sub("", value)) for name, value in reply.headers]
    return reply.status_code, headers, NORMALISED.sub(b"", reply.data)


def page(method, address="", **fields):
    """Ask for a page of the terminal or of the provider's staff, or for where the last one led."""

    def asked(world):
        form = fields | {"csrf_token": world.browser.page.csrf_token} if method == "POST" else None
        if "file" in fields:
            form["file"] = (BytesIO(fields["file"].encode()), "links.csv")
        reply = world.browser.client.open(address or world.led_to, method=method, data=form, **BASE)
        world.led_to = reply.headers.get("Location", world.led_to)
        return told(reply)

    return asked


def press(act, *arguments, **options):
    """Press a button of the terminal's page; what it shows then is compared."""

    def pressed(world):
        with world.app.test_request_context(method="POST"):
            reception, terminal = world.services.reception, world.services.terminals.known(world.terminal_id)
            getattr(reception, act)(terminal, *arguments, **options)
            state = reception.of(terminal)
            return [(name, getattr(state, name)) for name in state.__table__.columns.keys()]  # noqa: SIM118

    return pressed


def set_up(**changes):
    """Let the operator set the provider up in another way."""

    def changed(world):
        with world.app.app_context():
            for name, value in changes.items():
                setattr(world.services.service_providers.known(LIBRARY), name, value)
            db.session.commit()

    return changed


def lead(world):
    """Let the operator set a link into the business system."""
    with world.app.app_context():
        world.services.terminals.set_handoff_link(world.terminal_id, "https://desk.example.jp/{service_id}")


def handed_over(world):
    """Read what the business system is told."""
    with world.app.app_context():
        mine = db.session.query(WebhookMessage).filter_by(service_provider_id=LIBRARY).order_by("message_id")
        return [(message.message_id, message.body, message.due_at) for message in mine]


SCRIPT = {
    "link": call("service-links", certificate="hanako", service_id="000123"),
    "link again": call("service-links", certificate="hanako", service_id="000123"),
    "link another": call("service-links", certificate="hanako", service_id="000124"),
    "link what is in use": call("service-links", certificate="taro", service_id="000123"),
    "replace": call("service-links", certificate="hanako", service_id="000125", replaces="000123"),
    "replace what is not there": call("service-links", certificate="hanako", service_id="000126", replaces="000123"),
    "replace where no link is": call("service-links", certificate="taro", service_id="000126", replaces="777"),
    "link what another provider has": call("service-links", certificate="jiro", service_id="777"),
    "replace by what is in use": call("service-links", certificate="jiro", service_id="000125", replaces="777"),
    "link no service ID": call("service-links", certificate="taro", service_id=" "),
    "link of a stopped": call("service-links", certificate="saburo", service_id="000129"),
    "link of a stranger": call("service-links", certificate="stranger", service_id="000129"),
    "look up": call("inquiries", certificate="hanako"),
    "look up where no link is": call("inquiries", certificate="taro"),
    "look up a stranger": call("inquiries", certificate="stranger"),
    "look up an expired": call("inquiries", certificate="expired"),
    "look up a stopped": call("inquiries", certificate="saburo"),
    "type where it is not allowed": call("inquiries", mykey_id=HANAKO[:14]),
    "allow typing": set_up(typed_mykey_ids=True),
    "type": call("inquiries", mykey_id=HANAKO[:14]),
    "type where no link is": call("inquiries", mykey_id=TARO[:14]),
    "type a stopped": call("inquiries", mykey_id=SABURO[:14]),
    "type nobody's": call("inquiries", mykey_id="0" * 14),
    "tap outside": call("taps", certificate="hanako"),
    "tap a service card outside": call("taps", service_card=UID),
    "step 1": press("ask", Step.CARD),
    "step 1, tap": call("taps", certificate="taro"),
    "step 2": press("ask", Step.SERVICE_CARD),
    "step 2, a My Number card": call("taps", certificate="taro"),
    "step 2, tap": call("taps", service_card=UID),
    "step 3": press("register"),
    "step 3 again": press("register"),
    "step 1, a stopped": press("ask", Step.CARD),
    "step 1, a stopped, tap": call("taps", certificate="saburo"),
    "clear": press("clear"),
    "hand over": set_up(handoff_url="https://desk.example.jp/"),
    "inquiry": press("ask", Step.INQUIRY),
    "inquiry, tap": call("taps", certificate="hanako"),
    "inquiry typed": press("look_up_typed", HANAKO[:14]),
    "inquiry typed where no link is": press("look_up_typed", SABURO[:14]),
    "webhook": handed_over,
    "confirmed by the PIN": set_up(first_links=FirstLinks.CONFIRMED),
    "link unconfirmed": call("service-links", certificate="ichiro", service_id="000130"),
    "link unconfirmed what another provider has": call("service-links", certificate="ichiro", service_id="000129"),
    "link unconfirmed what is in use": call("service-links", certificate="ichiro", service_id="777"),
}
SCRIPT |= {
    "page": page("GET", "/reception"),
    "page, step 1": page("POST", "/reception/reading", step="card"),
    "page, step 1, tap": call("taps", certificate="taro"),
    "page, step 1 read": page("GET", "/reception"),
    "page, step 2": page("POST", "/reception/service-id", service_id="000126"),
    "page, step 2 read": page("GET", "/reception/state"),
    "page, step 3": page("POST", "/reception/registration"),
    "page, step 3 told": page("GET", "/reception"),
    "page, replace": page("POST", "/reception/registration", replaces="000123"),
    "page, replace told": page("GET", "/reception"),
    "page, over": page("POST", "/reception/end", page="inquiry"),
    "page, a link into the business system": lead,
    "page, inquiry": page("POST", "/reception/reading", step="inquiry"),
    "page, inquiry, tap": call("taps", certificate="jiro"),
    "page, inquiry told": page("GET", "/reception/inquiry"),
    "page, inquiry typed": page("POST", "/reception/inquiry", mykey_id=SABURO[:14]),
    "page, inquiry typed told": page("GET", "/reception/inquiry"),
    "table": page("GET", "/provider"),
    "table, found": page("POST", "/provider", typed="0001"),
    "table, a link": page("POST", "/provider/link", service_id="777"),
    "table, another provider's": page("POST", "/provider/link", service_id="000129"),
    "table, file": page("GET", "/provider/links.csv"),
    "table, try a scan": page("POST", "/provider/scan", scan="A000129A"),
    "table, figures": page("GET", "/provider/figures"),
    "table, take off": page("POST", "/provider/link/removal", service_id="777", reason="移転"),
    "table, take another provider's off": page("POST", "/provider/link/removal", service_id="000129", reason="移転"),
    "table afterwards": page("GET", "/provider"),
    "import": page("POST", "/provider/imports", file=FILE),
    "import, tried": page("GET"),
    "import, tried, file": lambda world: page("GET", f"{world.led_to}/trial.csv")(world),
    "import, refused": page("GET", "/provider/imports"),
    "import, carried out": page("POST"),
    "import, shown": page("GET"),
    "table in the end": page("GET", "/provider"),
}
SHOWN = {"step 2", "step 3", "step 3 again"}
SHOWN |= {"page, step 1 read", "page, step 2 read", "page, step 3 told", "page, replace told"}
"""Where step 1 has been read, and the page goes on showing it."""
OWN_FILE = {"import, tried", "import, tried, file", "import, carried out", "import, shown"}
"""Where the staff see the lines of the file that they loaded."""


def plain(parameters):
    """Take bytes out of the driver's wrapping, which is equal to nothing but itself."""
    if isinstance(parameters, dict):
        return {name: getattr(value, "obj", value) for name, value in parameters.items()}
    return [plain(each) for each in parameters] if isinstance(parameters, list) else parameters


class World:
    """One portal with people, a terminal of the library that is in the middle of its day, and a shop."""

    def __init__(self, app, authority, keys, clock, people):
        self.app, self.services, self.people = app, app.extensions["mykey"], people
        town = Town(app, authority, keys, clock)
        ids = {name: town.register(people[name]) for name in PEOPLE}
        town.stop(ids["saburo"])
        with app.app_context():
            terminal, codes = self.services.terminals.add(LIBRARY, "受付", handoff=Handoff.WEBHOOK)
            self.terminal_id, token = terminal.terminal_id, self.services.enrolment.enrol_bridge(codes.bridge)[1]
            page = self.services.enrolment.enrol_page(codes.page)[1]
            staff, _ = self.services.staff.add("司書 一郎", [Role.PROVIDER], LIBRARY)
            signed_in = {"staff_id": str(staff.staff_id), "version": staff.grounds, "signed_in_at": clock().isoformat()}
        self.led_to, self.browser = "", town.browser(**signed_in)
        self.browser.client.set_cookie("__Host-mykey-terminal", page, domain="id.example.jp", secure=True)
        self.ids, self.client, self.headers = ids, app.test_client(), {"Authorization": f"Bearer {token}"}

    def sent(self, name):
        return b64encode(self.people[name].public_bytes(Encoding.DER)).decode()

    def shop_links(self):
        """Let the shop have links, uses and figures for everybody but Ichiro, who waits there for a confirmation."""
        now = self.services.clock()
        with self.app.app_context():
            for number, (name, person_id) in enumerate(self.ids.items()):
                mine = {"service_provider_id": SHOP, "person_id": person_id}
                if name == "ichiro":
                    until = now + timedelta(days=7)
                    db.session.add(PendingLink(**mine, service_id="000130", asked_at=now, expires_at=until))
                    continue
                db.session.add(ServiceLink(**mine, service_id=SERVICE_IDS[number], linked_at=now))
                db.session.add(IdUse(**mine, use_id=UUID(int=number), what="linked", used_at=now))
            for what, code in (("linked", ""), ("refused", "mykey-id-stopped")):
                figure = {"service_provider_id": SHOP, "day": now.date(), "what": what, "code": code}
                db.session.add(DailyFigure(**figure, times=4))
            db.session.commit()

    def plays(self, act):
        """Return what an act was told, and what was said to the database meanwhile."""
        said = []

        def note(_connection, _cursor, statement, parameters, *_):
            said.append((statement, plain(parameters)))

        event.listen(Engine, "before_cursor_execute", note)
        try:
            return act(self), said
        finally:
            event.remove(Engine, "before_cursor_execute", note)


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request, tmp_path):
    """Give two databases of a kind."""
    with ExitStack() as stack:
        made = contextmanager(a_database)
        yield [stack.enter_context(made(request.param, request, _folder(tmp_path / name))) for name in ("one", "other")]


def _folder(path):
    path.mkdir()
    return path


@pytest.fixture
def database(databases):
    return databases[0]


@pytest.fixture
def compiled_sql():
    """Let each portal compile its statements, which takes from the randomness, for itself."""
    return SimpleNamespace(share=lambda _url, _engine: None)


@pytest.fixture
def chance(monkeypatch):
    """Let all randomness of the process come from a stream that can be begun again."""
    stream = random.Random()  # noqa: S311 - the same each time
    monkeypatch.setattr(os, "urandom", stream.randbytes)  # uuid4 and the tokens of forms take it from there
    return stream


@pytest.fixture
def worlds(app_with, databases, authority, keys, clock, chance):
    """Give two portals that differ in the shop's links alone."""
    dates = {"not_before": VALID["not_before"], "public_key": keys[0].public_key()}
    people = {name: authority.issue(common_name, **VALID | dates) for name, common_name in PEOPLE.items()}
    people["stranger"] = authority.issue(NEW, **VALID | dates)
    people["expired"] = authority.issue(NEW, **dates, not_after=clock() - timedelta(days=1))
    made = []
    for url in databases:
        app = app_with(database_url=url, token_bytes=chance.randbytes)
        chance.seed(1)  # after the secret key, which both share
        made.append(World(app, authority, keys, clock, people))
    made[1].shop_links()
    return made


def test_nothing_that_a_provider_is_told_differs_by_another_providers_links(worlds, chance):
    for name, act in SCRIPT.items():
        played = []
        for world in worlds:
            chance.seed(name)
            played.append(world.plays(act))
        (told_without, said_without), (told_with, said_with) = played
        assert told_with == told_without, name
        assert said_with == said_without, name
        assert not name.startswith(("table", "import")) or told_with[0] != 403, "nobody is signed in"
        holds = {string for string in STRINGS if string in str(told_with)}
        assert bool(holds) == (name in SHOWN | OWN_FILE), name


def test_the_script_meets_what_a_provider_may_meet(worlds):
    statuses = {name: told[0] for name, act in SCRIPT.items() if isinstance(told := act(worlds[1]), tuple)}
    assert {200, 201, 204, 403, 404, 409, 422} <= set(statuses.values())
    assert statuses["look up an expired"] == 422
    assert statuses["link"] == statuses["link what another provider has"] == 201
