"""A new user's way on a desktop of its own: the portal's page, the link, the window, a card, the registered ID."""

import os
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from demo.virtual_card import VirtualCard
from reader_bridge.desktop.linux import LinuxInstallation
from reader_bridge.desktop.programs import Programs
from tests.conftest import VALID
from tests.e2e.browser import ARGUMENTS, PROGRAM, press_register, see_signed_in, see_state, start
from tests.pcsc.conftest import daemon, pcsc  # noqa: F401 - the same reader
from tests.pcsc.window.screen import Screen, Seen
from tests.waiting import wait_until


@pytest.fixture
def screen():
    screen = Screen("1280x900")
    yield screen
    screen.close()


@pytest.fixture
def surroundings(portal, pcsc, screen, tmp_path):  # noqa: F811
    """Return what programs on this desktop find around them; the bridge is installed for this citizen."""
    folders = {"XDG_DATA_HOME": "share", "XDG_CONFIG_HOME": "config", "XDG_RUNTIME_DIR": "run", "HOME": "home"}
    found = {name: str(tmp_path / folder) for name, folder in folders.items()}
    for each in found.values():
        Path(each).mkdir(mode=0o700)
    browser = f"{PROGRAM} --no-sandbox --user-data-dir={tmp_path / 'profile'} %s"
    found |= pcsc.environment | screen.environment | {"BROWSER": browser, "LANG": "ja_JP.UTF-8"}
    found = {"PATH": os.environ["PATH"]} | found
    program = Path(sys.executable).with_name("mykey-bridge")
    assert program.exists()
    settings = Path(found["XDG_CONFIG_HOME"], "mykey", "bridge.toml")
    settings.parent.mkdir()
    settings.write_text(f'http_origins = ["{portal.origin}"]\n')
    LinuxInstallation(Programs((str(program), "open", "--"), (), window=True), found).install(terminal=False)
    return found


@pytest.fixture
def page(playwright, portal, surroundings, tmp_path):
    """Open the desktop's own browser at the portal."""
    context = playwright.chromium.launch_persistent_context(
        tmp_path / "profile",
        executable_path=PROGRAM,
        args=ARGUMENTS,
        headless=False,
        env=surroundings,
        base_url=portal.origin,
        locale="ja",
    )
    yield context.pages[0]
    context.close()


def press_open(page, screen, window):
    """Press the link, then the second button of the browser's question, which takes no key in its first moments."""
    for patience in (1, 2, 4, 8):
        page.click('a[href^="mykey-bridge:"]')
        time.sleep(patience)
        screen.do("key", "Tab", "Return")
        with suppress(AssertionError):
            return wait_until(lambda: window.title, seconds=2 * patience)
        screen.do("key", "Escape")
    pytest.fail("the browser did not open the link")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_from_the_start_page_to_a_registered_card(page, pcsc, screen, authority, keys):  # noqa: F811
    certificate = authority.issue(public_key=keys[0].public_key(), **VALID).public_bytes(Encoding.DER)
    root = authority.certificate.public_bytes(Encoding.DER)
    card = VirtualCard(certificate=certificate, key=keys[0], authority_certificate=root, pin="1234")
    start(page)
    window = Seen(screen, "マイキー カードリーダー")
    press_open(page, screen, window)
    window.says("はじめて通信するポータルです")
    window.keys("Tab", "Tab", "space")
    window.says("カードを置いてください")
    see_state(page, "claimed")
    pcsc.insert(card)
    window.says("次の内容でカードを使います")
    window.types("1234")
    with page.context.expect_page() as opening:
        window.keys("Return")
        window.says("終わりました")
    opened = opening.value
    press_register(opened)
    see_signed_in(opened)
    window.keys("alt+F4")
    wait_until(lambda: not window.title)
