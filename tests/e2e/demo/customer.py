import re
from urllib.parse import urlsplit

from playwright.sync_api import expect

from demo.cards import LIBRARY_CARD, SHOP_CARD
from demo.cards import REISSUED as NEW_LIBRARY_CARD

__all__ = ["HANAKO_S", "LIBRARY_CARD", "NEW_LIBRARY_CARD", "SHOP_CARD", "Customer"]
HANAKO_S = "1C2410DF79DGEL"


class Customer:
    """A newcomer at a provider's desk: one window with the provider's card reader, another with its reception app."""

    def __init__(self, newcomer, demo):
        self.newcomer, self.demo = newcomer, demo
        self.address = re.search(r"http://\S+/shop$", demo.said, re.MULTILINE)[0]
        newcomer.ports.add(urlsplit(self.address).port)
        self.reader = newcomer.context.new_page()
        self.app = None

    def go_to(self, place):
        self.reader.goto(f"{self.address}/{place}")
        return self

    def code(self):
        return self.reader.locator(".page-code").inner_text()

    def open_app(self):
        """Open the reception app as the page says, with the code where it shows one."""
        code = self.code() if self.reader.locator(".page-code").count() else None
        with self.newcomer.context.expect_page() as opened:
            self.reader.locator(".shop__app a").click()
        self.app = opened.value
        if code:
            self.app.fill("#enrolment_code", code)
            self.app.press("#enrolment_code", "Enter")
        expect(self.app).to_have_url(re.compile("/reception$"))
        return self

    def read(self, step):
        self.app.locator(f'.read form:has([value="{step}"]) button').click()
        expect(self.app.locator(".read--asks")).to_be_visible()
        return self

    def tap(self, card, told="ポータルに送りました。"):
        self.reader.locator(f"button[value={card}]").click()
        expect(self.reader.locator(".tapped")).to_contain_text(told)
        return self

    def press(self, button):
        self.app.get_by_role("button", name=button, exact=True).click()
        return self

    def sees(self, words):
        expect(self.app.locator("#reception-state")).to_contain_text(words)
        return self

    def link(self, card, service_card):
        self.read("card").tap(card).sees(HANAKO_S).read("service-card").tap(service_card.name).sees(service_card.uid)
        return self.press("登録").sees("正常に登録されました。")

    def look_up(self, card, service_id):
        self.press("マイキーID照会").app.wait_for_url("**/reception/inquiry")
        self.read("inquiry").tap(card)
        expect(self.app.locator(".found__value")).to_have_text(service_id)
        return self.press("サービスID登録")
