"""Against the real xdg-utils and GLib, in homes of every kind."""

import subprocess
import time
from itertools import product
from pathlib import Path

import pytest

from reader_bridge.desktop.installation import EntryUnwritable, ProgramPathUnusable
from reader_bridge.desktop.linux import LinuxInstallation, autostart_entry, desktop_entry
from reader_bridge.desktop.programs import Programs

KIND = "x-scheme-handler/mykey-bridge"


def programs(path="/opt/my key/mykey-bridge", *, window=True):
    return Programs((path, "open", "--"), (path, "terminal", "--background"), window=window)


def program(path, text="#!/bin/sh\n"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return programs(str(path))


def test_the_entry_hands_over_the_link_as_one_argument():
    lines = desktop_entry(programs()).splitlines()
    assert 'Exec="/opt/my key/mykey-bridge" open -- %u' in lines
    assert {"Terminal=false", f"MimeType={KIND};"} <= set(lines)
    assert "NoDisplay=true" not in lines


def test_without_a_window_a_terminal_shows_the_conversation():
    assert {"Terminal=true", "NoDisplay=true"} <= set(desktop_entry(programs(window=False)).splitlines())
    assert "Terminal=true" in autostart_entry(programs(window=False))


def test_a_plain_path_stands_without_quotes():
    assert "Exec=/usr/bin/mykey-bridge open -- %u" in desktop_entry(programs("/usr/bin/mykey-bridge"))


def test_a_path_with_special_characters_is_quoted_for_command_line_and_file():
    [line] = [line for line in desktop_entry(programs('/a"b`c$d\\e%f')).splitlines() if line.startswith("Exec=")]
    first = line.removeprefix("Exec=").partition(" open ")[0].replace("\\\\", "\\").replace("%%", "%")
    assert subprocess.check_output(["sh", "-c", f"printf %s {first}"], text=True) == '/a"b`c$d\\e%f'


@pytest.mark.parametrize("path", ["/a\nExec=sh", "/a\rb", "/a\0b", "/a\x1bb", "/a\tb", "/a\u2028b"])
def test_a_path_with_control_characters_is_refused(path):
    for entry in (desktop_entry, autostart_entry):
        with pytest.raises(ProgramPathUnusable):
            entry(programs(path))


@pytest.mark.parametrize("entry", [desktop_entry, autostart_entry])
@pytest.mark.parametrize("path", ["/usr/bin/mykey-bridge", '/h o\\m"e/%山田/mykey-bridge'])
def test_both_entries_are_valid(entry, path, tmp_path):
    for window in (True, False):
        file = tmp_path / f"{window}.desktop"
        file.write_text(entry(programs(path, window=window)), "utf-8")
        assert subprocess.run(["desktop-file-validate", file], capture_output=True, check=False, text=True).stdout == ""


class Desktop:
    """A citizen's desktop, as xdg-utils and GLib find it."""

    def __init__(self, home, name, *, elsewhere):
        self.home = home
        home.mkdir(parents=True)
        self.environment = {"HOME": str(home), "PATH": "/usr/bin:/bin", "DISPLAY": ":9", "XDG_CURRENT_DESKTOP": name}
        if elsewhere:
            self.environment |= {"XDG_DATA_HOME": str(home / "d a t a"), "XDG_CONFIG_HOME": str(home / "設定を変える")}

    def installation(self, these):
        return LinuxInstallation(these, self.environment)

    def asked(self, *command):
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False).stdout.strip()

    def default(self):
        """Ask both resolvers which entry opens a link; they agree."""
        glib = self.asked("gio", "mime", KIND).splitlines()[:1]
        return {self.asked("xdg-mime", "query", "default", KIND), *(line.rpartition(": ")[2] for line in glib)}

    def files(self):
        return {str(path.relative_to(self.home)): path.read_bytes() for path in self.home.rglob("*") if path.is_file()}


def appears(file):
    """Wait for what a program writes that was started and left alone."""
    for _ in range(100):
        if file.is_file() and (text := file.read_text()):
            return text
        time.sleep(0.05)
    raise TimeoutError


KINDS = [("plain", "GNOME", False), ("山田 花子's home", "", True), ("k", "KDE", False), ("e", "ubuntu:GNOME", True)]


@pytest.fixture(params=KINDS, ids=lambda kind: kind[1] or "bare")
def desktop(request, tmp_path, monkeypatch):
    name, current, elsewhere = request.param
    desktop = Desktop(tmp_path / name, current, elsewhere=elsewhere)
    monkeypatch.setattr("pathlib.Path.home", lambda: desktop.home)
    for variable in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CURRENT_DESKTOP", "XDG_DATA_DIRS", "HOME"):
        monkeypatch.delenv(variable, raising=False)
    for variable, value in desktop.environment.items():
        monkeypatch.setenv(variable, value)
    return desktop


@pytest.fixture
def these(tmp_path):
    return program(tmp_path / "bin" / "mykey-bridge")


def test_both_resolvers_open_the_link_with_us_until_nothing_is_left(desktop, these):
    (desktop.home / "notes.txt").write_text("theirs")
    before, installation = desktop.files(), desktop.installation(these)
    for terminal in (False, True, True):
        installation.install(terminal=terminal)
    assert desktop.default() == {"mykey-bridge.desktop"}
    assert installation.is_ours(installation.owner())
    assert any(name.endswith("autostart/mykey-terminal.desktop") for name in desktop.files())
    assert len(installation.uninstall()) == 4
    assert (desktop.files(), installation.owner(), installation.uninstall()) == (before, None, [])
    assert not list(desktop.home.rglob("applications"))


def test_a_program_in_a_folder_with_blanks_gets_its_link_from_glib(desktop, tmp_path):
    told = tmp_path / "told"
    odd = program(tmp_path / "山田 花子's $HOME`s" / "mykey-bridge", f'#!/bin/sh\necho "$#$3" > "{told}"\n')
    desktop.installation(odd).install(terminal=False)
    desktop.asked("gio", "open", "mykey-bridge:read?a=b%20c&d")
    assert appears(told) == "3mykey-bridge:read?a=b%20c&d\n"


def test_what_a_hand_has_half_removed_goes_too(desktop, these):
    installation = desktop.installation(these)
    installation.install(terminal=True)
    files = sorted(desktop.home.rglob("*.desktop"))
    for kept in product((True, False), repeat=len(files)):
        installation.install(terminal=True)
        [file.unlink() for file, stays in zip(files, kept, strict=True) if not stays]
        installation.uninstall()
        assert desktop.files() == {}


def test_another_program_keeps_its_place_behind_ours(desktop, these):
    config = Path(desktop.environment.get("XDG_CONFIG_HOME", desktop.home / ".config"))
    config.mkdir(parents=True)
    for name in ("mimeapps.list", "gnome-mimeapps.list", "kde-mimeapps.list"):
        (config / name).write_text(f"[Default Applications]\n{KIND}=theirs.desktop;\n")
    before = desktop.files()
    installation = desktop.installation(these)
    installation.install(terminal=False)
    assert desktop.default() == {"mykey-bridge.desktop"}
    installation.uninstall()
    assert desktop.files() == before


def test_a_list_that_is_a_link_stays_one(desktop, these):
    config = Path(desktop.environment.get("XDG_CONFIG_HOME", desktop.home / ".config"))
    config.mkdir(parents=True)
    kept = desktop.home / "dotfiles"
    kept.write_text("# mine\n[Added Associations]\ntext/plain=\n")
    (config / "mimeapps.list").symlink_to(kept)
    installation = desktop.installation(these)
    installation.install(terminal=False)
    assert (config / "mimeapps.list").is_symlink()
    assert KIND in kept.read_text()
    installation.uninstall()
    assert kept.read_text() == "# mine\n[Added Associations]\ntext/plain=\n"


def test_a_list_that_held_nothing_else_keeps_its_link_and_its_mode(desktop, these):
    config = Path(desktop.environment.get("XDG_CONFIG_HOME", desktop.home / ".config"))
    config.mkdir(parents=True)
    kept = desktop.home / "dotfiles"
    kept.touch(0o600)
    (config / "mimeapps.list").symlink_to(kept)
    installation = desktop.installation(these)
    installation.install(terminal=False)
    installation.uninstall()
    assert (config / "mimeapps.list").is_symlink()
    assert (kept.read_text().strip(), kept.stat().st_mode & 0o777) == ("", 0o600)


@pytest.mark.parametrize("desktop", KINDS[:1], indirect=True)
def test_an_entry_that_cannot_be_read_stops_no_command(desktop, these):
    installation = desktop.installation(these)
    installation.install(terminal=False)
    [entry] = desktop.home.rglob("applications/mykey-bridge.desktop")
    entry.unlink()
    entry.symlink_to(entry)
    installation.repair()


@pytest.mark.parametrize("desktop", KINDS[:1], indirect=True)
@pytest.mark.parametrize("blocked", [".local", ".config", ".local/share/icons", ".config/mimeapps.list/x"])
def test_a_place_that_takes_nothing_is_named_and_undone(desktop, these, blocked):
    there = desktop.home / blocked
    there.parent.mkdir(parents=True, exist_ok=True)
    there.touch()
    before = desktop.files()
    installation = desktop.installation(these)
    with pytest.raises(EntryUnwritable, match=r"\.(local|config)"):
        installation.install(terminal=True)
    installation.uninstall()
    assert desktop.files() == before


@pytest.mark.parametrize("desktop", KINDS[:1], indirect=True)
class TestOneDesktop:
    def test_an_entry_whose_program_is_gone_is_mended_and_none_else(self, desktop, these, tmp_path):
        copy = desktop.installation(program(tmp_path / "copy" / "mykey-bridge"))
        copy.repair()
        assert desktop.files() == {}
        desktop.installation(these).install(terminal=True)
        before = desktop.files()
        copy.repair()
        assert desktop.files() == before
        Path(these.link[0]).unlink()
        copy.repair()
        assert copy.is_ours(copy.owner())
        assert [text for text in desktop.files().values() if these.link[0].encode() in text] == []

    def test_nothing_is_mended_where_nothing_can_be_written(self, desktop, these, monkeypatch):
        installation = desktop.installation(these)
        installation.install(terminal=False)
        Path(these.link[0]).unlink()
        monkeypatch.setattr("pathlib.Path.write_bytes", lambda *_: (_ for _ in ()).throw(PermissionError))
        installation.repair()

    def test_what_a_package_brought_is_not_written_again(self, desktop, these, tmp_path, monkeypatch):
        installation = desktop.installation(these)
        installation.install(terminal=False)
        system = tmp_path / "usr" / "share"
        (system / "applications").mkdir(parents=True)
        (system / "applications" / "mykey-bridge.desktop").write_text(desktop_entry(these))
        monkeypatch.setenv("XDG_DATA_DIRS", str(system))
        desktop.environment["XDG_DATA_DIRS"] = str(system)
        installation.install(terminal=False)
        assert [name for name in desktop.files() if not name.endswith("mimeapps.list")] == []
        assert (desktop.default(), installation.is_ours(installation.owner())) == ({"mykey-bridge.desktop"}, True)

    def test_a_relative_place_counts_for_none(self, desktop, these):
        desktop.environment["XDG_DATA_HOME"] = "share"
        assert all(place.startswith(str(desktop.home)) for place in desktop.installation(these).install(terminal=False))

    def test_whose_program_opens_links_is_told(self, desktop, these):
        theirs = program(desktop.home / '"odd" $(p)`l\\ace' / "100% theirs")
        desktop.installation(theirs).install(terminal=False)
        assert desktop.installation(these).owner() == theirs.link[0]
        assert not desktop.installation(these).is_ours(theirs.link[0])

    def test_an_owner_without_an_entry_is_told_by_its_name(self, desktop, these):
        (desktop.home / ".config").mkdir()
        (desktop.home / ".config" / "mimeapps.list").write_text(f"[Default Applications]\n{KIND}=gone.desktop\n")
        assert desktop.installation(these).owner() in (None, "gone.desktop")  # xdg-mime may look for the entry

    def test_without_xdg_mime_nobody_is_told(self, desktop, these, monkeypatch):
        desktop.installation(these).install(terminal=False)
        monkeypatch.setenv("PATH", str(desktop.home))
        assert desktop.installation(these).owner() is None
