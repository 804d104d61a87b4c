"""A clerk at a real browser, and a reader beside it."""

from playwright.sync_api import expect

from .browser import launch_link, see_state
from .our_bridge import follow, virtual_card


class ClerksDesk:
    """A clerk's page, and what its buttons say."""

    def __init__(self, page):
        self.page = page

    def search(self, typed):
        self.page.goto("/counter")
        self.page.fill("#typed", typed)
        self.page.get_by_role("search").get_by_role("button").click()

    def begin(self, words, identity="driving-licence"):
        """Open a visit of who was found, and say by what they were identified."""
        self.press(words)
        self.page.check(f"#identity-{identity}")
        self.press("次へ進む")

    def press(self, words):
        self.page.get_by_role("button", name=words, exact=True).click()

    def read(self, words, card):
        """Press the button, and follow the bridge's completion in the same tab."""
        self.press(words)
        see_state(self.page, "started")
        url = follow(launch_link(self.page), virtual_card(*card))
        self.page.goto(url)
        self.page.wait_for_url("**/counter/visits/*")

    def finish(self, button, reason=None):
        """Press the button, where a second clerk is asked with a reason."""
        if reason:
            self.page.fill("#reason", reason)
        self.press(button)

    def sees(self, words):
        expect(self.page.locator("main")).to_contain_text(words)
