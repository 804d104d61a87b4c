"""Against a registry of our own making; no Windows has run this."""

from contextlib import contextmanager

import pytest

from reader_bridge.desktop.installation import EntryUnwritable
from reader_bridge.desktop.programs import Programs
from reader_bridge.desktop.windows import WindowsInstallation

FOLDER = r"C:\Users\山田 花子\AppData\Local\Programs\MyKey card reader"
PROGRAMS = Programs(
    (rf"{FOLDER}\mykey-bridge.exe", "open", "--"), (rf"{FOLDER}\mykey-bridge.exe", "terminal"), window=True
)
COMMAND = r"Software\Classes\mykey-bridge\shell\open\command"
RUN = r"Software\Microsoft\Windows\CurrentVersion\Run"


class Registry:
    """Behaves as winreg does: keys above come by themselves, and none goes while one is below it."""

    HKEY_CURRENT_USER, REG_SZ, KEY_SET_VALUE = "HKCU", 1, 2

    def __init__(self):
        self.keys = {}
        with self.CreateKey(self.HKEY_CURRENT_USER, RUN) as run:
            self.keys[run]["Other"] = "other.exe"

    @contextmanager
    def CreateKey(self, _root, key):  # noqa: N802
        parts = key.split("\\")
        for length in range(1, len(parts) + 1):
            self.keys.setdefault("\\".join(parts[:length]), {})
        yield key

    @contextmanager
    def OpenKey(self, _root, key, _reserved=0, _access=0):  # noqa: N802
        if key not in self.keys:
            raise FileNotFoundError
        yield key

    def SetValueEx(self, key, name, _reserved, _kind, value):  # noqa: N802
        self.keys[key][name] = value

    def QueryValueEx(self, key, name):  # noqa: N802
        if name not in self.keys[key]:
            raise FileNotFoundError
        return self.keys[key][name], self.REG_SZ

    def DeleteKey(self, _root, key):  # noqa: N802
        if key not in self.keys:
            raise FileNotFoundError
        if any(each.startswith(f"{key}\\") for each in self.keys):
            raise PermissionError
        del self.keys[key]

    def DeleteValue(self, key, name):  # noqa: N802
        if self.keys[key].pop(name, None) is None:
            raise FileNotFoundError


@pytest.fixture
def registry():
    return Registry()


@pytest.fixture
def installation(registry):
    return WindowsInstallation(PROGRAMS, registry)


def test_a_link_starts_the_program_with_one_argument(installation, registry):
    installation.install(terminal=False)
    assert registry.keys[COMMAND][""] == f'"{PROGRAMS.link[0]}" open -- "%1"'
    assert registry.keys[r"Software\Classes\mykey-bridge"] == {"": "URL:mykey-bridge", "URL Protocol": ""}
    assert (registry.keys[RUN], installation.is_ours(installation.owner())) == ({"Other": "other.exe"}, True)


def test_nothing_of_it_is_left_and_nothing_else_is_touched(installation, registry):
    before = {key: dict(values) for key, values in registry.keys.items()}
    installation.install(terminal=True)
    installation.install(terminal=True)
    assert registry.keys[RUN]["MyKey terminal"] == f'"{PROGRAMS.link[0]}" terminal'
    assert len(installation.uninstall()) == 6
    left = {key: values for key, values in registry.keys.items() if key != r"Software\Classes"}
    assert (left, installation.owner(), installation.uninstall()) == (before, None, [])


def test_what_somebody_has_half_removed_goes_too(installation, registry):
    installation.install(terminal=True)
    del registry.keys[COMMAND]
    installation.uninstall()
    assert [key for key in registry.keys if "mykey" in key] == []


def test_a_key_that_somebody_put_below_ours_is_said(installation, registry):
    installation.install(terminal=False)
    registry.keys[rf"{COMMAND}\theirs"] = {}
    with pytest.raises(EntryUnwritable, match="command"):
        installation.uninstall()


def test_a_program_that_moved_is_found_again_and_a_copy_takes_nothing_over(installation, registry, tmp_path):
    there = tmp_path / "mykey-bridge.exe"
    there.touch(mode=0o755)
    installation.repair()
    assert installation.owner() is None
    WindowsInstallation(Programs((str(there), "open"), (str(there),), window=True), registry).install(terminal=False)
    installation.repair()
    assert installation.owner() == str(there)
    there.unlink()
    installation.repair()
    assert installation.is_ours(installation.owner())
