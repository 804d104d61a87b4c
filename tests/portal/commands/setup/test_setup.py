"""`mykey setup`: the first operator comes by a one-time link, names themselves and makes a passkey."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from portal.domain.roles import Role
from portal.models import AuditEntry, Passkey, Staff, StaffLink
from portal.services.operation.staff import FIRST_OPERATOR
from tests.portal.actors.card_holders import rows
from tests.portal.actors.staff import StaffBrowser, code_of, count, signed_in_staff


@pytest.fixture
def browser(app, clock):
    clock.now = datetime.now(UTC)
    return StaffBrowser(app)


@pytest.fixture
def link(told):
    """Make a link; return its token."""

    def make():
        return re.fullmatch(r"https://id\.example\.jp/staff/enrol#([A-Za-z0-9_-]{32})", told("setup")["link"])[1]

    return make


def named(browser, token, name="運営 一郎"):
    browser.open_link(token)
    return browser.post("/staff/name", name=name)


def test_the_first_operator_says_who_that_is_and_makes_a_passkey(browser, link, told, app):
    assert "最初の運営者" in browser.open_link(link()).words
    assert "運営 一郎" in browser.post("/staff/name", name=" 運営 一郎 ").words
    page = browser.make_passkey()
    assert ("運営 一郎" in page.words, "運営者" in page.words) == (True, True)
    [staff] = rows(app, Staff)
    assert (staff.name, staff.roles) == ("運営 一郎", [Role.OPERATOR])
    events = [entry.event for entry in rows(app, AuditEntry)]
    assert events[:3] == ["operator:staff:added", "operator:staff:link-made", "operator:staff:named"]
    assert told("setup")["link"] is None


def test_a_newer_link_voids_the_older_one_and_makes_no_second_operator(browser, link, app):
    older = link()
    newer = link()
    assert code_of(browser.open_link(older)) == "staff-link-invalid"
    assert "最初の運営者" in browser.open_link(newer).words
    assert (count(app, Staff), count(app, StaffLink)) == (1, 1)


def test_a_link_serves_once_also_in_the_browser_that_used_it(browser, link):
    token = link()
    named(browser, token)
    browser.make_passkey()
    assert code_of(browser.open_link(token)) == "staff-link-invalid"
    assert code_of(browser.post("/staff/name", name="別の人")) == "staff-link-invalid"


def test_without_a_name_there_is_no_passkey(browser, link, app):
    browser.open_link(link())
    assert "最初の運営者" in browser.get("/staff/passkey").words
    for name in ("", "  ", "a\nb", "花" * 65):
        assert "/help/errors#staff-name-malformed" in browser.post("/staff/name", name=name).response.text
    browser.get("/staff/sign-in")
    options = browser.options() | {"user": {"id": "AAAAAAAAAAAAAAAAAAAAAQ"}}
    answer = browser.authenticator.create(options)
    assert code_of(browser.post("/staff/passkey", credential=answer)) == "staff-name-malformed"
    assert count(app, Passkey) == 0


def test_once_an_operator_has_a_passkey_an_open_link_of_set_up_names_nobody(browser, link, app):
    browser.open_link(link())
    signed_in_staff(app, "別の運営者", roles=(Role.OPERATOR,))
    assert code_of(browser.post("/staff/name", name="運営 一郎")) == "staff-link-invalid"


def test_an_open_link_of_set_up_makes_no_second_operator(browser, link, app):
    named(browser, link(), "攻撃者")
    browser.get("/staff/passkey")
    with app.app_context():
        _, token = app.extensions["mykey"].staff.add("運営 花子", [Role.OPERATOR])
    hanako = StaffBrowser(app)
    hanako.open_link(token)
    hanako.make_passkey()
    assert browser.make_passkey().status == 403
    assert (code_of(browser.get("/operator")), count(app, Passkey)) == ("staff-sign-in-needed", 1)


def test_a_new_link_of_the_first_operator_outlives_a_passkey_of_another(browser, link, app):
    named(browser, link())
    browser.make_passkey()
    second = signed_in_staff(app, "運営 二郎", (Role.OPERATOR,))
    with app.app_context():
        token = app.extensions["mykey"].staff.new_link(FIRST_OPERATOR, forget_passkeys=True, by=second.staff_id)
    signed_in_staff(app, "運営 三郎", (Role.OPERATOR,))
    assert "運営 一郎" in StaffBrowser(app).open_link(token).words


def test_a_clerk_alone_is_no_operator_and_cannot_take_the_name(app, link, browser):
    clerk = signed_in_staff(app)
    assert code_of(clerk.post("/staff/name", name="運営 一郎")) == "staff-link-invalid"
    assert "運営 一郎" in named(browser, link()).words


def test_of_two_browsers_with_one_link_at_once_one_names_and_one_makes_the_passkey(app, browser, link):
    token, browsers = link(), [browser, StaffBrowser(app)]
    for each in browsers:
        each.open_link(token)
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda who: who[0].post("/staff/name", name=who[1]), zip(browsers, "甲乙", strict=True)))
        [staff] = rows(app, Staff)
        assert staff.name in "甲乙"
        assert all(staff.name in each.page.words for each in browsers)
        pages = list(threads.map(StaffBrowser.make_passkey, browsers))
    assert sorted(page.status for page in pages) == [200, 403]
    assert count(app, Passkey) == 1


def test_two_set_ups_at_once_leave_one_link(app):
    def set_up(_):
        with app.app_context():
            return app.extensions["mykey"].staff.set_up()

    with ThreadPoolExecutor(2) as threads:
        tokens = list(threads.map(set_up, range(2)))
    assert (count(app, Staff), count(app, StaffLink)) == (1, 1)
    statuses = sorted(StaffBrowser(app).open_link(token).status for token in tokens)
    assert statuses == [200, 403]
