"""While the portal moves to another database: what only reads is there, and every act is refused in words."""

import pytest

from portal.domain.roles import Role
from portal.read_only import Move, ReadOnly, digest_of
from tests.conftest import NOW
from tests.portal.actors.pages import Citizen
from tests.portal.actors.staff import signed_in_staff
from tests.portal.actors.tablet import Tablet, sent
from tests.portal.actors.town import HANAKO, LIBRARY
from tests.portal.commands.test_db_copy import contents
from tests.portal.providers.test_terminal_api import calling

WRITES = {"/certificate/card"}
"""What is shown once."""


@pytest.fixture
def moves(settings):
    """Let the portal move from now on."""

    def begin(*, until=None, done=False):
        read_only = ReadOnly(settings.instance, settings.database)
        read_only.write(Move(digest_of(settings.database), digest_of("sqlite:///elsewhere"), done, until))
        return read_only

    return begin


@pytest.fixture
def everybody(town, app):
    """Give a browser of each kind, all signed in, in a town where people live."""
    card = town.card(HANAKO)
    person_id = town.register(card, LIBRARY)
    return {
        "nobody": Citizen(app),
        "citizen": town.signed_in(person_id),
        "card": town.before(card, "register"),
        "staff": signed_in_staff(app, roles=(Role.CLERK, Role.OPERATOR)),
        "provider": signed_in_staff(app, "図書館 花子", (Role.PROVIDER,), provider=LIBRARY),
        "tablet": Tablet(town),
    }


def statuses(app, everybody):
    """Return the status of each page for each kind of browser."""
    addresses = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in rule.methods and not rule.arguments and rule.rule not in {"/bridge/<file>", "/readyz"}
    ]
    return {
        (who, address): browser.client.get(address, base_url=browser.base).status_code
        for who, browser in everybody.items()
        for address in addresses
    }


def test_every_page_that_only_reads_is_there_and_nothing_is_written(app, everybody, moves, settings, clock):
    del everybody["card"]  # whose time would be over
    before = statuses(app, everybody)
    assert sum(status == 200 for status in before.values()) > 100
    moves()
    clock.forward(minutes=6)  # sessions would be prolonged
    kept = contents(settings.database)
    after = statuses(app, everybody)
    changed = {row: status for row, status in after.items() if status != before[row]}
    assert {row: status for row, status in changed.items() if row[1] not in WRITES} == {}
    assert contents(settings.database) == kept


@pytest.mark.parametrize("language", ["ja", "en", "easy"])
def test_every_act_is_refused_in_words_with_how_long_it_will_take(everybody, moves, settings, language):
    for browser in everybody.values():
        browser.get(f"/language/{language}", Referer=f"{browser.base}/sign-in")
    tokens = {who: browser.get("/sign-in").csrf_token for who, browser in everybody.items()}
    kept = contents(settings.database)
    moves(until=NOW.replace(minute=12, second=1))
    for who, address, fields in ACTS:
        page = everybody[who].post(address, csrf_token=tokens[who], **fields)
        assert page.status == 503, (who, address, page.words)
        assert LEAST_SAID[language] in page.words, (who, address, page.words)
        assert "13" in page.words or page.value("data-problem") is None
    assert contents(settings.database) == kept


ACTS = (
    ("nobody", "/card-sessions", {"purpose": "sign-in"}),
    ("citizen", "/account/stop", {}),
    ("card", "/registration", {}),
    ("staff", "/operator/providers", {"id": "C-γ1-0001", "name": "文庫", "reason": "契約", "step": "confirmed"}),
    ("tablet", "/reception/reading", {"step": "card"}),
)
LEAST_SAID = {"ja": "見ることだけができます", "en": "you can only look", "easy": "ことだけ できます"}


def test_who_signs_out_is_signed_out(everybody, moves):
    citizen = everybody["citizen"]
    citizen.get("/account")
    moves()
    citizen.post("/sign-out")
    assert citizen.cookies() == set()
    assert citizen.get("/account").status == 403


def test_a_call_is_told_to_send_it_again(everybody, moves, town):
    moves()
    tablet = everybody["tablet"]
    tablet.tap(town.card(HANAKO))
    assert (tablet.told.status_code, tablet.told.json["code"]) == (503, "unavailable")
    assert tablet.told.headers["Retry-After"]


def test_a_look_up_is_told_to_come_again(everybody, moves, town, settings):
    bridge = calling(town.app.test_client(), f"Bearer {everybody['tablet'].token}")
    kept = contents(settings.database)
    moves()
    reply = bridge("inquiries", certificate=sent(town.card(HANAKO)))
    assert (reply.status_code, reply.json["code"]) == (503, "unavailable")
    assert contents(settings.database) == kept


def test_a_page_says_so_before_anything_is_typed(app, moves):
    assert "data-read-only" not in Citizen(app).get("/sign-in").response.text
    moves()
    page = Citizen(app).get("/sign-in")
    assert "data-read-only" in page.response.text
    assert page.status == 200


def test_a_form_whose_session_was_never_written_is_refused_for_the_same_reason(app, moves):
    moves()
    citizen = Citizen(app)
    citizen.get("/register")
    page = citizen.post("/card-sessions", purpose="register", agree="yes")
    assert (page.status, page.value("data-problem")) == (503, "read-only")
    assert "data-keeps-form" in page.response.text


def test_it_ends_by_itself_and_for_another_database(moves, settings, everybody):
    read_only = moves(done=True)
    assert read_only()
    assert not ReadOnly(settings.instance, "sqlite:///elsewhere")()
    assert not ReadOnly(settings.instance, "sqlite:///third")()
    read_only.end()
    assert everybody["citizen"].post("/account/stop").status == 200
