"""Try whether the desktop hands `mykey-bridge:` links over."""

import shutil
import subprocess
from hashlib import sha256
from pathlib import Path
from secrets import token_urlsafe
from time import monotonic, sleep

from reader_bridge.errors import BridgeError
from reader_bridge.portal.launch_link import LaunchLink
from reader_bridge.portal.origin import Origin
from reader_bridge.portal.settings import runtime_folder

NOWHERE = "https://nowhere.invalid"  # the origin of a link that only tries whether links arrive
ARRIVES_WITHIN = 10.0  # seconds
_LOOK = 0.05


class XdgUtilsMissing(BridgeError):
    """Most browsers have xdg-open start what a link wants; it is not there."""

    code = "xdg-utils-missing"


class LinkLost(BridgeError):
    """A link was opened and did not reach this program."""

    code = "link-lost"


def try_link() -> None:
    """Open a link that goes nowhere, as a browser does, and wait until it has reached a bridge.

    Raise LinkLost, XdgUtilsMissing.
    """
    xdg_open = shutil.which("xdg-open")
    if xdg_open is None:
        raise XdgUtilsMissing
    handle = token_urlsafe(24)
    awaited = _awaited(handle)
    link = LaunchLink(Origin.parse(NOWHERE), handle).written()
    try:
        awaited.parent.mkdir(parents=True, exist_ok=True)
        awaited.touch(0o600)
    except OSError as error:
        raise LinkLost from error
    try:
        if not _arrives([xdg_open, link], awaited):
            raise LinkLost
    finally:
        awaited.unlink(missing_ok=True)


def is_trial(link: LaunchLink) -> bool:
    """Tell whether a link is the one of `try_link`, and let it know that it arrived."""
    trial = str(link.origin) == NOWHERE
    if trial:
        _awaited(link.handle).unlink(missing_ok=True)
    return trial


def _arrives(command: list[str], awaited: Path) -> bool:
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, start_new_session=True, **quiet) as opening:  # type: ignore[call-overload]  # noqa: S603
        end = monotonic() + ARRIVES_WITHIN
        while awaited.exists() and monotonic() < end:
            sleep(_LOOK)
        if opening.poll() is None:
            opening.terminate()
    return not awaited.exists()


def _awaited(handle: str) -> Path:
    """Name the file that is there until the link has arrived; a hash, for a handle is nobody else's business."""
    return runtime_folder() / f"mykey-link-{sha256(handle.encode()).hexdigest()[:16]}"
