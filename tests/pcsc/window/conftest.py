import os
from pathlib import Path

import pytest

from tests.bridge.card.conftest import issued  # noqa: F401 - the same cards
from tests.bridge.fake_portal import HANDLE
from tests.pcsc.desk.scene import Scene
from tests.pcsc.window.screen import OnScreen, Screen


@pytest.fixture(scope="session")
def screen():
    screen = Screen()
    yield screen
    screen.close()


@pytest.fixture
def link(portal):
    origin = portal.origin.replace(":", "%3A").replace("/", "%2F")
    return f"mykey-bridge:read?origin={origin}&handle={HANDLE}"


@pytest.fixture
def show(screen, environment, portal, tmp_path):
    """Start the program on the screen, as a citizen who has met the portal before."""
    Path(environment["MYKEY_BRIDGE_SETTINGS"]).write_text(f'known_origins = ["{portal.origin}"]')
    started = []
    without = {name: value for name, value in os.environ.items() if name.startswith("LC_") or name == "LANG"}

    def begin(*arguments, daemon=None, under=()):
        surroundings = without | environment | {"HOME": str(tmp_path), "BROWSER": "true"}
        surroundings |= daemon.environment if daemon else {}
        arguments = ("--allow-http", portal.origin, *arguments)
        started.append(OnScreen(screen, surroundings, *arguments, under=under))
        return started[-1]

    yield begin
    for each in started:
        each.kill()


class WindowScene(Scene):
    """The same states and events, at a window."""

    def says(self, code):
        return self.terminal.says(code)

    def PIN_prompt(self):  # noqa: N802
        self.card_put_in()
        self.terminal = self.begin()
        self.says("pin-prompt")

    def _type(self, pin):
        self.typed.append(pin)
        self.terminal.types(pin)
        self.terminal.keys("Return")


@pytest.fixture
def scene(pcsc, portal, show, link, issued, theirs):  # noqa: F811 - a fixture
    scene = WindowScene(pcsc, portal, lambda: show(link, daemon=pcsc), issued.card(), issued.card(**theirs))
    yield scene
    scene.close()
    pcsc.restart()
