"""Browsers as they are: without JavaScript, with two tabs, with slow replies, at the portal's other name."""

import threading

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import launch_link, pairing_code, press_register, see_signed_in, see_state, start, type_digits
from tests.e2e.other_bridge import follow, pair


def test_without_javascript_a_reload_and_typed_digits_complete(new_browser, portal, card):
    page = start(new_browser(portal, java_script_enabled=False).new_page())
    digits = pair(portal.origin, pairing_code(page), card)
    page.click("noscript a")
    see_state(page, "answered")
    type_digits(page, digits)
    press_register(page)
    see_signed_in(page)


def test_without_javascript_the_completion_page_names_the_pairing_code(new_browser, portal):
    page = new_browser(portal, java_script_enabled=False).new_page()
    page.goto("/completion#" + "x" * 32)
    expect(page.locator("main")).to_contain_text("ペアリングコード", use_inner_text=True)


def test_of_two_tabs_the_second_replaces_the_first_which_says_so(page, browser, portal, card):
    start(page)
    second = start(browser.new_page())
    see_state(page, "ended")
    expect(page.locator("main")).to_contain_text("このブラウザーで、新しい手続きを始めました。")
    type_digits(second, pair(portal.origin, pairing_code(second), card))
    press_register(second)
    see_signed_in(page)


@pytest.fixture
def held(portal):
    """Hold up polls on their way to the portal: `arrived` tells that one waits, `go` lets it on."""
    arrived, go = threading.Event(), threading.Event()

    def hold(environ):
        if environ["PATH_INFO"].endswith("/state"):
            arrived.set()
            go.wait(20)

    yield lambda: setattr(portal, "before", hold) or (arrived, go)
    go.set()


def test_a_poll_in_flight_while_the_session_is_rotated_signs_nobody_out(page, browser, card, held):
    url = follow(launch_link(start(page)), card)
    see_state(page, "answered")
    arrived, go = held()
    assert arrived.wait(5)
    opened = browser.new_page()
    opened.goto(url)
    opened.wait_for_url("**/registration")
    rotated = browser.cookies()
    go.set()
    see_state(page, "completed")
    assert browser.cookies() == rotated
    press_register(opened)
    see_signed_in(opened)


@pytest.mark.parametrize(("own", "other"), [("127.0.0.1", "localhost"), ("localhost", "127.0.0.1")])
def test_under_its_other_host_name_the_portal_shows_the_way_to_its_own(serve, new_browser, card, own, other):
    portal = serve(host=own)
    page = new_browser(portal).new_page()
    page.goto(f"http://{other}:{portal.port}/register")
    page.click(f"main a[href='{portal.origin}']")
    assert page.url == f"{portal.origin}/"
    page.goto(f"{portal.origin}/register")
    type_digits(start(page), pair(portal.origin, pairing_code(page), card))
    press_register(page)
    page.goto(f"http://{other}:{portal.port}/account")
    expect(page.locator("main")).to_contain_text("host-unknown")
    assert {cookie["domain"] for cookie in page.context.cookies()} == {own}


def test_signing_out_forgets_the_browser(page, portal, card):
    type_digits(start(page), pair(portal.origin, pairing_code(page), card))
    press_register(page)
    page.click("form[action='/sign-out'] button")
    page.goto("/account")
    expect(page.locator("main")).to_contain_text("sign-in-needed")
