import os
import subprocess
import sys
from pathlib import Path

import pytest

from reader_bridge.desktop.link import ProgramPathUnusable, XdgMimeMissing, desktop_entry, register


def test_the_entry_opens_a_terminal_and_hands_over_the_link_as_one_argument():
    lines = desktop_entry(["/opt/my key/reader-bridge"]).splitlines()
    assert 'Exec="/opt/my key/reader-bridge" open --keep-open -- %u' in lines
    assert {"Terminal=true", "MimeType=x-scheme-handler/mykey-bridge;"} <= set(lines)


def test_a_plain_path_stands_without_quotes():
    assert "Exec=/usr/bin/reader-bridge open --keep-open -- %u" in desktop_entry(["/usr/bin/reader-bridge"])


def test_a_path_with_special_characters_is_quoted_for_command_line_and_file():
    [line] = [line for line in desktop_entry(['/a"b`c$d\\e%f']).splitlines() if line.startswith("Exec=")]
    program = line.removeprefix("Exec=").partition(" open ")[0].replace("\\\\", "\\").replace("%%", "%")
    assert subprocess.check_output(["sh", "-c", f"printf %s {program}"], text=True) == '/a"b`c$d\\e%f'


@pytest.mark.parametrize("path", ["/a\nExec=sh", "/a\rb", "/a\0b", "/a\x1bb", "/a\tb", "/a\u2028b"])
def test_a_path_with_control_characters_is_refused(path):
    with pytest.raises(ProgramPathUnusable):
        desktop_entry([path])


@pytest.fixture
def home(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path


def test_registering_writes_the_entry_and_tells_the_desktop(home, monkeypatch):
    told = home / "told"
    program = home / "bin" / "xdg-mime"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$@" > "{told}"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    entry = register()
    assert entry == home / "data" / "applications" / "mykey-bridge.desktop"
    assert "open --keep-open -- %u" in entry.read_text("utf-8")
    assert told.read_text().split() == ["default", "mykey-bridge.desktop", "x-scheme-handler/mykey-bridge"]


def test_a_desktop_without_xdg_mime_is_said(home, monkeypatch):
    monkeypatch.setenv("PATH", str(home))
    with pytest.raises(XdgMimeMissing):
        register()
    assert Path(home / "data" / "applications" / "mykey-bridge.desktop").exists()


@pytest.fixture
def desktop(tmp_path):
    """A desktop without a single program; TERMINAL is what shows those that want a terminal."""
    places = {name: str(tmp_path / name) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR")}
    for place in places.values():
        Path(place, "applications").mkdir(parents=True)
    return places | {"PATH": "/usr/bin:/bin", "DISPLAY": ":9"}


def registers(environment, *options):
    command = [sys.executable, "-m", "reader_bridge", "--lang", "en", *options, "register"]
    settings = {"env": environment, "capture_output": True, "text": True, "cwd": Path.cwd()}
    return subprocess.run(command, check=False, **settings)


def test_registering_opens_a_trial_link_and_says_that_it_arrived(desktop):
    result = registers(desktop | {"TERMINAL": "env --"})
    assert (result.returncode, "A trial link has reached this program." in result.stdout) == (0, True), result
    assert list(Path(desktop["XDG_RUNTIME_DIR"]).glob("mykey-link-*")) == []


def test_a_desktop_without_a_terminal_is_told_that_the_link_does_not_arrive(desktop):
    result = registers(desktop | {"TERMINAL": "false"})
    assert (result.returncode, "did not reach this program" in result.stderr) == (1, True)
    assert list(Path(desktop["XDG_RUNTIME_DIR"]).glob("mykey-link-*")) == []


def test_a_place_that_takes_no_entry_is_named(desktop):
    result = registers(desktop | {"XDG_DATA_HOME": "/proc/nowhere"})
    assert (result.returncode, "The link cannot be set up." in result.stderr) == (1, True)
    assert "Traceback" not in result.stderr


def test_a_trial_link_touches_neither_card_nor_network(desktop):
    link = f"mykey-bridge:read?origin=https%3A%2F%2Fnowhere.invalid&handle={'a' * 22}"
    command = [sys.executable, "-m", "reader_bridge", "open", "--", link]
    assert subprocess.run(command, env=desktop, capture_output=True, check=False, cwd=Path.cwd()).returncode == 0
