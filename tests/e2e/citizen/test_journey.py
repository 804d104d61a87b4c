"""From the start page to 「正常に登録されました。」, with a bridge that knows the protocol alone."""

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import (
    REGISTERED,
    launch_link,
    pairing_code,
    press_register,
    say_first,
    see_signed_in,
    see_state,
    start,
    type_digits,
)
from tests.e2e.other_bridge import follow, pair


@pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)
def test_a_citizen_registers_through_the_launch_link(page, browser, card):
    page.goto("/")
    page.click("main a[href='/register']")
    page.check("#agree")
    page.click("main form button")
    opened = browser.new_page()
    opened.goto(follow(launch_link(page), card))
    press_register(opened)
    see_signed_in(opened)


def test_a_citizen_registers_with_the_pairing_code_and_the_typed_digits(page, portal, card):
    start(page)
    page.click('a[href="#other-ways"]')
    expect(page.locator("[data-pairing-code]")).to_be_visible()
    digits = pair(portal.origin, pairing_code(page), card)
    see_state(page, "answered")
    type_digits(page, f" {digits[:3]} {digits[3:]} ")
    press_register(page)
    see_signed_in(page)


def test_the_waiting_page_goes_with_it_and_sends_the_citizen_on(page, browser, card):
    url = follow(launch_link(start(page)), card)
    see_state(page, "answered")
    opened = browser.new_page()
    opened.goto(url)
    opened.wait_for_url("**/registration")
    see_state(page, "completed")
    press_register(opened)


def test_the_completion_code_stays_neither_in_the_address_nor_in_the_history(page, browser, card):
    url = follow(launch_link(start(page)), card)
    opened = browser.new_page()
    opened.goto(url)
    opened.wait_for_url("**/registration")
    opened.go_back()
    assert url.partition("#")[2] not in opened.url
    assert opened.evaluate("performance.getEntriesByType('navigation')[0].name.includes('#')") is False


def test_the_same_card_again_is_told_that_it_is_registered_and_shown_its_id(page, portal, card):
    for told in (REGISTERED, "もう登録されています"):
        start(page)
        type_digits(page, pair(portal.origin, pairing_code(page), card))
        page.wait_for_url("**/registration")
        if told == REGISTERED:
            press_register(page)
        expect(page.get_by_role("status")).to_contain_text(told)
        expect(page.locator(".identifier")).to_have_text("1C2410DF79DGEL")


def test_the_button_pressed_twice_shows_the_same_result(page, portal, card):
    type_digits(start(page), pair(portal.origin, pairing_code(page), card))
    page.wait_for_url("**/registration")
    say_first(page)
    page.dblclick('form[action="/registration"] button')
    expect(page.get_by_role("status")).to_have_text(REGISTERED)


def test_a_portal_started_again_knows_its_citizens(serve, new_browser, card):
    first = serve()
    page = new_browser(first).new_page()
    type_digits(start(page), pair(first.origin, pairing_code(page), card))
    press_register(page)
    first.stop()
    second = serve()
    page = new_browser(second).new_page()
    type_digits(start(page, "sign-in"), pair(second.origin, pairing_code(page), card))
    page.wait_for_url("**/account")
    see_signed_in(page)
