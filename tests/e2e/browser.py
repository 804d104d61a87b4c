"""What a citizen does in a real browser, and what no page may do there."""

import os
import re
from contextlib import contextmanager, suppress

from playwright.sync_api import Error, Page, expect

WITHOUT = (
    # what a page could meet, of Playwright's own list, whose place this one takes
    *("HttpsUpgrades", "MediaRouter", "OptimizationHints", "PaintHolding", "Translate"),
    # renderers that nobody looks at
    *("SpareRendererForSitePerProcess", "WebUIOmniboxAimPopup", "WebUIOmniboxPopup"),
)
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", f"--disable-features={','.join(WITHOUT)}"),
)
PROGRAM = "/usr/bin/chromium"
HEADLESS = "/usr/bin/chromium-headless-shell"  # the same engine without the windows, for a third less of the processor
PATIENCE = 30_000  # milliseconds: two cores, other tests beside this one, and a Chromium that has just begun
SLOW_SCRIPTS = float(os.environ.get("SLOW_SCRIPTS", "0"))
"""So many seconds every script comes late."""
SCRIPTS = "**/static/**/*.js"
UNFINISHED = ".htmx-request, .htmx-swapping, .htmx-settling"
REGISTERED = "正常に登録されました。"
RANDOM_STRING = re.compile("1C2410DF79DGEL")
TOLD_TO_THE_CITIZEN = (
    "Failed to load resource",
    "htmx:sendError",
    "htmx:timeout",
    "htmx:afterRequest",
    "Response Status Error Code 403",
)
"""A refusal is a page with its status; or told below the page; a poll that got no answer is repeated."""


def new_context(browser, **options):
    """Open a browser context; its scripts come as late as SLOW_SCRIPTS says."""
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE)
    if SLOW_SCRIPTS:
        context.route(SCRIPTS, _late)
    return context


def _late(route):
    with suppress(Error):  # a page may be closed before its scripts have come
        route.request.frame.page.wait_for_timeout(SLOW_SCRIPTS * 1000)
        route.continue_()


@contextmanager
def scripts_held(page):
    """Keep the scripts of the next page on their way until this is over."""
    held = []
    page.route(SCRIPTS, lambda route: held.append(route))  # noqa: PLW0108 - Playwright leaves a mark on a handler
    yield
    assert page.evaluate("window.htmx === undefined")
    page.unroute(SCRIPTS)
    for route in held:
        route.fallback()


def ready(page):
    """Wait until a page has its styles and scripts, and htmx has put in place what it asked for.

    Call it before a page is measured, pictured, or typed at with the bare keyboard. `click` and `press` have waited for
    the page that they lead to; `tap`, `keyboard` and `evaluate` have not: after them, see what only the next page has.
    """
    page.wait_for_load_state()
    expect(page.locator(UNFINISHED)).to_have_count(0)


class Watch:
    """Notes what a browser context asks for and complains about."""

    def __init__(self, context):
        self.requests, self.complaints = [], []
        context.on("request", lambda request: self.requests.append(request.url))
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("console", self._note)

    def _note(self, message):
        if message.type in ("error", "warning") and not message.text.startswith(TOLD_TO_THE_CITIZEN):
            self.complaints.append(message.text)

    def check(self, ports):
        """Hold that scripts and policy were content, and that nothing was asked of anybody but the portal."""
        assert self.complaints == [], self.complaints
        hosts = {f"{host}:{port}" for host in ("127.0.0.1", "localhost") for port in ports}
        strange = [url for url in self.requests if url.split("/")[2:3] == [] or url.split("/")[2] not in hosts]
        assert strange == []


def start(page: Page, purpose="register"):
    """Agree, and come to the waiting page."""
    page.goto("/register" if purpose == "register" else "/sign-in")
    if purpose == "register":
        page.check("#agree")
    page.click("main form button")
    see_state(page, "started")
    return page


def see_state(page, state, **options):
    expect(page.locator(f'[data-card-session="{state}"]')).to_be_attached(**options)


def launch_link(page):
    return page.get_attribute('a[href^="mykey-bridge:"]', "href")


def pairing_code(page):
    return page.get_attribute("[data-pairing-code]", "data-pairing-code")


def type_digits(page, digits):
    page.fill('[name="completion_code"]', digits)
    page.click('form:has([name="completion_code"]) button')


def say_first(page):
    """Answer the question that an unknown card is asked before the forms: はじめて."""
    page.click('a[href="/registration?first=yes"]')


def press_register(page):
    """Say that it is the first time, read the random string, press 登録, and read the draft's sentence."""
    say_first(page)
    expect(page.locator(".identifier")).to_have_text(RANDOM_STRING)
    page.click('form[action="/registration"] button')
    expect(page.get_by_role("status")).to_have_text(REGISTERED)


def see_signed_in(page):
    page.goto("/account")
    expect(page.locator(".identifier")).to_have_text(RANDOM_STRING)
