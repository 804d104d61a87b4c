import sys

import pytest

from reader_bridge.desktop.programs import these_programs


@pytest.fixture
def beside(monkeypatch, tmp_path):
    """Put programs beside the interpreter."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    return lambda *names: [(tmp_path / name).touch() for name in names]


def test_the_window_opens_links_where_it_is_installed(beside, tmp_path):
    beside("reader-bridge", "mykey-bridge")
    programs = these_programs()
    assert programs.link == (str(tmp_path / "mykey-bridge"), "open", "--")
    assert (programs.terminal[1:], programs.window) == (("terminal", "--background"), True)


def test_a_window_without_qt_opens_none(beside, tmp_path, monkeypatch):
    beside("reader-bridge", "mykey-bridge")
    monkeypatch.setattr("reader_bridge.desktop.programs.find_spec", lambda _: None)
    programs = these_programs()
    assert programs.link == (str(tmp_path / "reader-bridge"), "open", "--keep-open", "--")
    assert (programs.terminal[1:], programs.window) == (("terminal", "run"), False)


def test_a_program_without_a_script_is_started_by_its_interpreter(beside, tmp_path):
    beside()
    assert these_programs().link[:3] == (str(tmp_path / "python"), "-m", "reader_bridge")


def test_on_windows_programs_have_their_suffix(beside, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    beside("reader-bridge", "mykey-bridge.exe")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert these_programs().link[0] == str(tmp_path / "mykey-bridge.exe")
