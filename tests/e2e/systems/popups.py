"""A browser that stops pop-ups, on a screen: it lets a press open the one window, which then follows each tap."""

import os

import pytest

from tests.e2e.browser import ARGUMENTS, PROGRAM, new_context
from tests.e2e.providers.test_handoff_link import cards, desk  # noqa: F401 (fixtures)
from tests.e2e.tablets import TOUCH, Tablet
from tests.pcsc.window.screen import Screen
from tests.waiting import wait_until

GESTURE, SOON = 6000, 3000
"""Milliseconds that outlast a press in the browser's eyes; in which a pop-up would be open."""


@pytest.fixture
def page(playwright, portal):
    """Open a tab of Chromium as people have it, without Playwright's leave for pop-ups."""
    screen = Screen("1280x900")
    options = {"headless": False, "args": ARGUMENTS, "env": os.environ | screen.environment}
    stopped = {"ignore_default_args": ["--disable-popup-blocking"]}
    browser = playwright.chromium.launch(executable_path=PROGRAM, **options, **stopped)
    yield new_context(browser, base_url=portal.origin, locale="ja", **TOUCH).new_page()
    browser.close()
    screen.close()


def test_a_press_opens_the_window_that_was_stopped_and_taps_lead_it_on(page, portal, town, desk, cards):  # noqa: F811
    tablet = Tablet(portal, town, page, stays_armed=True)
    tablet.lead(f"{desk.origin}/patron?barcode={{service_id}}", one_window=True)
    # Whatever asks the page about itself counts as a gesture there, so this waits and looks elsewhere.
    page.wait_for_timeout(GESTURE)
    tablet.tap(cards["000123"])
    page.wait_for_timeout(SOON)
    assert (len(page.context.pages), desk.asked) == (1, [])
    tablet.press("[data-handoff]")
    wait_until(lambda: page.wait_for_timeout(100) or len(desk.asked) == 1)
    for number, service_id in enumerate(("000999", "000123"), start=2):
        page.wait_for_timeout(GESTURE)
        tablet.tap(cards[service_id])
        wait_until(lambda number=number: page.wait_for_timeout(100) or len(desk.asked) == number)
        assert desk.asked[-1]["QUERY_STRING"] == f"barcode={service_id}"
    assert len(page.context.pages) == 2
