from urllib.parse import urlsplit

from playwright.sync_api import expect


class Newcomer:
    """Somebody at a browser: one tab on the portal, another with the demo's card reader."""

    def __init__(self, context, origin):
        self.context = context
        self.origin = origin
        self.portal = context.new_page()
        self.reader = None
        self.ports = {urlsplit(origin).port}  # of the portal and, once it is opened, of the reader

    def begin(self, purpose="register"):
        """Walk to the waiting page and open the reader beside it."""
        self.portal.goto(f"{self.origin}/{purpose}")
        if purpose == "register":
            self.portal.get_by_role("checkbox").check()
        self.portal.locator("main form button").click()
        expect(self.portal.locator("[data-card-session=started]")).to_be_visible()
        link = self.portal.locator("main a.button[target=_blank]")
        self.ports.add(urlsplit(link.get_attribute("href")).port)
        with self.context.expect_page() as opened:
            link.click()
        self.reader = opened.value
        self.reader.wait_for_load_state()
        return self

    def insert(self, card):
        self.reader.locator(f".shelf button[value={card}]").click()
        return self

    def pull_out(self):
        self.reader.locator("button[name=card][value='']").click()
        return self

    def type_pin(self, pin):
        self.reader.locator("#pin").fill(pin)
        self.reader.locator("#pin").press("Enter")
        return self

    def press_register(self):
        """Say in the tab of the reader, which has become the portal, that it is the first time, and press 登録."""
        self.reader.get_by_role("link", name="はじめて", exact=True).click()
        self.reader.get_by_role("button", name="登録", exact=True).click()
        return self

    def sees(self, sentence):
        """See a sentence on the waiting page and on the reader's page."""
        for page, words in zip((self.portal, self.reader), sentence, strict=True):
            expect(page.locator("main")).to_contain_text(words)
        return self
