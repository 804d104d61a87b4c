"""The demo's authority rewrites a virtual card at the counter; a portal in production rewrites none."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from demo.cards import deck
from demo.instance import DemoInstance
from demo.rewriting import DemoRewriting
from portal import create_app
from portal.domain.errors import NotConfiguredError
from portal.domain.formats.japanese_date import JST
from portal.domain.roles import Role
from portal.pki.path import key_digest
from tests.conftest import Clock
from tests.portal.actors.at_counter import CHOSEN, Town
from tests.portal.actors.staff import code_of
from tests.portal.actors.town import HANAKO
from tests.portal.actors.town import Town as Citizens

DONE = "手続きが終わりました。"
DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def kept(tmp_path):
    return DemoInstance(tmp_path)


@pytest.fixture
def cards(kept):
    return deck(kept)


@pytest.fixture
def rewriting(kept, cards):
    return DemoRewriting(kept, cards)


@pytest.fixture
def instance(kept, cards):
    assert cards
    return kept.folder


@pytest.fixture
def clock():
    clock = Clock()
    clock.now = datetime.now(UTC) - timedelta(hours=1)  # the demo's authority issues at the time of the day
    return clock


def issuer(kept):
    return key_digest(kept.authority.certificate)


def pair(kept, name="hanako"):
    return kept.issued(name, "")


def certificate_on(card):
    """Read the certificate as a bridge does."""
    card.power_on()
    for select in ("00a4040c0ad392f000260100000001", "00a4020c02000a"):
        assert card.respond(bytes.fromhex(select))[-2:] == b"\x90\x00"
    header = card.respond(bytes.fromhex("00b0000004"))[:-2]
    length = 4 + int.from_bytes(header[2:])
    content = b"".join(card.respond(bytes([0, 0xB0, at >> 8, at & 0xFF, 0]))[:-2] for at in range(0, length, 256))
    return content[:length]


def test_a_rewritten_card_bears_the_reserved_id_and_signs_with_a_new_key(kept, cards, rewriting):
    before, old_key = pair(kept)
    rewriting.rewrite(issuer(kept), f"{before.serial_number:x}", CHOSEN)
    after, key = pair(kept)
    assert certificate_on(cards["hanako"]) == after.public_bytes(Encoding.DER)
    assert after.subject.rfc4514_string() == f"CN={CHOSEN}07202002B,C=JP"
    assert after.not_valid_after_utc == before.not_valid_after_utc
    assert after.serial_number != before.serial_number
    assert after.public_key() == key.public_key() != old_key.public_key()


def test_a_restart_keeps_the_rewritten_card(kept, rewriting):
    before, _ = pair(kept)
    rewriting.rewrite(issuer(kept), f"{before.serial_number:x}", CHOSEN)
    later = DemoInstance(kept.folder)
    assert certificate_on(deck(later)["hanako"]) == pair(kept)[0].public_bytes(Encoding.DER)


@pytest.fixture
def town(app, kept, keys, clock):
    return Citizens(app, kept.authority, keys, clock)


@DATABASE
@pytest.mark.parametrize("way", ["code", "file"])
def test_a_newcomer_carries_the_record_of_a_renewed_card_over_by_code_and_by_file(town, kept, cards, rewriting, way):
    old = pair(kept)[0]
    person_id = town.register(old)
    code = town.code_of(old)
    rewriting.renew("hanako")
    new = pair(kept)[0]
    assert certificate_on(cards["hanako"]) == new.public_bytes(Encoding.DER)
    town.clock.now = datetime.now(UTC) + timedelta(seconds=1)
    if way == "code":
        assert town.by_code(new, code) == person_id
    else:
        confirm(town, rewriting.correspondence)
        assert town.do("renewal", "by_correspondence", new, "renew") == person_id
    assert town.current_id(person_id) == new.subject.rfc4514_string()[3:17] != HANAKO[:14]


def confirm(town, file):
    """Have one operator load a file and another confirm it."""
    files = town.services.correspondence_files
    with town.app.app_context():
        one, other = (town.services.staff.add(name, (Role.OPERATOR,), None)[0].staff_id for name in ("一郎", "二郎"))
        loaded = files.load(one, "correspondence.csv", file.encode())
        assert len(files.confirm(loaded.file_id, other).sound) == 1


def test_a_card_can_be_renewed_again_and_again_to_the_same_birthday(kept, rewriting):
    ends = {pair(kept)[0].not_valid_after_utc.astimezone(JST).strftime("%m-%d")}
    for _ in range(5):
        rewriting.renew("hanako")
        ends.add(pair(kept)[0].not_valid_after_utc.astimezone(JST).strftime("%m-%d"))
    assert len(ends) == 1
    assert pair(kept)[0].not_valid_after_utc < kept.authority.certificate.not_valid_after_utc


def test_a_card_that_is_elsewhere_is_not_rewritten(kept, rewriting):
    certificate, _ = pair(kept)
    serial = f"{certificate.serial_number:x}"
    for name in ((issuer(kept), "1"), ("0" * 64, serial)):
        with pytest.raises(LookupError):
            rewriting.rewrite(*name, CHOSEN)
    assert pair(kept)[0] == certificate


@DATABASE
def test_a_portal_in_production_takes_no_authority_of_a_demo(settings, rewriting):
    production = settings.model_copy(update={"revocation": "none"})
    with pytest.raises(NotConfiguredError, match="Only a demo rewrites"):
        create_app(production, rewriting=rewriting)


@pytest.fixture
def visit(app, kept, keys, clock):
    """Open a visit for the reservation of a demo's card, which has been read."""
    town = Town(app, kept.authority, keys, clock)
    town.register(pair(kept))
    desk = town.clerk()
    desk.open(town.reserve(pair(kept)))
    desk.read("before", pair(kept))
    return desk


@DATABASE
def test_at_a_portal_without_it_the_button_and_its_address_are_absent(visit):
    assert "デモの認証局" not in visit.look().words
    assert code_of(visit.browser.post(f"{visit.visit}/rewriting")) == "not-found"


@DATABASE
class TestWithTheDemosAuthority:
    @pytest.fixture
    def app(self, settings, clock, rewriting):
        return create_app(settings, demo_reader="http://127.0.0.1:1/", rewriting=rewriting, clock=clock)

    def test_the_whole_visit_happens_in_the_demo(self, visit, kept, clock):
        assert "デモの認証局" in visit.look().words
        visit.browser.post(f"{visit.visit}/rewriting")
        clock.now = datetime.now(UTC) + timedelta(seconds=1)
        visit.browser.sign_in()
        assert "本登録にする" in visit.read("after", pair(kept)).words
        assert DONE in visit.finish().words

    def test_a_card_that_the_demo_does_not_have_is_told_so(self, visit):
        visit.browser.post(f"{visit.visit}/rewriting")
        assert code_of(visit.browser.post(f"{visit.visit}/rewriting")) == "rewriting-impossible"
