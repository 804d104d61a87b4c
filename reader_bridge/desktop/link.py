"""Have the desktop hand `mykey-bridge:` links to this program."""

import os
import re
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from secrets import token_urlsafe
from time import monotonic, sleep
from urllib.parse import quote

from reader_bridge.errors import BridgeError, PlaceError
from reader_bridge.portal.launch_link import SCHEME, LaunchLink
from reader_bridge.portal.settings import home, runtime_folder

ENTRY = "mykey-bridge.desktop"
MIME_TYPE = f"x-scheme-handler/{SCHEME}"
NOWHERE = "https://nowhere.invalid"  # the origin of a link that only tries whether links arrive
ARRIVES_WITHIN = 10.0  # seconds
_LOOK = 0.05
_PLAIN = re.compile(r"[A-Za-z0-9/._+-]+")


class XdgMimeMissing(PlaceError):
    """The desktop entry is written, but nothing here makes it the default."""

    code = "xdg-mime-missing"


class ProgramPathUnusable(PlaceError):
    """No desktop entry can name the program: a line break in its path would begin a line of the entry."""

    code = "program-path-unusable"


class EntryUnwritable(PlaceError):
    """The desktop entry cannot be written."""

    code = "entry-unwritable"


class LinkLost(BridgeError):
    """A link was opened and did not reach this program."""

    code = "link-lost"


def register() -> Path:
    """Write the desktop entry, make it the default; raise EntryUnwritable, XdgMimeMissing, ProgramPathUnusable."""
    data_home = Path(os.environ.get("XDG_DATA_HOME") or home() / ".local" / "share")
    entry = data_home / "applications" / ENTRY
    text = desktop_entry(_program())
    try:
        entry.parent.mkdir(parents=True, exist_ok=True)
        entry.write_text(text, "utf-8")
    except OSError as error:
        raise EntryUnwritable(str(entry)) from error
    xdg_mime = shutil.which("xdg-mime")
    if xdg_mime is None:
        raise XdgMimeMissing(str(entry))
    made = subprocess.run([xdg_mime, "default", ENTRY, MIME_TYPE], check=False, capture_output=True)  # noqa: S603
    if made.returncode:  # it keeps the choice beside the settings of the desktop
        raise EntryUnwritable("mimeapps.list")
    return entry


def is_registered() -> bool:
    """Tell whether the desktop names our entry as the default for the scheme."""
    xdg_mime = shutil.which("xdg-mime")
    if xdg_mime is None:
        return False
    asked = subprocess.run([xdg_mime, "query", "default", MIME_TYPE], capture_output=True, text=True, check=False)  # noqa: S603
    return asked.stdout.strip() == ENTRY


def try_link(within: float = ARRIVES_WITHIN) -> None:
    """Open a link that goes nowhere, as a browser does, and wait until it has reached this program; raise LinkLost."""
    handle = token_urlsafe(24)
    awaited, xdg_open = _awaited(handle), shutil.which("xdg-open")
    link = f"{SCHEME}:read?origin={quote(NOWHERE, safe='')}&handle={handle}"
    try:
        awaited.parent.mkdir(parents=True, exist_ok=True)
        awaited.touch(0o600)
    except OSError as error:
        raise LinkLost from error
    try:
        if xdg_open is None or not _arrives([xdg_open, link], awaited, within):
            raise LinkLost
    finally:
        awaited.unlink(missing_ok=True)


def is_trial(link: LaunchLink) -> bool:
    """Tell whether a link is the one of `try_link`, and let it know that it arrived."""
    trial = str(link.origin) == NOWHERE
    if trial:
        _awaited(link.handle).unlink(missing_ok=True)
    return trial


def _arrives(command: list[str], awaited: Path, within: float) -> bool:
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, start_new_session=True, **quiet) as opening:  # type: ignore[call-overload]  # noqa: S603
        end = monotonic() + within
        while awaited.exists() and monotonic() < end:
            sleep(_LOOK)
        if opening.poll() is None:
            opening.terminate()
    return not awaited.exists()


def _awaited(handle: str) -> Path:
    """Name the file that is there until the link has arrived; a hash, for a handle is nobody else's business."""
    return runtime_folder() / f"mykey-link-{sha256(handle.encode()).hexdigest()[:16]}"


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
