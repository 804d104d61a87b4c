"""The providers of the demo: what a start finds of the one before, and what their page takes."""

from contextlib import contextmanager

import pytest

from demo.cards import AT_SHOPS
from demo.desk import Desk
from demo.reader_page import create_reader_page
from demo.shop import PLACES, TERMINAL, Shop
from demo.virtual_card import VirtualCard
from reader_bridge.portal.origin import Origin
from tests.conftest import sqlite_alone as database  # noqa: F401 (a fixture)

LIBRARY = PLACES[0]
PORTAL = Origin.parse("http://127.0.0.1:9")  # where nobody answers
HERE = Origin.parse("http://127.0.0.1:8001")
OURS = {"Origin": str(HERE)}


@pytest.fixture
def desk():
    card = {"certificate": None, "key": None, "authority_certificate": None}
    return Desk(PORTAL, {each.name: VirtualCard(**card) for each in AT_SHOPS})


@pytest.fixture
def start(app, desk):
    """Start the library's desk, as each start of the demo does."""
    return lambda: Shop(LIBRARY, app, desk)


@pytest.fixture
def services(app):
    """Open the portal's services for as long as a block; SQLite has one writer, and each context is one."""

    @contextmanager
    def opened():
        with app.app_context():
            yield app.extensions["mykey"]

    return opened


@pytest.fixture
def client(start, desk):
    page = create_reader_page(HERE, desk, {"library": start()}, None)
    page.testing = True
    page.config["SERVER_NAME"] = HERE.authority
    return page.test_client()


def test_the_next_start_finds_provider_and_terminal_and_makes_another_code(start, services):
    codes = [start().code(), start().code()]
    with services() as portal:
        [terminal] = portal.terminals.of_provider(LIBRARY.service_provider_id)
    assert (terminal.name, terminal.staffed) == (TERMINAL, True)
    assert len(set(codes)) == 2


def test_a_page_that_is_bound_stays_bound_and_is_shown_no_code(start, services):
    code = start().code()
    with services() as portal:
        _, cookie = portal.enrolment.enrol_page(code)
    shop = start()
    assert shop.code() is None
    shop.new_code()
    code = shop.code()
    with services() as portal:
        assert portal.enrolment.of_page(cookie)
        portal.enrolment.enrol_page(code)
    assert shop.code() is None


def test_a_terminal_that_an_operator_revoked_is_told_and_replaced_at_the_next_start(start, services):
    shop = start()
    with services() as portal:
        [terminal] = portal.terminals.of_provider(LIBRARY.service_provider_id)
        portal.terminals.revoke(terminal.terminal_id)
    shop.new_code()
    assert shop.told == (None, "terminal-unknown")
    start()
    with services() as portal:
        assert len(portal.terminals.of_provider(LIBRARY.service_provider_id)) == 2


def test_a_card_in_the_citizen_s_reader_is_taken_out_of_it(start, desk):
    desk.insert("hanako")
    start().tap("hanako")
    assert desk.inserted is None


def test_the_page_says_how_a_tap_went_in_one_line(client):
    assert client.get("/shop").location == "/shop/library"
    assert client.post("/shop/library/tap", data={"card": "hanako"}, headers=OURS).location == "/shop/library"
    page = client.get("/shop/library").text
    assert "<strong>ふつうのカード</strong>：この" in page


def test_a_strange_card_place_or_sender_is_refused(client):
    assert client.post("/shop/library/tap", data={"card": "locked"}, headers=OURS).status_code == 400
    assert client.post("/shop/library/tap", data={"card": "hanako"}).status_code == 403
    assert client.post("/shop/library/code").status_code == 403
    assert client.get("/shop/elsewhere").status_code == 404


def test_the_language_leads_back_to_the_reader_that_was_shown(client):
    assert client.get("/language/en?place=library").location == "/shop/library"
    assert client.get("/language/en?place=//evil.example").location == "/"
    assert "Library card reader" in client.get("/shop/library").text
