"""A tablet at a terminal in a real browser, and the bridge at its side, without the reader."""

import re
from urllib.request import Request, urlopen

from playwright.sync_api import expect

from tests.portal.actors.tablet import sent
from tests.portal.actors.town import LIBRARY

from .browser import ready

LANDSCAPE = {"width": 1024, "height": 768}
TOUCH = {"viewport": LANDSCAPE, "has_touch": True}
REGISTER = 'form[action="/reception/registration"] button'


def read(page, step):
    """Press 【読取】, and wait for the portal's answer: a tap does not, and what asks may ask already."""
    with page.expect_response(lambda reply: reply.request.method == "POST"):
        page.tap(f'.read form:has([value="{step}"]) button')
    expect(page.locator(".read--asks")).to_be_visible()


def start_over(page):
    """End what the desk shows, and wait until the page has begun anew: a press before that goes with the old one.

    The next one speaks the same language, and chooses it again.
    """
    language, over = page.get_attribute("html", "lang"), page.locator('[form="over"]')
    is_end = over.get_attribute("name") is None
    over.tap()
    expect(over).to_have_count(0)
    if is_end:
        expect(page.locator("html")).to_have_attribute("lang", "ja")
        choose(page, language)


def choose(page, language):
    """Choose a language on the page, where it is another."""
    chosen = re.compile(rf"^{language}\b")
    if not chosen.match(page.get_attribute("html", "class")):
        page.tap(f'a[href$="/language/{language}"]')
        expect(page.locator("html")).to_have_attribute("class", chosen)


def lock(page):
    """Lock the page, from the menu of the staff."""
    page.tap(".staff-menu summary")
    page.tap(".staff-menu form button")
    page.wait_for_url("**/reception/locked")


class Tablet:
    """The page of a new terminal, bound to it as an operator's code does, and what brings its taps."""

    def __init__(self, portal, town, page, **set_up):
        self.portal, self.page, self.town = portal, page, town
        with portal.app.app_context():
            self.terminal, codes = town.services.terminals.add(LIBRARY, "受付1", **set_up)
            _, self.token = town.services.enrolment.enrol_bridge(codes.bridge)
        page.goto("/reception/enrol")
        page.fill("#enrolment_code", codes.page)
        page.press("#enrolment_code", "Enter")
        page.wait_for_url("**/reception")

    def lead(self, template, *, one_window):
        """Let look-ups lead into a business system, as an operator does, and wait for the first card."""
        with self.portal.app.app_context():
            self.town.services.terminals.set_handoff_link(self.terminal.terminal_id, template, one_window=one_window)
        self.page.reload()
        self.press(".tabs form:nth-child(2) button")
        self.page.wait_for_selector(".read--asks")
        return self

    def tap(self, card):
        """Hold a certificate, or the UID of a service card, over the reader; return the status that the bridge sees."""
        name, value = ("service_card", card) if isinstance(card, str) else ("certificate", sent(card))
        body = f'{{"{name}": "{value}"}}'.encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        call = Request(f"{self.portal.origin}/api/v1/taps", body, headers)  # noqa: S310 - our own portal
        with urlopen(call) as reply:  # noqa: S310
            return reply.status

    def press(self, selector):
        self.page.tap(selector)

    def read(self, step="card"):
        read(self.page, step)

    def scan(self, keys):
        """Type at no field, as a scanner does."""
        ready(self.page)
        self.page.keyboard.type(keys)

    def type(self, keys):
        """Type at no field, as fast as a hand does."""
        ready(self.page)
        self.page.keyboard.type(keys, delay=150)

    def see(self, words, where=".reception-state"):
        expect(self.page.locator(where)).to_contain_text(words)
