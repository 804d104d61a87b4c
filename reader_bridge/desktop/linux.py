"""The bridge on a desktop of the freedesktop.org rules: files below the citizen's home alone."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from itertools import takewhile
from pathlib import Path

from reader_bridge.desktop.installation import EntryUnwritable, ProgramPathUnusable
from reader_bridge.desktop.mimeapps import with_default, without
from reader_bridge.desktop.programs import Programs
from reader_bridge.portal.launch_link import SCHEME
from reader_bridge.portal.settings import home

ENTRY = "mykey-bridge.desktop"
MIME_TYPE = f"x-scheme-handler/{SCHEME}"
ICON = Path(__file__).with_name("mykey-bridge.svg")
_PLAIN = re.compile(r"[A-Za-z0-9/._+-]+")
_FIRST = re.compile(r'^Exec=(?:"((?:[^"\\]|\\.)*)"|(\S+))', re.MULTILINE)


class LinuxInstallation:
    """Link, entry, icon and autostart; a package of the system may have brought the first three."""

    def __init__(self, programs: Programs, environment: Mapping[str, str] = os.environ) -> None:
        self._programs, self._environment = programs, environment
        data, self._config = self._base("XDG_DATA_HOME", ".local/share"), self._base("XDG_CONFIG_HOME", ".config")
        self._entry = data / "applications" / ENTRY
        self._icon = data / "icons/hicolor/scalable/apps/mykey-bridge.svg"
        self._autostart = self._config / "autostart/mykey-terminal.desktop"
        self._kept = (data, self._config)

    def install(self, *, terminal: bool) -> list[str]:
        """Raise EntryUnwritable, ProgramPathUnusable."""
        wanted = {self._entry: desktop_entry(self._programs), self._icon: ICON.read_text("utf-8")}
        if self._came_with_the_system():  # ours would outlive the package
            self._remove(*wanted)
            wanted = {}
        if terminal:
            wanted[self._autostart] = autostart_entry(self._programs)
        wanted |= {file: with_default(_read(file), MIME_TYPE, ENTRY) for file in self._lists_that_decide()}
        for file, text in wanted.items():
            _write(file, text)
        return [str(file) for file in wanted]

    def uninstall(self) -> list[str]:
        """Raise EntryUnwritable."""
        removed = self._remove(self._entry, self._icon, self._autostart)
        for file in self._lists():
            old = _read(file)
            if old != (new := without(old, ENTRY)):
                _write(file, new) if new.strip() or file.is_symlink() else self._remove(file)
                removed.append(str(file))
        return removed

    def repair(self) -> None:
        """Leave all as it is, too, where it cannot be written."""
        with suppress(EntryUnwritable, ProgramPathUnusable):
            named = [_program(_read(file)) for file in (self._entry, self._autostart)]
            if any(each and shutil.which(each) is None for each in named):
                self.install(terminal=self._autostart.is_file())

    def owner(self) -> str | None:
        """Ask the desktop for its default entry, and that for its program."""
        xdg_mime = shutil.which("xdg-mime")
        if xdg_mime is None:
            return None
        command = [xdg_mime, "query", "default", MIME_TYPE]
        name = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603
        folders = [self._entry.parent, *self._folders_of_the_system()]
        return next(filter(None, (_program(_read(folder / name)) for folder in folders)), name) if name else None

    def is_ours(self, owner: str) -> bool:
        return os.path.realpath(shutil.which(owner) or owner) == os.path.realpath(self._programs.link[0])

    def _base(self, variable: str, default: str) -> Path:
        """Name a folder; one that is not absolute counts for none (XDG Base Directory Specification 0.8)."""
        named = Path(self._environment.get(variable, ""))
        return named if named.is_absolute() else home() / default

    def _folders_of_the_system(self) -> list[Path]:
        named = self._environment.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
        return [Path(each) / "applications" for each in named.split(":") if each]

    def _came_with_the_system(self) -> bool:
        owners = [_program(_read(folder / ENTRY)) for folder in self._folders_of_the_system()]
        return any(self.is_ours(each) for each in owners if each)

    def _lists(self) -> list[Path]:
        """Name every list of this citizen's, those of old times too."""
        folders = (self._config, self._entry.parent)
        return [file for folder in folders for file in (*folder.glob("*mimeapps.list"), *folder.glob("defaults.list"))]

    def _lists_that_decide(self) -> list[Path]:
        """Name the list for all desktops, and that of a desktop which overrules it."""
        common = self._config / "mimeapps.list"
        return [common, *(each for each in self._config.glob("*-mimeapps.list") if MIME_TYPE in _read(each))]

    def _remove(self, *files: Path) -> list[str]:
        """Unlink those that are there, and the folders in which nothing is left."""
        there = [file for file in files if file.is_file() or file.is_symlink()]
        for file in there:
            try:
                file.unlink()
            except OSError as error:
                raise EntryUnwritable(str(file)) from error
            with suppress(OSError):
                for folder in takewhile(lambda each: each not in self._kept, file.parents):
                    folder.rmdir()
        return [str(file) for file in there]


def desktop_entry(programs: Programs) -> str:
    """Say how to start the program with one link (Desktop Entry Specification 1.5)."""
    hidden = "" if programs.window else "NoDisplay=true\n"  # without a link it has nothing to show
    return (
        "[Desktop Entry]\n"
        "Type=Application\n"
        "Name=MyKey card reader\n"
        "Name[ja]=マイキー カードリーダー\n"
        "Comment=Read a My Number card for a MyKey portal\n"
        "Comment[ja]=マイキーポータルのためにマイナンバーカードを読み取ります\n"
        f"Exec={_command(programs.link)} %u\n"
        f"Terminal={'false' if programs.window else 'true'}\n"
        f"Icon={ICON.stem}\n"
        "Categories=Utility;\n"
        f"{hidden}"
        f"MimeType={MIME_TYPE};\n"
    )


def autostart_entry(programs: Programs) -> str:
    """Start a service provider's terminal with the session (Desktop Application Autostart Specification 0.5)."""
    return (
        "[Desktop Entry]\n"
        "Type=Application\n"
        "Name=MyKey terminal\n"
        "Name[ja]=マイキー端末\n"
        f"Exec={_command(programs.terminal)}\n"
        f"Terminal={'false' if programs.window else 'true'}\n"
        f"Icon={ICON.stem}\n"
    )


def _command(arguments: tuple[str, ...]) -> str:
    return " ".join(map(_quoted, arguments))


def _quoted(argument: str) -> str:
    """Quote one argument of Exec: once for the command line, then its backslashes again for the file.

    One that needs no quotes gets none: xdg-open takes them, where there is no desktop, for a part of the name.
    """
    if _PLAIN.fullmatch(argument):
        return argument
    if not argument.isprintable():
        raise ProgramPathUnusable(repr(argument))
    escaped = "".join(f"\\{each}" if each in '"`$\\' else each for each in argument)
    return '"' + escaped.replace("\\", "\\\\").replace("%", "%%") + '"'


def _program(entry: str) -> str | None:
    """Read the program out of an entry, as `_quoted` wrote it."""
    found = _FIRST.search(entry.replace("\\\\", "\\"))
    if not found:
        return None
    return (re.sub(r"\\(.)", r"\1", found[1]) if found[1] else found[2]).replace("%%", "%")


def _read(file: Path) -> str:
    """Return what a file holds, byte for byte; nothing for one that is not there."""
    try:
        return file.read_bytes().decode("utf-8", "surrogateescape")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return ""
    except OSError as error:
        raise EntryUnwritable(str(file)) from error


def _write(file: Path, text: str) -> None:
    """Put it in the place of what is there in one step; a list may be a link to where somebody keeps it."""
    there = file.resolve()
    draft = there.with_name(f"{there.name}.new")
    try:
        there.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(text.encode("utf-8", "surrogateescape"))
        if there.exists():
            draft.chmod(there.stat().st_mode)
        draft.replace(there)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        raise EntryUnwritable(str(file)) from error
