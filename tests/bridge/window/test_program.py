"""The program `mykey-bridge`: where nothing can be drawn it says what is missing, and goes on in the terminal."""

import os
import subprocess
import sys

import pytest

from reader_bridge.window.drawing import _loaded, package_of
from tests.bridge.conversation.test_terminal_ui import Terminal
from tests.bridge.fake_portal import HANDLE

PROGRAM = (sys.executable, "-c", "from reader_bridge.window import main; main()", "--lang", "en")
SCREENS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


@pytest.fixture
def without(tmp_path):
    """Return an environment without a screen."""
    found = {name: value for name, value in os.environ.items() if name not in SCREENS}
    return found | {"MYKEY_BRIDGE_SETTINGS": str(tmp_path / "bridge.toml"), "XDG_RUNTIME_DIR": str(tmp_path)}


def run(environment, *arguments):
    command = [*PROGRAM, *arguments]
    return subprocess.run(command, env=environment, check=False, capture_output=True, text=True, timeout=30)


@pytest.mark.parametrize(("screen", "missing"), [({}, "DISPLAY"), ({"DISPLAY": ":9999"}, "DISPLAY :9999")])
def test_where_nothing_can_be_drawn_the_terminal_goes_on_in_words(without, screen, missing):
    ended = run(without | screen)
    assert "cannot be drawn" in ended.stderr
    assert f"[{missing}]" in ended.stderr
    assert "Usage: reader-bridge" in ended.stdout
    assert ended.returncode == 0


def test_a_link_is_followed_in_the_terminal_where_nothing_can_be_drawn(without, portal):
    origin = portal.origin.replace(":", "%3A").replace("/", "%2F")
    link = f"mykey-bridge:read?origin={origin}&handle={HANDLE}"
    terminal = Terminal(*PROGRAM, "--allow-http", portal.origin, link, environment=without)
    terminal.wait("cannot be drawn")
    terminal.answer("Connect to this portal?", "n")
    assert terminal.end() == 130
    assert portal.calls == []


@pytest.mark.parametrize(
    ("library", "package"),
    [
        (("libxcb-cursor", "0"), "libxcb-cursor0"),
        (("libxkbcommon-x11", "0"), "libxkbcommon-x11-0"),
        (("libEGL", "1"), "libegl1"),
        (("libICE", "6"), "libice6"),
    ],
)
def test_a_library_is_named_by_its_package(library, package):
    assert package_of(*library) == package


def test_a_library_that_a_plugin_lacks_is_named(tmp_path):
    needed, plugin = tmp_path / "libxcb-nothing.so.0", tmp_path / "libqxcb.so"
    make = ["gcc", "-shared", "-x", "c", os.devnull, "-o"]
    subprocess.run([*make, needed, "-Wl,-soname,libxcb-nothing.so.0"], check=True)
    subprocess.run([*make, plugin, "-x", "none", "-Wl,--no-as-needed", needed], check=True)
    needed.unlink()
    assert _loaded(plugin) == "libxcb-nothing0"


@pytest.mark.parametrize("said", [["mykey-bridge:x"], ["open", "install"], ["open", "a", "b"]])
def test_what_is_no_link_is_refused_before_anything_is_drawn(without, said):
    ended = run(without, *said)
    assert (ended.returncode, "cannot be drawn" in ended.stderr) == (2, False)


@pytest.mark.parametrize(
    "said", [["install"], ["https://id.example.jp"], ["terminal", "run"], ["doctor", "mykey-bridge:x"], [""]]
)
def test_a_command_of_the_terminal_is_led_to_the_program_that_has_it(without, said):
    ended = run(without, *said)
    assert (ended.returncode, ended.stdout, "cannot be drawn" in ended.stderr) == (2, "", False)
    assert f"{' '.join(said)}: The window has no such command." in ended.stderr
    assert "reader-bridge in a terminal: doctor, install, list, open, pair, show, terminal, uninstall" in ended.stderr


def test_it_says_its_version(without):
    ended = run(without, "--version")
    assert (ended.returncode, "mykey-bridge" in ended.stdout) == (0, True)
