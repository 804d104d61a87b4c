import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture
def desktop(tmp_path):
    """A desktop without a single program; TERMINAL is what shows those that want a terminal."""
    places = {name: str(tmp_path / name) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR")}
    for place in places.values():
        Path(place, "applications").mkdir(parents=True)
    return places | {"PATH": "/usr/bin:/bin", "DISPLAY": ":9"}


def runs(environment, *options):
    command = [sys.executable, "-m", "reader_bridge", "--lang", "en", *options]
    settings = {"env": environment, "capture_output": True, "text": True, "cwd": Path.cwd()}
    return subprocess.run(command, check=False, **settings)


def test_installing_opens_a_trial_link_and_says_that_it_arrived(desktop):
    result = runs(desktop | {"TERMINAL": "env --"}, "install")
    assert (result.returncode, "A trial link has reached this program." in result.stdout) == (0, True), result
    assert list(Path(desktop["XDG_RUNTIME_DIR"]).glob("mykey-link-*")) == []


def test_a_desktop_that_opens_nothing_is_told_that_the_link_does_not_arrive(desktop, tmp_path):
    opener = tmp_path / "bin" / "xdg-open"
    opener.parent.mkdir()
    opener.write_text("#!/bin/sh\n")
    opener.chmod(0o755)
    result = runs(desktop | {"PATH": f"{opener.parent}:{desktop['PATH']}"}, "install")
    assert (result.returncode, "did not reach this program" in result.stderr) == (1, True)
    assert list(Path(desktop["XDG_RUNTIME_DIR"]).glob("mykey-link-*")) == []


def test_a_place_that_takes_no_entry_is_named(desktop):
    result = runs(desktop | {"XDG_DATA_HOME": "/proc/nowhere"}, "install")
    assert (result.returncode, "This cannot be set up." in result.stderr) == (1, True)
    assert "Traceback" not in result.stderr


def test_a_trial_link_touches_neither_card_nor_network(desktop):
    link = f"mykey-bridge:read?origin=https%3A%2F%2Fnowhere.invalid&handle={'a' * 22}"
    command = [sys.executable, "-m", "reader_bridge", "open", "--", link]
    assert subprocess.run(command, env=desktop, capture_output=True, check=False, cwd=Path.cwd()).returncode == 0


def test_a_desktop_without_xdg_utils_is_told_so(desktop, tmp_path):
    result = runs(desktop | {"PATH": str(tmp_path)}, "install")
    assert (result.returncode, "xdg-utils is not installed" in result.stderr) == (1, True)


def test_uninstalling_keeps_settings_unless_all_is_said(desktop):
    settings = Path(desktop["XDG_CONFIG_HOME"], "mykey")
    settings.mkdir()
    for name in ("bridge.toml", "known-portals.json", "terminal.json", "mykey-bridge.lock", "notes.txt"):
        (settings / name).write_text("[]" if name.endswith("portals.json") else "")
    runs(desktop | {"TERMINAL": "env --"}, "install", "--terminal")
    assert "Settings and the terminal's enrolment are kept" in runs(desktop, "uninstall").stdout
    assert len(list(settings.iterdir())) == 5
    assert runs(desktop, "uninstall", "--all").returncode == 0
    assert [path.name for path in settings.iterdir()] == ["notes.txt"]
    assert list(Path(desktop["HOME"]).parent.rglob("*mykey-*")) == []
