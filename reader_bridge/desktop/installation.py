"""What makes the bridge a part of somebody's computer, and what undoes it; no administrator is needed."""

import sys
from collections.abc import Collection
from typing import Protocol

from reader_bridge.desktop.programs import these_programs
from reader_bridge.errors import PlaceError


class EntryUnwritable(PlaceError):
    """A place of the installation cannot be written; the text names it."""

    code = "entry-unwritable"


class ProgramPathUnusable(PlaceError):
    """No desktop entry can name the program: a line break in its path would begin a line of the entry."""

    code = "program-path-unusable"


class BundleMissing(PlaceError):
    """macOS hands links to applications alone, and this program is not in one that names the scheme."""

    code = "bundle-missing"


class Installation(Protocol):
    """The same on each system; the places that it returns are for people to read."""

    def install(self, *, terminal: bool) -> Collection[str]:
        """Have links open in this program, and start a terminal with the session; return the places written."""

    def uninstall(self) -> Collection[str]:
        """Remove all that `install` has written, whoever moved or broke it since; return the places that were there."""

    def repair(self) -> None:
        """Install anew where what was installed starts a program that is gone; elsewhere write nothing."""

    def owner(self) -> str | None:
        """Name the program that a link starts; None where there is none."""

    def is_ours(self, owner: str) -> bool:
        """Tell whether that program is this one."""


def installation() -> Installation:
    """Return what is installed on this system."""
    if sys.platform == "win32":
        import winreg  # noqa: PLC0415

        from reader_bridge.desktop.windows import WindowsInstallation  # noqa: PLC0415

        return WindowsInstallation(these_programs(), winreg)
    if sys.platform == "darwin":
        from reader_bridge.desktop.macos import MacInstallation  # noqa: PLC0415

        return MacInstallation(these_programs())
    from reader_bridge.desktop.linux import LinuxInstallation  # noqa: PLC0415

    return LinuxInstallation(these_programs())
