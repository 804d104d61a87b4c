"""証明書表示 of one's own card and the check of the bridge, in a real browser, with script and without."""

import pytest
from playwright.sync_api import expect

from tests.e2e.axe import look_at
from tests.e2e.browser import RANDOM_STRING, launch_link, pairing_code, press_register, see_state, start, type_digits
from tests.e2e.other_bridge import follow, meet, pair


def begin(page, way="/"):
    """Come to the waiting page from the start page or the own page."""
    page.goto(way)
    page.click('main a[href="/certificate"]')
    page.click("main form:has([value=show]) button")
    see_state(page, "started")


def test_a_card_is_shown_once_from_the_start_page_and_again_only_when_read_again(page, card):
    begin(page)
    opened = page.context.new_page()
    opened.goto(follow(launch_link(page), card))
    expect(opened.locator("#details")).to_contain_text(RANDOM_STRING)
    look_at(opened)
    opened.reload()
    expect(opened.locator(".notice")).to_contain_text("1回だけ表示します")
    look_at(opened)
    page.reload()
    expect(page.locator("#card-session h2")).to_have_text("電子証明書を表示しました")
    opened.goto("/account")
    expect(opened.locator("main")).to_contain_text("サインインしていません")


def test_without_javascript_it_is_shown_from_the_own_page_and_one_stays_signed_in(new_browser, portal, card):
    plain = start(new_browser(portal, java_script_enabled=False).new_page())
    digits = pair(portal.origin, pairing_code(plain), card)
    plain.click("noscript a")
    type_digits(plain, digits)
    press_register(plain)
    begin(plain, "/account")
    digits = pair(portal.origin, pairing_code(plain), card)
    plain.click("noscript a")
    type_digits(plain, digits)
    plain.click('a[href="#details"]')
    expect(plain.locator("#details")).to_contain_text(RANDOM_STRING)
    plain.click('main a[href="/account"]')
    expect(plain.locator(".identifier")).to_have_text(RANDOM_STRING)


@pytest.mark.parametrize("script", [True, False])
def test_the_help_of_the_start_page_says_which_bridge_it_met(new_browser, portal, script):
    page = new_browser(portal, java_script_enabled=script).new_page()
    page.goto("/")
    page.click('main a[href="/bridge"]')
    page.click("main form button")
    see_state(page, "started")
    assert meet(launch_link(page)) == portal.origin
    if not script:
        page.click("noscript a")
    see_state(page, "ended")
    expect(page.locator("#card-session")).to_contain_text("other-bridge/0.1.0")
