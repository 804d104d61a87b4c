"""The bridge on Windows: keys of the registry below HKEY_CURRENT_USER alone (untried, see docs/untried.md).

The start menu's entry and the list of installed programs are the installer's, deploy/bridge/windows.
"""

import shutil
import subprocess
from contextlib import suppress
from pathlib import PureWindowsPath
from typing import Any

from reader_bridge.desktop.installation import EntryUnwritable
from reader_bridge.desktop.programs import Programs
from reader_bridge.portal.launch_link import SCHEME

SCHEME_KEY = rf"Software\Classes\{SCHEME}"
_COMMAND = rf"{SCHEME_KEY}\shell\open\command"
_KEYS = (
    _COMMAND,
    rf"{SCHEME_KEY}\shell\open",
    rf"{SCHEME_KEY}\shell",
    rf"{SCHEME_KEY}\DefaultIcon",
    SCHEME_KEY,
)  # deepest first
_RUN = r"Software\Microsoft\Windows\CurrentVersion\Run"
TERMINAL = "MyKey terminal"


class WindowsInstallation:
    """Link and autostart; wins over the whole computer's, and outlives the program unless it is uninstalled."""

    def __init__(self, programs: Programs, winreg: Any) -> None:
        self._programs, self._winreg = programs, winreg

    def install(self, *, terminal: bool) -> list[str]:
        """Raise EntryUnwritable."""
        values = {
            (SCHEME_KEY, ""): f"URL:{SCHEME}",
            (SCHEME_KEY, "URL Protocol"): "",
            (rf"{SCHEME_KEY}\DefaultIcon", ""): f'"{self._programs.link[0]}",0',
            (_COMMAND, ""): f'{subprocess.list2cmdline(self._programs.link)} "%1"',
        }
        if terminal:
            values[_RUN, TERMINAL] = subprocess.list2cmdline(self._programs.terminal)
        for (key, name), value in values.items():
            self._write(key, name, value)
        return [_shown(SCHEME_KEY), *([_shown(_RUN, TERMINAL)] if terminal else [])]

    def uninstall(self) -> list[str]:
        """Raise EntryUnwritable."""
        removed = []
        for key in _KEYS:
            with suppress(FileNotFoundError):
                self._delete(key)
                removed.append(_shown(key))
        with suppress(FileNotFoundError):
            self._delete(_RUN, TERMINAL)
            removed.append(_shown(_RUN, TERMINAL))
        return removed

    def repair(self) -> None:
        """Leave all as it is, too, where it cannot be written."""
        terminal = self._read(_RUN, TERMINAL)
        if any(each and shutil.which(_program(each)) is None for each in (self._read(_COMMAND), terminal)):
            with suppress(EntryUnwritable):
                self.install(terminal=terminal is not None)

    def owner(self) -> str | None:
        command = self._read(_COMMAND)
        return _program(command) if command else None

    def is_ours(self, owner: str) -> bool:
        return PureWindowsPath(owner) == PureWindowsPath(self._programs.link[0])

    def _write(self, key: str, name: str, value: str) -> None:
        try:
            with self._winreg.CreateKey(self._winreg.HKEY_CURRENT_USER, key) as opened:
                self._winreg.SetValueEx(opened, name, 0, self._winreg.REG_SZ, value)
        except OSError as error:
            raise EntryUnwritable(_shown(key, name)) from error

    def _read(self, key: str, name: str = "") -> str | None:
        try:
            with self._winreg.OpenKey(self._winreg.HKEY_CURRENT_USER, key) as opened:
                return str(self._winreg.QueryValueEx(opened, name)[0])
        except OSError:
            return None

    def _delete(self, key: str, name: str | None = None) -> None:
        user = self._winreg.HKEY_CURRENT_USER
        try:
            if name is None:
                self._winreg.DeleteKey(user, key)
                return
            with self._winreg.OpenKey(user, key, 0, self._winreg.KEY_SET_VALUE) as opened:
                self._winreg.DeleteValue(opened, name)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise EntryUnwritable(_shown(key, name or "")) from error


def _program(command: str) -> str:
    """Read the program out of a command line."""
    return command[1:].partition('"')[0] if command.startswith('"') else command.partition(" ")[0]


def _shown(key: str, name: str = "") -> str:
    return rf"HKEY_CURRENT_USER\{key}" + (rf"\{name}" if name else "")
