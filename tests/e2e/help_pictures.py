"""The pictures of the documents in docs/, out of a real Chromium before a real portal: `make pictures`.

No test of the suite: it writes files. Day, cards and codes are the same each time, so that a picture changes with its
page alone.
"""

import random
from collections import Counter
from pathlib import Path
from shutil import copy
from uuid import UUID

import pytest
from PySide6.QtGui import QImage

from portal.domain.roles import Role
from portal.services.record.secrecy import KEY_BYTES, KEY_FILE
from tests.authority import Authority
from tests.conftest import VALID
from tests.portal.actors import card_holders
from tests.portal.actors.at_counter import CHOSEN, NEW_NAME, OLD_NAME, Town
from tests.portal.actors.staff import signed_in_staff
from tests.portal.actors.tablet import UID, Tablet
from tests.portal.actors.town import LIBRARY
from tests.tls import make_authority

from .browser import ARGUMENTS, HEADLESS, new_context, ready
from .live import Live

FOLDER = Path("docs/pictures/help")
LANGUAGES = ("ja", "en")
HOST = "id.example.jp"
ORIGIN = f"https://{HOST}"
SEED = 14
COLOURS = 64
OFFICE = {
    "operator": "見本市",
    "operator_address": "見本県見本市中央1-2-3　市民課",
    "operator_telephone": "03-1234-5678",
    "operator_hours": "平日 8時30分〜17時15分",
    "operator_mail": "mykey@city.example.jp",
}
WINDOW = {  # of the bridge's window, as tests/bridge/window/pictures.py has written them
    "window-address": "portal/static/pictures/{language}/new-origin-question.png",
    "window-card": "portal/static/pictures/{language}/no-card.png",
    "window-pin": "portal/static/pictures/{language}/pin-prompt.png",
    "window-done": "portal/static/pictures/{language}/completion-url.png",
    "window-terminal": "docs/pictures/bridge/{language}/terminal.png",
}
PICTURES = {}


def picture(width=880, height=660):
    """Mark a function that leads to what its picture, named after it, shows at this size."""

    def mark(lead):
        PICTURES[lead.__name__.replace("_", "-")] = (lead, {"width": width, "height": height})
        return lead

    return mark


@pytest.fixture(scope="module")
def authority():
    """Stand in for one that a portal in production takes; a demo's would say so on each page."""
    return Authority.create(organisation="JPKI", **VALID)


@pytest.fixture(scope="module")
def chromium(playwright):
    """Leave the host's name to whom a test gives it."""
    return playwright


@pytest.fixture
def portal(app_with, tmp_path, monkeypatch):
    chosen = random.Random(SEED)  # noqa: S311 - nobody is to use these codes
    (tmp_path / KEY_FILE).write_bytes(chosen.randbytes(KEY_BYTES))
    monkeypatch.setattr(card_holders, "uuid4", lambda: UUID(int=chosen.getrandbits(128)))
    settings = {"demo_reader": None, "revocation": "none", "token_bytes": chosen.randbytes}

    def make(*, origin):  # noqa: ARG001 - with a port that no citizen sees
        return app_with(origin=ORIGIN, **settings, **OFFICE)

    live = Live(make, tls=make_authority(tmp_path).listener)
    yield live
    live.stop()


@pytest.fixture
def town(portal, authority, keys, clock):
    return Town(portal.app, authority, keys, clock)


@pytest.fixture
def desk(portal, town, chromium, language):
    desk = Desk(portal, town, chromium, language)
    yield desk
    desk.chromium.close()


class Desk:
    """A page of Chromium, at which one picture is made."""

    def __init__(self, portal, town, playwright, language):
        self.portal, self.town, self.language = portal, town, language
        rule = f"--host-resolver-rules=MAP {HOST} 127.0.0.1:{portal.port}"
        self.chromium = playwright.chromium.launch(executable_path=HEADLESS, args=[*ARGUMENTS, rule])
        self.context = new_context(self.chromium, base_url=ORIGIN, locale=language, ignore_https_errors=True)
        self.page = self.context.new_page()

    def become(self, citizen, address):
        """Go on in the browser of somebody whom the actors of the tests have brought so far."""
        kept = [{"name": each.key, "value": each.value} for each in citizen.client._cookies.values()]
        self.context.add_cookies([each | {"url": ORIGIN, "secure": True} for each in kept])
        self.page.goto(address)

    def become_tablet(self, tablet, address):
        """Go on at a tablet, which is Japanese until another language is chosen there."""
        self.become(tablet, address)
        if self.language != "ja":
            self.page.click(f'a[href$="/language/{self.language}"]')
            self.page.wait_for_selector(f'html[lang="{self.language}"]')

    def at_the_forms(self):
        """Come to both forms with the card read."""
        self.become(self.town.before(self.town.card(), "register"), "/registration?first=yes")

    def press(self, action):
        self.page.click(f'main form[action="{action}"] button')

    def show(self, selector):
        """Scroll until this is at the top."""
        self.page.locator(selector).first.evaluate("each => each.scrollIntoView({block: 'start'})")


@picture()
def home(desk):
    desk.page.goto("/")


@picture(height=560)
def consent(desk):
    desk.page.goto("/register")
    desk.show("#kept")


@picture(height=1100)
def waiting(desk):
    desk.page.goto("/register")
    desk.page.check("#agree")
    desk.press("/card-sessions")
    desk.page.wait_for_selector('[data-card-session="started"]')


@picture(height=880)
def forms(desk):
    desk.at_the_forms()
    desk.page.fill("#mykey_id", "yamadahana1122")
    desk.page.wait_for_selector("#mykey_id-check .success-text")
    desk.show("main h1")


@picture(height=1240)
def registered(desk):
    desk.at_the_forms()
    desk.press("/registration")
    desk.page.wait_for_selector(".message-line--success")


@picture(height=900)
def slip(desk):
    desk.at_the_forms()
    desk.page.fill("#mykey_id", "yamadahana1122")
    desk.press("/registration/reservation")
    desk.page.wait_for_selector(".message-line--success")
    desk.page.goto("/account/slip")


@picture(height=900)
def account(desk):
    card = desk.town.card()
    person_id = desk.town.register(card)
    desk.town.link(card, "2802121234")
    desk.become(desk.town.signed_in(person_id, desk.language), "/account")


@picture(height=820)
def stop(desk):
    desk.page.goto("/stop")


@picture(width=1000, height=960)
def counter_found(desk):
    town, card = desk.town, desk.town.card()
    town.register(card)
    receipt = town.reserve(card)
    clerk = town.clerk(language=desk.language)
    desk.become(clerk.browser, "/counter")
    desk.page.fill("#typed", receipt)
    desk.page.get_by_role("search").get_by_role("button").click()
    desk.page.wait_for_selector("#found")


@picture(width=1000, height=790)
def counter_check(desk):
    town, card = desk.town, desk.town.card(serial_number=0x20261024)
    town.register(card)
    receipt = town.reserve(card)
    town.clock.forward(days=1)
    clerk = town.clerk(language=desk.language)
    clerk.open(receipt)
    clerk.read("before", card)
    clerk.read("after", town.reissued(serial_number=0x20261123))
    desk.become(clerk.browser, clerk.visit)


def at_the_tablet(desk):
    """Bind a tablet to a new terminal, whose bridge is there."""
    tablet = Tablet(desk.town, language=desk.language)
    tablet.be_present()
    return tablet


@picture(width=1024, height=760)
def reception(desk):
    card, tablet = desk.town.card(), at_the_tablet(desk)
    desk.town.register(card)
    tablet.read()
    tablet.tap(card[0])
    tablet.read("service-card")
    tablet.tap(UID)
    desk.become_tablet(tablet, "/reception")


@picture(width=1024, height=560)
def inquiry(desk):
    card, tablet = desk.town.card(), at_the_tablet(desk)
    desk.town.register(card)
    desk.town.link(card, "2802121234")
    tablet.look_up(card[0])
    desk.become_tablet(tablet, "/reception/inquiry")


@picture(width=1000, height=860)
def provider_links(desk):
    town = desk.town
    for number, string in enumerate((OLD_NAME[:14], NEW_NAME[:14], CHOSEN)):
        card = town.card(f"{string}0720200{number}B")
        town.register(card)
        town.link(card, f"280212123{number}")
        town.clock.forward(hours=2)
    staff = signed_in_staff(town.app, "図書館 太郎", (Role.PROVIDER,), desk.language, LIBRARY)
    desk.become(staff, "/provider")


@picture(width=1000, height=640)
def operator(desk):
    desk.become(signed_in_staff(desk.town.app, "運営 一郎", (Role.OPERATOR,), desk.language), "/operator")


@picture(width=1000, height=1500)
def terminal_codes(desk):
    desk.become(signed_in_staff(desk.town.app, "運営 一郎", (Role.OPERATOR,), desk.language), "/operator")
    desk.page.goto(f"/operator/provider/terminals?id={LIBRARY}")
    desk.page.fill("#name", "1階受付")
    desk.page.fill("#reason", "開館の準備")
    desk.press("/operator/provider/terminals")
    desk.page.wait_for_selector(".code__value")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PICTURES)
def test_a_page_is_pictured(desk, name, language, tmp_path):
    lead, size = PICTURES[name]
    desk.page.set_viewport_size(size)
    lead(desk)
    ready(desk.page)
    desk.page.evaluate("document.activeElement.blur()")
    desk.page.screenshot(path=tmp_path / "whole.png")
    slim(tmp_path / "whole.png", FOLDER / f"{name}.{language}.png")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", WINDOW)
def test_a_window_is_pictured(name, language):
    slim(Path(WINDOW[name].format(language=language)), FOLDER / f"{name}.{language}.png")


def slim(whole, small):
    """Keep the colours that a picture has most often, of which pages and windows have few: a third of the bytes."""
    image = QImage(str(whole)).convertToFormat(QImage.Format.Format_RGB32)
    colours = Counter(memoryview(image.constBits()).cast("I"))
    table = [colour for colour, _ in colours.most_common(COLOURS)]
    assert image.convertToFormat(QImage.Format.Format_Indexed8, table).save(str(small), "PNG", 0)
    if small.stat().st_size > whole.stat().st_size:
        copy(whole, small)
