"""A counter of a gym: its operator's page and its tablet in a real browser, its bridge at the virtual reader."""

import os
from pathlib import Path
from types import SimpleNamespace

from playwright.sync_api import expect

from portal.domain.roles import Role
from tests.portal.actors.town import HANAKO

from .browser import ready
from .staff import sign_in_staff
from .tablets import REGISTER, TOUCH, choose, read, start_over

SHOTS = os.environ.get("TABLET_SHOTS")
"""A folder for pictures of each step, to be looked at."""
GYM, MYKEY_ID = "C-γ1-0001", HANAKO[:14]
UNFIT = """() => [...document.querySelectorAll("header a, main a, button, summary, input:not([type=hidden])")]
  .filter(each => each.checkVisibility())
  .filter(each => {
    const box = each.getBoundingClientRect();
    return Math.min(box.width, box.height) < 44 || box.left < 0 || box.right > innerWidth || box.bottom > innerHeight;
  }).map(each => each.outerHTML)"""
"""What a finger would miss, or would have to scroll for."""
WORDS = {
    "ja": SimpleNamespace(
        registered="正常に登録されました。",
        already="既にサービスID登録済み",
        replaced="前のサービスIDは使えません。",
        no_service_card="マイナンバーカードではなく、サービスの利用カードをかざしてください。",
        found="サービスIDが見つかりました。",
        late="カードは読み取られませんでした。",
        revoked="この画面は、どのサービス端末にも登録されていません。",
    ),
    "en": SimpleNamespace(
        registered="Registered successfully.",
        already="A service ID is already registered",
        replaced="The old one no longer works.",
        no_service_card="Hold the card of this library or shop to the reader, not your My Number card.",
        found="We found the service ID.",
        late="No card was read.",
        revoked="This screen is not enrolled for any terminal.",
    ),
}


class Counter:
    """A terminal of a gym: its operator's page, its bridge at the virtual reader, and its tablet."""

    def __init__(self, portal, daemon, language, new_browser):
        self.portal, self.daemon, self.language = portal, daemon, language
        self.words = WORDS[language]
        self.operator = new_browser(portal, language).new_page()
        self.page = new_browser(portal, language, **TOUCH).new_page()

    def operate(self, action, **fields):
        """Fill a form of the operator's, as it is, and send it."""
        form = self.operator.locator(f'main form[action="{action}"]')
        for name, value in (fields | {"reason": "開館"}).items():
            form.locator(f'[name="{name}"]').fill(value)
        form.locator("button").click()
        self.operator.wait_for_load_state()

    def set_up(self, desk_port):
        """Add the gym, its address of the hand-off and a terminal; return the webhook's secret and the two codes."""
        page = self.operator
        sign_in_staff(self.portal, page, "運営 一郎", (Role.OPERATOR,))
        page.goto("/operator")
        self.operate("/operator/providers", id=GYM, name="見本体育館")
        page.locator("main form button").first.click()  # the ID that never changes is shown before it is made
        page.wait_for_url("**/operator/provider?**")
        page.goto(f"/operator/provider/settings?id={GYM}")
        self.operate("/operator/provider/settings", handoff_url=f"http://127.0.0.1:{desk_port}/hook")
        self.operate("/operator/provider/secret")
        secret = page.locator(".secret code").inner_text()
        page.goto(f"/operator/provider/terminals?id={GYM}")
        page.check('[name="handoff"][value="webhook"]')
        self.operate("/operator/provider/terminals", name="1階受付")
        _shoot(page, f"{self.language}-codes")
        return secret, page.locator(".code__value").all_inner_texts()

    def enrol(self, bridge, codes):
        """Type one code at the bridge, the other at the tablet."""
        said = bridge.enrol(codes[0])
        assert (said.returncode, GYM in said.stdout) == (0, True), said
        bridge.run().waits_for("Waiting for cards")
        self.page.goto("/reception/enrol")
        self.look("enrol")
        self.page.fill("#enrolment_code", codes[1])
        self.page.press("#enrolment_code", "Enter")
        self.page.wait_for_url("**/reception")
        choose(self.page, self.language)
        self.look("begin")

    def read(self, step="card", name="asks"):
        """Press 【読取】."""
        read(self.page, step)
        self.look(name)

    def see(self, words, name="seen"):
        expect(self.page.locator(".reception-state")).to_contain_text(words)
        self.look(name)

    def press(self, selector):
        self.page.tap(selector)

    def tap(self, card):
        self.daemon.insert(card)

    def begin(self, card):
        """Take the first step."""
        self.read()
        self.tap(card)
        self.see(MYKEY_ID, "card-read")

    def link(self, card, service_card, uid):
        """Take the three steps."""
        self.begin(card)
        self.read("service-card", "asks-service-card")
        self.tap(service_card)
        self.see(uid)
        self.press(REGISTER)

    def inquire(self):
        """Go to the look-up, and press its 【読取】."""
        self.press(".tabs form:nth-child(2) button")
        self.page.wait_for_url("**/reception/inquiry")
        self.look("inquiry")
        self.read("inquiry", "inquiry-asks")

    def revoke(self):
        """Let the operator revoke the terminal whose codes are on the screen."""
        form = self.operator.locator('form[action$="/revocation"]')
        form.locator('[name="reason"]').fill("盗まれた")
        form.locator("button").click()
        expect(self.operator.locator(".stopped")).to_be_visible()

    def over(self):
        start_over(self.page)
        expect(self.page.locator("#reception-state")).not_to_contain_text(MYKEY_ID)

    def look(self, name):
        """Hold that everything on the tablet is there for fingers, and take its picture."""
        ready(self.page)
        assert self.page.evaluate(UNFIT) == [], name
        _shoot(self.page, f"{self.language}-{name}")


def _shoot(page, name):
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)
