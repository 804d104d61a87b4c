"""axe finds nothing on any page, in either language, on a desk or a tablet."""

from functools import partial

import pytest
from playwright.sync_api import expect

from tests.e2e.axe import LOOKED_AT, look_at
from tests.e2e.browser import launch_link, pairing_code, say_first, see_state, start, type_digits
from tests.e2e.card.test_waiting_page import FINAL, PASSING
from tests.e2e.other_bridge import claim, follow, pair, parts_of, tell
from tests.e2e.staff import add_staff, plug_in_authenticator, sign_in_staff

WRONG = "99999"  # one digit short


@pytest.fixture(params=LOOKED_AT)
def page(request, new_browser, portal):
    return new_browser(portal, request.param).new_page()


@pytest.fixture
def look(page):
    """Have axe look at what the page shows now."""
    return partial(look_at, page)


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/card",
        "/privacy",
        "/accessibility",
        "/register",
        "/sign-in",
        "/stop",
        "/api",
        "/help",
        "/help/errors",
        "/help/integrator",
        "/audit",
        "/completion",
        "/account",
        "/certificate",
        "/nowhere",
        "/staff/sign-in",
        "/staff/enrol",
    ],
)
def test_a_page_by_itself(page, look, address):
    page.goto(address)
    look()


def test_the_consent_that_was_not_given(page, look):
    page.goto("/register")
    page.click("main form button")
    page.wait_for_url("**/register?agree=no")
    for layer in page.locator("summary").all():
        layer.click()
    look()


def test_the_waiting_page_with_what_passes(page, look):
    page.clock.install()  # its polls wait for our reload
    origin, handle = parts_of(launch_link(start(page)))
    held = claim(origin, {"handle": handle})
    for code in ("resolved", *PASSING):
        tell(origin, held, code)
        page.reload()
        see_state(page, "claimed")
        look("#card-session")


def test_the_waiting_page_with_what_ends_it(page, look):
    page.clock.install()
    for code in FINAL:
        origin, handle = parts_of(launch_link(start(page)))
        tell(origin, claim(origin, {"handle": handle}), code)
        page.reload()
        see_state(page, "ended")
        look("#card-session")


def test_the_waiting_page_from_its_start_to_an_end_in_another_tab(page, look):
    start(page)
    page.click('a[href="#other-ways"]')
    look()
    start(page.context.new_page())
    see_state(page, "ended")
    look()


def test_the_digits_and_what_follows_on_them(page, portal, card, look):
    digits = pair(portal.origin, pairing_code(start(page)), card)
    see_state(page, "answered")
    look()
    type_digits(page, WRONG)
    page.wait_for_selector(".error-text")
    look()
    type_digits(page, digits)
    page.wait_for_url("**/registration")
    look()
    say_first(page)
    look()
    page.click('form[action="/registration"] button')
    page.wait_for_selector(".message-line--success")
    look()
    page.goto("/account")
    look()


def test_the_tab_that_was_left_and_the_card_that_is_known(page, portal, card, look):
    url = follow(launch_link(start(page)), card)
    see_state(page, "answered")
    look()
    opened = page.context.new_page()
    opened.goto(url)
    opened.wait_for_url("**/registration")
    see_state(page, "completed")
    look()
    say_first(opened)
    opened.click('form[action="/registration"] button')
    opened.wait_for_selector(".message-line--success")
    page.reload()
    see_state(page, "ended")
    look()
    type_digits(start(page), pair(portal.origin, pairing_code(page), card))
    page.wait_for_url("**/registration")
    look()


def test_a_chosen_id_from_the_live_check_to_the_slip_and_the_audit_check(page, portal, card, look):
    type_digits(start(page), pair(portal.origin, pairing_code(page), card))
    say_first(page)
    for typed, told in (
        ("yamada-", ".error-text"),
        ("yamada", ".unfinished__typing"),
        ("ｙａｍａｄａ hana 1122", ".success-text"),
    ):
        page.fill("#mykey_id", typed)
        page.wait_for_selector(f"#mykey_id-check {told}")
        look()
    page.fill("#mykey_id", "SYSTEM")
    page.press("#mykey_id", "Enter")
    page.wait_for_selector(".message-line--error")
    look()
    page.fill("#mykey_id", "yamadahana1122")
    page.press("#mykey_id", "Enter")
    page.wait_for_selector(".message-line--success")
    look()
    page.goto("/account/slip")
    look()
    page.click("main .button--tertiary")
    page.wait_for_selector(".notice")
    look()
    page.goto("/audit?number=1&digest=0")
    look()
    page.goto("/stop")
    page.fill("#stop_code", "K7QF-4PXW")
    page.press("#stop_code", "Enter")
    page.wait_for_selector(".error-text")
    look()
    page.goto("/stop?received=yes")
    look()


def test_what_is_refused(page, portal, card, new_browser, look):
    type_digits(start(page, "sign-in"), pair(portal.origin, pairing_code(page), card))
    page.wait_for_url("**/completion")
    look()
    page.goto("/completion#" + "x" * 32)
    page.wait_for_selector(".quiet code")
    look()
    url = follow(launch_link(start(new_browser(portal).new_page())), card)
    page.goto("/")  # from /completion to /completion#… is no navigation
    page.goto(url)
    page.get_by_text("completion-refused").wait_for()
    look()


def test_the_first_operators_name(page, look, serve):
    portal = serve(host="localhost")
    with portal.app.app_context():
        token = portal.app.extensions["mykey"].staff.set_up()
    page.goto(f"{portal.origin}/staff/enrol#{token}")
    page.wait_for_url("**/staff/name")
    look()


def test_a_clerks_way_in(serve, page, look):
    plug_in_authenticator(page, isUserVerified=False)
    page.goto(add_staff(serve(host="localhost")))
    page.wait_for_url("**/staff/passkey")
    look()
    page.click("form[data-passkey] button")
    expect(page.get_by_role("status")).not_to_be_empty()
    look()


def test_a_clerk_at_work(serve, page, look):
    sign_in_staff(serve(host="localhost"), page)
    look()
