"""PC/SC in a process of its own, each call within a time limit: what is stuck is left behind with its process."""

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial
from math import inf
from pathlib import Path
from time import monotonic
from typing import Any

from reader_bridge.errors import (
    BridgeError,
    CardError,
    CardSilent,
    CardUnreadable,
    NoService,
    PcscMissing,
    ReaderBusy,
    ReaderSilent,
    ServiceSilent,
)

# Seconds until a call is given up, and what its silence means. A contactless card is powered within one, a signature
# takes one or two; a transaction that another program holds makes SCardBeginTransaction wait.
_LIMITS: dict[str, tuple[float, type[CardError]]] = {
    "SCardConnect": (4.0, ReaderSilent),
    "SCardReconnect": (4.0, ReaderSilent),
    "SCardBeginTransaction": (1.2, ReaderBusy),
    "SCardGetStatusChange": (1.5, ServiceSilent),  # beside the time that it may wait
    "SCardTransmit": (10.0, CardSilent),
    "SCardDisconnect": (0.3, ReaderSilent),
    "SCardReleaseContext": (0.3, ServiceSilent),
}
_OTHER = 3.0, ServiceSilent
_DOUBT = 2.0  # seconds of a command's silence after which the service itself is asked for a sign of life
_SIGN_OF_LIFE = 1.5
_SLICE = 0.1  # seconds; on Windows a wait hears Ctrl+C only between two


def never() -> bool:
    """Wait on, whatever happens."""
    return False


class PcscProcess:
    """Has pyscard's functions, under their own names; each raises a CardError when it takes too long."""

    SCARD_SCOPE_USER = SCARD_STATE_UNAWARE = SCARD_LEAVE_CARD = 0
    SCARD_SHARE_EXCLUSIVE, SCARD_SHARE_SHARED = 1, 2
    SCARD_PROTOCOL_T0 = SCARD_PCI_T0 = 1
    SCARD_PROTOCOL_T1 = SCARD_PCI_T1 = 2
    SCARD_UNPOWER_CARD = 2
    SCARD_STATE_UNKNOWN, SCARD_STATE_UNAVAILABLE, SCARD_STATE_EMPTY, SCARD_STATE_PRESENT = 0x4, 0x8, 0x10, 0x20
    SCARD_STATE_EXCLUSIVE, SCARD_STATE_INUSE, SCARD_STATE_MUTE = 0x80, 0x100, 0x200

    def __init__(
        self, *, at_most: float = inf, slow: Callable[[], None] | None = None, stopped: Callable[[], bool] = never
    ) -> None:
        """Start the process; no call takes longer than so many seconds; `slow` is told once that a card is slow."""
        self.at_most, self._slow = at_most, slow
        self.stopped = stopped  # gives up whatever is waited for
        own_group: dict[str, Any] = (
            {"creationflags": 0x08000200} if sys.platform == "win32" else {"start_new_session": True}
        )  # Ctrl+C is the bridge's, which ends this process in order; on Windows no console window either
        self._process = subprocess.Popen(  # noqa: S603 (our own file)
            (sys.executable, str(Path(__file__).with_name("worker.py"))),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            **own_group,
        )
        self._replies: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()
        self.usable = True

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if not name.startswith("SCard"):
            raise AttributeError(name)
        return partial(self._call, name)

    def close(self) -> None:
        """Leave the process behind, whatever it does."""
        self.usable = False
        self._process.kill()
        with contextlib.suppress(OSError):
            assert self._process.stdin
            self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(0.2)

    def _call(self, name: str, *arguments: object) -> Any:
        if not self.usable:
            raise NoService("the process that speaks to PC/SC has been given up")
        limit, silence = _limit(name, arguments)
        self.usable = False  # until the reply is there: a signal may break off the waiting
        problem = self._ask(name, arguments)
        del arguments  # no traceback keeps a PIN
        reply = b"" if problem else self._reply(name, min(limit, self.at_most))
        if problem or not reply:
            self.close()
            silence = ServiceSilent if reply is None else silence
            raise problem or silence(f"{name} does not return")
        self.usable = self._process.poll() is None
        if not self.usable:
            self.close()
        return _read(reply)

    def _ask(self, name: str, arguments: tuple[object, ...]) -> NoService | None:
        """Send a call: JSON, and beside it the bytes for the card, which no text then holds."""
        command = bytearray(arguments[-1]) if name == "SCardTransmit" else bytearray()  # type: ignore[call-overload]
        call = json.dumps([name, *(arguments[:-1] if command else arguments)]).encode()
        try:
            assert self._process.stdin
            for piece in (len(call).to_bytes(2), len(command).to_bytes(2), call, command):
                os.write(self._process.stdin.fileno(), piece)  # the stream's own buffer would keep it
        except (OSError, ValueError):
            return NoService("the process that speaks to PC/SC has ended")
        finally:
            command[:] = bytes(len(command))
        return None

    def _reply(self, name: str, limit: float) -> bytes | None:
        """Wait for the reply: nothing when it does not come in time, None when the service itself is silent."""
        if name != "SCardTransmit" or limit <= _DOUBT:
            return self._within(limit)
        reply = self._within(_DOUBT)
        if not reply and not self.stopped() and not service_answers():
            return None
        if not reply and self._slow:
            self._slow()
            self._slow = None
        return reply or self._within(limit - _DOUBT)

    def _within(self, limit: float) -> bytes:
        deadline = monotonic() + limit
        while (left := deadline - monotonic()) > 0 and not self.stopped():
            with contextlib.suppress(queue.Empty):
                return self._replies.get(timeout=min(left, _SLICE))
        return b""

    def _listen(self) -> None:
        assert self._process.stdout
        with self._process.stdout as replies:
            for line in replies:
                self._replies.put(line)
        self._replies.put(b'{"failed": "the process"}')


def service_answers() -> bool:
    """Ask the PC/SC service, from a process of its own, whether it is there; only its silence counts as no."""
    process = PcscProcess(at_most=_SIGN_OF_LIFE)
    try:
        process.SCardEstablishContext(PcscProcess.SCARD_SCOPE_USER)
    except ServiceSilent:
        return False
    except CardError:
        return True
    finally:
        process.close()
    return True


def _limit(name: str, arguments: tuple[object, ...]) -> tuple[float, type[CardError]]:
    seconds, silence = _LIMITS.get(name, _OTHER)
    patience = arguments[1] if name == "SCardGetStatusChange" else 0
    return seconds + (patience / 1000 if isinstance(patience, int) else 0), silence


def _read(reply: bytes) -> Any:
    """Return what pyscard returned; raise what kept it from that."""
    value = json.loads(reply)
    if not isinstance(value, dict):
        return value
    problem: BridgeError = CardUnreadable(f"{value.get('failed')} failed")
    raise PcscMissing(value["missing"]) if "missing" in value else problem
