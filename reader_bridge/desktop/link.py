"""Have the desktop hand `mykey-bridge:` links to this program."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from reader_bridge.errors import BridgeError
from reader_bridge.portal.launch_link import SCHEME

ENTRY = "mykey-bridge.desktop"
MIME_TYPE = f"x-scheme-handler/{SCHEME}"
_PLAIN = re.compile(r"[A-Za-z0-9/._+-]+")


class XdgMimeMissing(BridgeError):
    """The desktop entry is written, but nothing here makes it the default."""

    code = "xdg-mime-missing"


class ProgramPathUnusable(BridgeError):
    """No desktop entry can name the program: a line break in its path would begin a line of the entry."""

    code = "program-path-unusable"


def register() -> Path:
    """Write the desktop entry, make it the default for the scheme; raise XdgMimeMissing, ProgramPathUnusable."""
    data_home = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    entry = data_home / "applications" / ENTRY
    text = desktop_entry(_program())
    entry.parent.mkdir(parents=True, exist_ok=True)
    entry.write_text(text, "utf-8")
    xdg_mime = shutil.which("xdg-mime")
    if xdg_mime is None:
        raise XdgMimeMissing(str(entry))
    subprocess.run([xdg_mime, "default", ENTRY, MIME_TYPE], check=True)  # noqa: S603 (our own two constants)
    return entry


def desktop_entry(program: list[str]) -> str:
    """Say how to start the program with one link (Desktop Entry Specification 1.5)."""
    return (
        "[Desktop Entry]\n"
        "Type=Application\n"
        "Name=MyKey Reader Bridge\n"
        "Name[ja]=マイキー カードリーダー\n"
        f"Exec={' '.join(map(_quoted, program))} open --keep-open -- %u\n"
        "Terminal=true\n"
        "NoDisplay=true\n"
        f"MimeType={MIME_TYPE};\n"
    )


def _program() -> list[str]:
    script = Path(sys.executable).with_name("reader-bridge")
    return [str(script)] if script.exists() else [sys.executable, "-m", "reader_bridge"]


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
