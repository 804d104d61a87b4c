import os
import subprocess
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
