"""A new user's way on a clean desktop: portal, package, link, window, card, registered ID. Run by `make test-roots`."""

import time

import pytest

from tests.e2e.browser import press_register, see_state
from tests.e2e.card.test_window_over_pcsc import press_open, screen  # noqa: F401 - a desk of the same size
from tests.e2e.conftest import playwright, portal, serve  # noqa: F401 - a real browser, a portal that listens
from tests.pcsc.window.screen import Seen
from tests.roots.conftest import built
from tests.roots.root import listens
from tests.waiting import wait_until

ACTIONS, MINUTES = 12, 5
DEBUGGING = 9222
FLAGS = "--no-sandbox --disable-gpu --no-first-run --user-data-dir=/srv/citizen/profile --accept-lang=ja"
JAPANESE = {"LANG": "ja_JP.UTF-8", "BROWSER": "chromium"}


class Person:
    """Counts what a person does, and how long all of it takes."""

    def __init__(self):
        self.actions, self._begin = [], time.monotonic()

    def __call__(self, action, do=None, *arguments):
        self.actions.append(action)
        return do(*arguments) if do else None

    @property
    def minutes(self):
        return (time.monotonic() - self._begin) / 60


@pytest.fixture
def root(enter, portal):  # noqa: F811
    root = enter("desktop")
    (root.folder / "etc/mykey").mkdir()  # the portal of this test has no certificate
    (root.folder / "etc/mykey/bridge.toml").write_text(f'http_origins = ["{portal.origin}"]\n')
    (root.folder / "etc/chromium.d/flags").write_text(f'export CHROMIUM_FLAGS="$CHROMIUM_FLAGS {FLAGS}"\n')
    return root


@pytest.fixture
def page(playwright, root, screen, portal):  # noqa: F811
    """Open the root's own browser at the portal's start page."""
    port = f"--remote-debugging-port={DEBUGGING}"
    root.start("chromium", port, f"{portal.origin}/", **JAPANESE, **screen.environment)
    wait_until(lambda: listens(DEBUGGING), seconds=30)
    browser = playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{DEBUGGING}")
    [context] = browser.contexts
    wait_until(lambda: context.pages)
    yield context.pages[0]
    browser.close()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_from_the_start_page_to_a_registered_card(page, root, screen, my_number_card):  # noqa: F811
    person, window = Person(), Seen(screen, "マイキー カードリーダー")
    package = root.bring(built("mykey-bridge_*_amd64.deb"))
    person("install the package", lambda: root.run("dpkg", "--install", package, as_root=True))
    with root.reader() as insert:
        person("begin the registration", page.click, 'a[href="/register"]')
        person("agree", page.check, "#agree")
        person("go on", page.click, "main form button")
        see_state(page, "started")
        person("press the link")
        person("let the browser open it", press_open, page, screen, window)
        window.says("はじめて通信するポータルです")
        person("say yes to the portal", window.keys, "Tab", "Tab", "space")
        window.says("カードを置いてください")
        person("put the card on the reader", insert, my_number_card())
        window.says("次の内容でカードを使います")
        person("type the PIN", window.types, "1234")
        with page.context.expect_page() as opening:
            person("send it", window.keys, "Return")
            window.says("終わりました")
        person("say that it is the first time")
        person("register", press_register, opening.value)
    print(len(person.actions), "actions,", round(person.minutes, 2), "minutes:", "; ".join(person.actions))  # noqa: T201
    assert len(person.actions) <= ACTIONS
    assert person.minutes <= MINUTES
    doctor = root.run("reader-bridge", "--lang", "en", "doctor", check=False, **screen.environment).stdout
    assert "[OK] mykey-bridge: A trial link has reached this program." in doctor
