"""What was typed comes back after the sign-in, to the same person, in the same tab, and nowhere else."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import delete

from portal.domain.roles import Role
from portal.extensions import db
from portal.models import BrowserSession
from tests.e2e.axe import look_at
from tests.e2e.browser import pairing_code, ready, see_state, start, type_digits
from tests.e2e.other_bridge import pair
from tests.e2e.staff import add_staff, enrol, sign_in_staff

TYPED = {"id": "C-γ1-0001", "name": "見本 <文庫> \"'", "reason": "契約した"}
FORM = 'form[action="/operator/providers"]'


@pytest.fixture
def end_sessions(portal):
    """Let every session be over, as half an hour does."""

    def end():
        with portal.app.app_context():
            db.session.execute(delete(BrowserSession))
            db.session.commit()

    return end


@pytest.fixture
def refused(portal, page, end_sessions):
    """Sign an operator in, let the session end under a form that was refused once already, and press its button."""
    sign_in_staff(portal, page, "運営 一郎", (Role.OPERATOR,))
    page.goto("/operator")
    ready(page)
    for name, value in TYPED.items():
        page.fill(f'{FORM} [name="{name}"]', value if name != "reason" else "")
    page.click(f"{FORM} button")
    expect(page.locator("main")).to_contain_text("理由が入っていません。")
    ready(page)
    page.fill(f'{FORM} [name="reason"]', TYPED["reason"])
    end_sessions()
    page.click(f"{FORM} button")
    expect(page.locator("h1")).to_have_text("職員のサインインが必要です。")
    return page


def sign_in(page):
    page.click("form[data-passkey] button")


def test_staff_come_back_to_what_they_typed_and_send_it(refused):
    expect(refused).not_to_have_title("エラー")
    expect(refused.locator("main")).not_to_contain_text("staff-sign-in-needed")
    expect(refused.locator("[data-keeps-form]")).to_be_visible()
    look_at(refused)
    sign_in(refused)
    expect(refused.get_by_role("status")).to_contain_text("前に入力していた内容です。")
    look_at(refused)
    for name, value in TYPED.items():
        expect(refused.locator(f'{FORM} [name="{name}"]')).to_have_value(value)
        assert value not in refused.url
    refused.click(f"{FORM} button")
    expect(refused.locator("main")).to_contain_text(TYPED["name"])
    refused.goto("/operator")
    expect(refused.locator(f'{FORM} [name="id"]')).to_have_value("")
    assert refused.evaluate("sessionStorage.getItem('mykey-form')") is None


def test_a_part_of_a_page_tells_that_the_session_is_over_and_what_is_typed_stays(portal, town, page, end_sessions):  # noqa: ARG001
    sign_in_staff(portal, page, "運営 一郎", (Role.OPERATOR,))
    page.goto("/operator/provider/settings?id=A-α1-0001")
    ready(page)
    end_sessions()
    page.fill("#picture", "999999")
    told = page.locator("[data-signed-out]")
    expect(told).to_contain_text("職員のサインインが必要です。")
    look_at(page)
    expect(page.locator("#picture")).to_have_value("999999")
    told.locator("a").click()
    sign_in(page)
    page.wait_for_url("**/operator/provider/settings?id=*")


def test_a_file_is_not_kept_and_staff_are_told_so_where_they_choose_it(portal, page, end_sessions):
    sign_in_staff(portal, page, "運営 一郎", (Role.OPERATOR,))
    page.goto("/correspondence")
    ready(page)
    page.set_input_files("#file", {"name": "a.csv", "mimeType": "text/csv", "buffer": b"a,b"})
    end_sessions()
    page.click("main form button")
    expect(page.locator("[data-keeps-nothing]")).to_be_visible()
    sign_in(page)
    page.wait_for_url("**/correspondence")
    expect(page.get_by_role("status")).to_have_text("コードとファイルは残していません。もう一度入れてください。")


def test_somebody_else_does_not_get_it(refused, portal):
    enrol(refused, add_staff(portal, "運営 二郎", (Role.OPERATOR,)))
    refused.goto("/operator")
    expect(refused.locator(f'{FORM} [name="id"]')).to_have_value("")
    assert refused.evaluate("sessionStorage.getItem('mykey-form')") is None


def test_a_citizen_comes_back_to_the_id_that_was_typed_but_no_code_is_kept(page, portal, card, end_sessions):
    def read():
        digits = pair(portal.origin, pairing_code(start(page)), card)
        see_state(page, "answered")
        type_digits(page, digits)
        page.wait_for_url("**/registration*")

    read()
    page.goto("/stop")
    ready(page)
    page.fill("#stop_code", "ABCDEFGH")
    end_sessions()
    page.click('form[action="/stop"] button')
    expect(page.locator("[data-keeps-form]")).to_be_attached()
    assert '"typed":[]' in page.evaluate("sessionStorage.getItem('mykey-form')")
    read()
    page.click('a[href="/registration?first=yes"]')
    ready(page)
    page.fill("#mykey_id", "YAMADAHANA1122")
    expect(page.locator("#mykey_id-check")).to_contain_text("この文字で仮登録します")
    end_sessions()
    page.click('form[action="/registration/reservation"] button')
    expect(page.locator("[data-keeps-form]")).to_be_visible()
    read()
    expect(page.locator("#mykey_id")).to_have_value("YAMADAHANA1122")
    assert "YAMADAHANA1122" not in page.url
