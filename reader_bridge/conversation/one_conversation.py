"""One conversation at a time: a lock that the system lets go of when the program ends."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO

from reader_bridge.errors import BridgeError
from reader_bridge.portal.settings import runtime_folder

_log = logging.getLogger(__name__)


class ConversationOpen(BridgeError):
    """Another conversation is going on."""

    code = "conversation-open"


class AlreadyOpen(ConversationOpen):
    """The same link was opened again, as by a double click."""

    code = "already-open"


def lock_path() -> Path:
    """Name the lock file of this citizen."""
    return runtime_folder() / "mykey-bridge.lock"


@contextmanager
def one_conversation(name: str, path: Path) -> Iterator[None]:
    """Hold the lock for the conversation called so; raise AlreadyOpen or ConversationOpen.

    The file holds a hash of the name; a handle is nobody else's business.
    """
    digest = sha256(name.encode()).hexdigest()
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, flags, 0o600)
    except OSError:  # nothing can be kept here: a second conversation then goes untold
        _log.warning("no lock at %s", path)
        yield
        return
    with os.fdopen(descriptor, "r+") as file:
        if not _lock(file):
            raise AlreadyOpen if file.read() == digest else ConversationOpen
        file.truncate(0)
        file.write(digest)
        file.flush()
        yield


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[str]) -> bool:
        file.seek(1 << 20)  # beyond the hash, which the other program must be able to read
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            file.seek(0)
        return True

else:
    import fcntl

    def _lock(file: IO[str]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
