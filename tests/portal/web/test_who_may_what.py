"""One table of who may do what: somebody else's session, code or card does nothing. Each row is a test."""

from uuid import UUID

import pytest
from sqlalchemy import select

from portal.domain.formats.stop_code import with_check
from portal.extensions import db
from portal.models import Base, BrowserSession, CardSession
from tests.conftest import sqlite_alone as database  # noqa: F401 (a fixture)
from tests.portal.actors.town import CHOSEN, HANAKO, LIBRARY, SHOP, TARO

TRANSIENT = {BrowserSession.__tablename__, CardSession.__tablename__}


@pytest.fixture
def hanako(town):
    """Register Hanako, with a link and a reservation; hers is what nobody else may change."""
    certificate = town.card(HANAKO)
    town.register(certificate, LIBRARY)
    town.do("provisional_registration", "reserve", certificate, "register", CHOSEN)
    town.code_of(certificate)
    return certificate


@pytest.fixture
def taro(town):
    certificate = town.card(TARO)
    town.register(certificate, SHOP)
    return certificate


def kept_of(town, person_id):
    """Return every row about a person that outlives a session."""
    found = {}
    with town.app.app_context():
        for table in Base.metadata.sorted_tables:
            if "person_id" in table.c and table.name not in TRANSIENT:
                rows = db.session.execute(select(table).where(table.c.person_id == person_id))
                found[table.name] = sorted(map(str, rows))
    return found


# Who: what stands in the browser's session.
def nobody(town, hanako, taro):  # noqa: ARG001
    return town.browser()


def hanako_signed_in(town, hanako, taro):  # noqa: ARG001
    return town.signed_in(town.person_of(hanako))


def taro_signed_in(town, hanako, taro):  # noqa: ARG001
    return town.signed_in(town.person_of(taro))


def card_of_taro(purpose):
    def taros_card(town, hanako, taro):  # noqa: ARG001
        return town.before(taro, purpose, service_provider_id=LIBRARY, service_id="000123")

    return taros_card


def card_of_hanako(purpose):
    def hanakos_card(town, hanako, taro):  # noqa: ARG001
        return town.before(hanako, purpose, service_provider_id=LIBRARY, service_id="000123")

    return hanakos_card


BY_CARD = ("carry-over", "link", "unlink", "cancel-registration", "cancel-reservation", "resume")
WITHOUT_CARD = [
    (who, "POST", address, fields)
    for who in (nobody, hanako_signed_in, taro_signed_in)
    for address, fields in (
        ("/acts", {}),
        ("/renewal", {"way": "undo"}),
        ("/renewal", {"way": "correspondence"}),
        ("/renewal", {"way": "code", "carry_over_code": "A" * 24}),
        ("/registration", {}),
        ("/registration/reservation", {"mykey_id": "SUZUKITARO0099"}),
    )
]
NOTHING_OF_HANAKO = [
    *WITHOUT_CARD,
    *((card_of_taro(purpose), "POST", "/acts", {}) for purpose in BY_CARD),
    *((card_of_hanako(purpose), "POST", "/renewal", {"way": "undo"}) for purpose in BY_CARD),
    (card_of_hanako("sign-in"), "POST", "/acts", {}),
    (card_of_hanako("sign-in"), "POST", "/registration", {}),
    (card_of_hanako("register"), "POST", "/acts", {}),
    (card_of_hanako("renew"), "POST", "/acts", {}),
    (card_of_hanako("carry-over"), "POST", "/registration/reservation", {"mykey_id": "SUZUKITARO0099"}),
    (card_of_taro("renew"), "POST", "/renewal", {"way": "undo"}),
    (card_of_taro("renew"), "POST", "/renewal", {"way": "correspondence"}),
    (card_of_taro("register"), "POST", "/registration/reservation", {"mykey_id": CHOSEN}),
    *((who, "POST", "/account/stop", {}) for who in (nobody, taro_signed_in)),
    (taro_signed_in, "POST", "/stop", {"stop_code": with_check("23456789ABCDEFG")}),
    *((who, "GET", address, {}) for who in (nobody, taro_signed_in) for address in ("/account", "/acts", "/renewal")),
]


def name(row):
    who, method, address, fields = row
    return f"{who.__name__} {method} {address} {fields.get('way', '')}"


@pytest.mark.parametrize("row", NOTHING_OF_HANAKO, ids=name)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_this_changes_nothing_of_hanakos_and_shows_nothing_of_it(town, hanako, taro, row):
    who, method, address, fields = row
    hanako_id = town.person_of(hanako)
    before, browser = kept_of(town, hanako_id), who(town, hanako, taro)
    page = browser.post(address, **fields) if method == "POST" else browser.get(address)
    assert kept_of(town, hanako_id) == before
    if "hanako" not in who.__name__:
        assert HANAKO[:14] not in page.words
        assert CHOSEN not in page.response.text or address == "/registration/reservation"


@pytest.mark.parametrize("purpose", BY_CARD)
def test_the_act_is_the_persons_of_the_card_and_the_page_says_whose_before_the_button(town, hanako, taro, purpose):
    browser = town.before(taro, purpose, service_provider_id=SHOP, service_id="000123")
    page = browser.get("/acts")
    assert TARO[:14] in page.words
    before = kept_of(town, town.person_of(hanako))
    browser.post("/acts")
    assert kept_of(town, town.person_of(hanako)) == before


@pytest.mark.parametrize("purpose", BY_CARD)
def test_another_browser_has_no_part_in_a_card_session_even_with_its_number(town, hanako, purpose):
    ours = town.before(hanako, purpose, service_provider_id=LIBRARY, service_id="000123")
    with town.app.app_context():
        number = db.session.scalars(select(CardSession.card_session_id)).all()[-1]
    assert isinstance(number, UUID)
    theirs = town.browser()
    assert theirs.get(f"/acts?card_session_id={number}").status == 403
    assert theirs.post("/acts", card_session_id=str(number)).status == 403
    assert ours.get("/acts").status == 200


def test_a_completed_reading_forgets_who_was_signed_in_before(complete, citizen, town, card, taro):
    complete()
    citizen.post("/registration")
    assert citizen.get("/account").status == 200
    complete("sign-in")
    assert citizen.get("/account").status == 200
    citizen.get("/account")
    complete("carry-over")
    assert citizen.get("/account").status == 403  # the card decides, from here on
    assert town.verified(card[0]).random_string in citizen.get("/acts").words
    assert town.person_of(taro)


def test_my_data_is_the_signed_in_persons_alone(town, hanako, taro):
    browser = town.signed_in(town.person_of(taro))
    text = browser.client.get(f"/account/data.json?person_id={town.person_of(hanako)}", base_url=browser.base).text
    assert TARO[:14] in text
    assert HANAKO[:14] not in text
