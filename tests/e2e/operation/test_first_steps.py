"""The first steps in a real browser: axe finds nothing, nothing is cut off, and each link leads on."""

import pytest
from playwright.sync_api import expect

from portal.domain.roles import Role
from tests.e2e.axe import LOOKED_AT, look_at
from tests.e2e.staff import plug_in_authenticator, sign_in_staff


@pytest.mark.parametrize("language", LOOKED_AT)
def test_from_the_link_of_set_up_to_the_first_library(portal, new_browser, language):
    page = new_browser(portal, language).new_page()
    plug_in_authenticator(page)
    with portal.app.app_context():
        token = portal.app.extensions["mykey"].staff.set_up()
    page.goto(f"{portal.origin}/staff/enrol#{token}")
    page.fill("#name", "運営 一郎")
    page.click("main button")
    page.wait_for_url("**/staff/passkey")
    page.click("form[data-passkey] button")
    page.wait_for_url("**/operator/first-steps")
    expect(page.locator(".first-step")).to_have_count(10)
    look_at(page)
    page.click("#provider a")
    page.wait_for_url("**/operator#new")


@pytest.mark.parametrize("language", LOOKED_AT)
def test_with_a_library_and_a_terminal(portal, town, new_browser, language):  # noqa: ARG001 - the providers
    page = new_browser(portal, language).new_page()
    sign_in_staff(portal, page, "運営 一郎", (Role.OPERATOR,))
    with portal.app.app_context():
        portal.app.extensions["mykey"].terminals.add("A-α1-0001", "受付1")
    page.goto("/staff")
    page.click('a[href="/operator/first-steps"]')
    look_at(page)
    page.click("#terminal a")
    expect(page.locator("h1")).to_have_text("受付1")


def test_it_is_there_without_script(portal, new_browser):
    signed_in = new_browser(portal)
    sign_in_staff(portal, signed_in.new_page(), "運営 一郎", (Role.OPERATOR,))
    page = new_browser(portal, java_script_enabled=False, storage_state=signed_in.storage_state()).new_page()
    page.goto("/operator/first-steps")
    expect(page.locator(".first-step")).to_have_count(10)
