"""The first steps: each state as it is at this moment, from nothing to the first tap."""

import re

import pytest
from cryptography.hazmat.primitives.hashes import SHA256

from portal.domain.roles import Role
from tests.authority import Authority
from tests.conftest import VALID
from tests.conftest import sqlite_alone as database  # noqa: F401 (a fixture)
from tests.portal.actors.staff import StaffBrowser, added_staff, code_of, list_of_staff, signed_in_staff
from tests.portal.actors.tablet import Tablet
from tests.portal.actors.town import Town

ADDRESS = "/operator/first-steps"
STEPS = ["address", "trust", "revocation", "contact", "place", "passkey", "second", "provider", "terminal", "tap"]


def states(browser, **headers):
    """Open the page; return each step's state, in order."""
    page = browser.get(ADDRESS, **headers)
    found = re.findall(r'id="([a-z]+)">\s*<h2>.*?first-step__state--([a-z-]+)"', page.response.text, re.DOTALL)
    assert [name for name, _ in found] == STEPS
    return dict(found)


@pytest.fixture
def alone(app):
    """Give an operator of a portal without any provider."""
    return signed_in_staff(app, "運営 一郎", (Role.OPERATOR,))


def test_the_link_of_set_up_leads_there_and_any_other_to_the_staffs_page(app):
    first = StaffBrowser(app)
    with app.app_context():
        token = app.extensions["mykey"].staff.set_up()
    first.open_link(token)
    first.post("/staff/name", name="運営 一郎")
    assert "はじめの準備" in first.make_passkey().words
    assert "運営 一郎さんのパスキーの数：1" in first.page.words
    assert "はじめの準備" in first.get("/staff").words
    assert "職員のページ" in added_staff(app, "運営 花子", (Role.OPERATOR,)).enrol().words


def test_only_an_operator_sees_it(clerk):
    assert code_of(clerk.get(ADDRESS)) == "role-missing"
    assert "はじめの準備" not in clerk.get("/staff").words


def test_a_new_portal_has_its_steps_before_it(alone):
    found = states(alone)
    assert [name for name, state in found.items() if state == "to-do"] == [
        "contact", "second", "provider", "terminal", "tap",
    ]  # fmt: skip
    assert found["passkey"] == "done"
    assert "先に、図書館かお店を登録してください。" in alone.page.words


@pytest.mark.parametrize(
    ("trusted", "forwarded", "state", "told"),
    [
        (0, None, "look", "だれからの接続かを伝えていません"),
        (0, "203.0.113.9", "look", "信頼する数が0です"),
        (2, "203.0.113.9", "look", "設定より少ないプロキシー"),
        (1, None, "look", "だれからの接続かを伝えていません"),
        (1, "203.0.113.9", "done", "httpsで届きました"),
        (1, "198.51.100.1, 203.0.113.9", "done", "httpsで届きました"),
    ],
)
def test_the_address_is_judged_by_this_very_request(app_with, trusted, forwarded, state, told):
    browser = signed_in_staff(app_with(trusted_proxies=trusted), "運営 一郎", (Role.OPERATOR,))
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    assert states(browser, **headers)["address"] == state
    assert told in browser.page.words


def test_authorities_are_shown_to_be_compared(app_with):
    genuine = Authority.create(organisation="JPKI", **VALID)
    app = app_with()
    browser = signed_in_staff(app, "運営 一郎", (Role.OPERATOR,))
    assert states(browser)["trust"] == "look"  # that of a demo
    assert "テスト用かデモ用" in browser.page.words
    folder = app.extensions["mykey"].settings.instance / "trust"
    (folder / "demo.pem").write_bytes(genuine.pem())
    assert states(browser)["trust"] == "done"
    assert genuine.certificate.fingerprint(SHA256()).hex(":").upper() in browser.page.words
    (folder / "demo.pem").write_bytes(b"no certificate")
    assert (states(browser)["trust"], "読めません" in browser.page.words) == ("look", True)


@pytest.mark.parametrize(("revocation", "state"), [("none", "done"), ("crl", "look"), (None, "look")])
def test_no_revocation_is_done_when_it_is_written_down(app_with, revocation, state):
    browser = signed_in_staff(app_with(revocation=revocation), "運営 一郎", (Role.OPERATOR,))
    assert states(browser)["revocation"] == state


def test_a_name_and_a_way_to_ask_are_the_contact(app_with):
    app = app_with(operator_telephone="03-1234-5678")
    browser = signed_in_staff(app, "運営 一郎", (Role.OPERATOR,))
    assert states(browser)["contact"] == "done"
    assert "03-1234-5678" in browser.page.words


def test_a_second_operator_or_a_second_passkey_is_enough(app, alone):
    assert states(alone)["second"] == "to-do"
    assert f"mykey staff link {alone.staff_id}" in alone.page.words
    signed_in_staff(app, "運営 花子", (Role.OPERATOR,))
    assert states(alone)["second"] == "done"
    with list_of_staff(alone) as (staff_list, _):
        staff_list.suspend(staff_list.find("運営 花子")[0].staff_id)
    assert states(alone)["second"] == "to-do"


def test_from_the_first_library_to_the_first_tap(app, alone, authority, keys, clock):
    town = Town(app, authority, keys, clock)
    found = states(alone)
    assert [found[name] for name in ("provider", "terminal", "tap")] == ["done", "to-do", "to-do"]
    card = town.card()
    town.register(card)
    tablet = Tablet(town)
    found = states(alone)
    assert [found[name] for name in ("provider", "terminal", "tap")] == ["done", "done", "to-do"]
    assert "に通信しました" in alone.page.words
    tablet.link(card, "000123")
    assert states(alone)["tap"] == "done"
    clock.forward(days=200)
    with app.app_context():
        app.extensions["mykey"].retention.forget()
    alone.sign_in()
    assert states(alone)["tap"] == "done"


def test_imported_links_are_no_tap(app, alone, authority, keys, clock):
    town = Town(app, authority, keys, clock)
    town.register(town.card(), "A-α1-0001")
    assert states(alone)["tap"] == "to-do"


def test_a_terminal_that_is_half_enrolled_wants_a_look(app, operator):
    with app.app_context():
        services = app.extensions["mykey"]
        _, codes = services.terminals.add("A-α1-0001", "受付1")
        assert states(operator)["terminal"] == "look"
        services.enrolment.enrol_bridge(codes.bridge)
    assert states(operator)["terminal"] == "look"
    assert "画面は未登録" in operator.page.words
