"""Files that the citizen asked for: whether they can be written is asked before the card is read."""

import os
from pathlib import Path

from reader_bridge.errors import PlaceError


class OutputUnwritable(PlaceError):
    """The file that was named cannot be written."""

    code = "output-unwritable"


def check_writable(path: Path) -> None:
    """Raise OutputUnwritable where the file cannot be made; nothing is left behind."""
    there = path.exists()
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o666))
        if not there:
            path.unlink()
    except OSError as error:
        raise OutputUnwritable(str(path)) from error


def write_file(path: Path, content: bytes) -> None:
    """Write it whole; raise OutputUnwritable, as of a full disk, and leave no part of it."""
    there = path.exists()
    try:
        path.write_bytes(content)
    except OSError as error:
        if not there:
            path.unlink(missing_ok=True)
        raise OutputUnwritable(str(path)) from error
