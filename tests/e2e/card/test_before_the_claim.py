"""The waiting page while no bridge has come: for eight seconds the one way, then all of them; and on a phone."""

import subprocess

import pytest
from playwright.sync_api import expect

from portal.downloads import Downloads
from tests.e2e.axe import LOOKED_AT, PHONE, look_at
from tests.e2e.browser import launch_link, pairing_code, scripts_held, see_state, start, type_digits
from tests.e2e.other_bridge import claim, pair, parts_of
from tests.portal.actors.installers import installer
from tests.waiting import wait_until

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1"
WAYS = "#other-ways"


@pytest.fixture
def still(new_browser, portal):
    """Open a page whose style sheet's time stands still, however slow this machine is."""

    def page_in(language="ja"):
        page = new_browser(portal, language).new_page()
        session = page.context.new_cdp_session(page)
        session.send("Animation.enable")
        session.send("Animation.setPlaybackRate", {"playbackRate": 0})
        return page

    return page_in


def pass_time(page, seconds):
    """Let so many seconds be over since the ways came, hidden, once the style sheet is there."""
    ways = page.locator(WAYS)
    wait_until(lambda: ways.evaluate("ways => ways.getAnimations().length") == 1)  # no page lets text be evaluated
    ways.evaluate("(ways, time) => { ways.getAnimations()[0].currentTime = time; }", seconds * 1000)


def announced(page):
    """Return what a screen reader finds in the page's live region."""
    return page.locator("main > [aria-live='polite']").aria_snapshot()


def test_after_eight_seconds_the_other_ways_are_told_also_where_the_script_is_late(still):
    page = still()
    page.goto("/register")
    page.check("#agree")
    with scripts_held(page):
        page.click("main form button")
        pass_time(page, 0)
        expect(page.locator(WAYS)).to_be_hidden()
        assert "コードで読み取る" not in announced(page)
        pass_time(page, 7.99)
        expect(page.locator(WAYS)).to_be_hidden()
        pass_time(page, 8.01)
        expect(page.locator(f"{WAYS} li")).to_have_count(4)
        expect(page.locator("[data-pairing-code]")).to_be_visible()
        assert "コードで読み取る" in announced(page)
    see_state(page, "started")


def test_the_code_is_a_press_away_from_the_start_and_completes(page, portal, card):
    start(page)
    assert page.locator('a[href^="mykey-bridge:"]').get_attribute("target") is None
    page.click(f'a[href="{WAYS}"]')
    expect(page.locator("[data-pairing-code]")).to_be_visible()
    type_digits(page, pair(portal.origin, pairing_code(page), card))
    page.wait_for_url("**/registration")


def test_a_claim_takes_the_other_ways_away(still):
    page = still()
    origin, handle = parts_of(launch_link(start(page)))
    pass_time(page, 9)
    claim(origin, {"handle": handle})
    see_state(page, "claimed")
    expect(page.locator(WAYS)).to_have_count(0)


def test_without_javascript_all_is_there_from_the_start(new_browser, portal):
    page = start(new_browser(portal, java_script_enabled=False).new_page())
    expect(page.locator(f"{WAYS} li")).to_have_count(4)
    expect(page.locator("[data-pairing-code]")).to_be_visible()
    expect(page.locator(f'a[href="{WAYS}"]')).to_be_hidden()


@pytest.mark.parametrize("language", LOOKED_AT)
def test_axe_finds_nothing_in_the_other_ways_at_any_width(still, language):
    page = start(still(language))
    pass_time(page, 9)
    look_at(page)


@pytest.mark.parametrize("language", LOOKED_AT)
def test_axe_finds_nothing_where_the_bridge_is_got_at_any_width(new_browser, portal, language):
    page = new_browser(portal, language, user_agent="Mozilla/5.0 (X11; Linux x86_64)").new_page()
    page.goto("/bridge")
    expect(page.locator("details[open]")).to_have_count(1)
    for fold in page.locator("details > summary").all()[1:]:
        fold.click()
    look_at(page)


def test_what_arrives_has_the_check_number_of_the_page_by_the_pages_own_command(new_browser, portal, tmp_path):
    Downloads(portal.app.extensions["mykey"].settings.downloads).publish([installer(tmp_path, filling=b"x" * 99_999)])
    page = new_browser(portal, user_agent="Mozilla/5.0 (X11; Linux x86_64)").new_page()
    page.goto("/bridge")
    (tmp_path / "got").mkdir()
    with page.expect_download() as download:
        page.click("details[open] a.button")
    download.value.save_as(tmp_path / "got" / download.value.suggested_filename)
    command = page.locator("details[open] code.command").first.inner_text()
    told = subprocess.run(command.split(), cwd=tmp_path / "got", capture_output=True, text=True, check=True).stdout
    assert told.split()[0] == page.locator("details[open] .sha256").inner_text()


@pytest.mark.parametrize("language", LOOKED_AT)
def test_a_phone_is_told_first_what_it_cannot_do_and_goes_on_with_the_code(new_browser, portal, card, language):
    page = new_browser(portal, language, user_agent=IPHONE, viewport=PHONE).new_page()
    for address in ("/", "/sign-in", "/register"):
        page.goto(address)
        notice = page.locator(".notice").first
        expect(notice).to_be_in_viewport()
        expect(notice).to_contain_text(f"{portal.origin}{address}")
        expect(notice.locator('a[href="/stop"]')).to_be_visible()
        notice.locator("summary").click()
        expect(notice.locator(".qr")).to_be_visible()
        look_at(page, sizes=(PHONE,))
    start(page)
    expect(page.locator("[data-pairing-code]")).to_be_visible()
    look_at(page, sizes=(PHONE,))
    type_digits(page, pair(portal.origin, pairing_code(page), card))
    page.wait_for_url("**/registration")
