"""Real readers over PC/SC, which is called in processes that can be given up."""

import sys
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from itertools import count
from typing import Any

from reader_bridge.errors import CardError, NoReader, ServiceSilent
from reader_bridge.readers import Listed, PutIn
from reader_bridge.readers.pcsc_codes import problem_of_service, timed_out
from reader_bridge.readers.pcsc_connection import PcscReader, seen_of
from reader_bridge.readers.pcsc_context import Context, Processes
from reader_bridge.readers.pcsc_process import PcscProcess, never

_LOOK = 2500  # ms of one wait for a change: a service that is stuck shows only at its end
_NEW_READERS = r"\\?PnP?\Notification"  # the reader that tells of readers that come and go
_UNTOLD = 4  # waits after which readers are listed again: pcsc-lite tells of none that comes between two waits
_TOLD_OF_READERS = sys.platform != "darwin"
_POLL = 1000  # ms, where nobody tells of readers
_CHANGED, _COUNTER = 0x2, 16  # a flag of a state, and the bits below which all are flags
_PAUSE = 0.2


class PcscReaders:
    """The readers of this computer; each call is a context of its own, for a service may stop and start in between."""

    def __init__(
        self,
        *,
        slow: Callable[[], None] | None = None,
        stopped: Callable[[], bool] = never,
        scard: Any = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Find them; `slow` is told that a card has not answered for a while; `stopped` gives up every call."""
        self._processes = Processes(scard, slow, stopped)
        self._sleep = sleep
        self._states: dict[str, int] = {}
        self._stuck: ServiceSilent | None = None

    def close(self) -> None:
        """End the processes that wait to be used again."""
        self._processes.close()

    def list(self) -> Sequence[PcscReader]:
        """Return the readers that are there now; raise NoReader, NoService, AccessDenied, PcscMissing."""
        self._states, stuck, self._stuck = {}, self._stuck, None
        if stuck:
            raise stuck
        with closing(Context(self._processes)) as context:
            names = context.names()
            code, *told = context.scard.SCardGetStatusChange(context.handle, 0, [(name, 0) for name in names])
        self._states = {} if code else {name: state for name, state, _ in told[0]}
        return [PcscReader(name, self._processes, self._sleep, self._states.get(name)) for name in names]

    def wait(self, seconds: float, stopped: Callable[[], bool] = never) -> None:
        """Wait so long at most, until a card or a reader comes or goes since the last list, or until it is stopped."""
        end = time.monotonic() + seconds
        before = _cards(self._states)
        try:
            with closing(Context(self._processes)) as context:
                context.scard.stopped = stopped
                if _TOLD_OF_READERS and list(_names(context)) != list(self._states):
                    end = time.monotonic() + _PAUSE  # one came or went since the list, of which nobody would tell
                while (left := end - time.monotonic()) > 0 and not stopped() and before == _cards(self._states):
                    _, readers_changed = _look(context, self._states, int(left * 1000))
                    if readers_changed:
                        break
        except ServiceSilent as stuck:  # told by the next list, which need not find it out anew
            self._stuck = None if stopped() else stuck
        except CardError:
            pass  # the next list tells what it is
        self._sleep(min(_PAUSE, max(0.0, end - time.monotonic())))

    def watch(self) -> Generator[Listed | PutIn, None, None]:
        """Tell the readers, if any, then each card as it comes; end when the readers change; raise NoService."""
        with closing(Context(self._processes)) as context:
            readers = {name: PcscReader(name, self._processes, self._sleep) for name in _names(context)}
            states = dict.fromkeys(readers, PcscProcess.SCARD_STATE_UNAWARE)
            found, _ = _look(context, states, 0)
            yield Listed(list(readers))
            yield from (PutIn(readers[name], atr, just_now=False) for name, atr in found)
            gone = PcscProcess.SCARD_STATE_UNKNOWN | PcscProcess.SCARD_STATE_UNAVAILABLE
            for looks in count(1):
                came, readers_changed = _look(context, states)
                yield from (PutIn(readers[name], atr) for name, atr in came)
                if any(state & gone for state in states.values()):
                    break
                if (readers_changed or looks % _UNTOLD == 0) and _names(context) != list(readers):
                    break
        self._sleep(_PAUSE)


def _look(context: Context, states: dict[str, int], patience: int = _LOOK) -> tuple[list[tuple[str, bytes]], bool]:
    """Wait for a change (ms), note the new states; return who got a card (reader, ATR) and whether readers changed.

    The upper half of a state counts the cards that came and went, so that a quick exchange is not missed; that of the
    reader that tells of readers counts them, on Windows.
    """
    asked = [*states.items()] + [(_NEW_READERS, len(states) << _COUNTER)] * _TOLD_OF_READERS
    patience = min(patience, _LOOK if _TOLD_OF_READERS else _POLL)
    code, *told = context.scard.SCardGetStatusChange(context.handle, patience, asked)
    if timed_out(code):
        return [], not _TOLD_OF_READERS
    if code:
        raise problem_of_service(code)
    came, readers_changed = [], not _TOLD_OF_READERS
    for name, state, atr in told[0]:
        if name == _NEW_READERS:
            readers_changed = bool(state & _CHANGED)
            continue
        before, states[name] = states[name], state
        present = state & before & PcscProcess.SCARD_STATE_PRESENT
        if state & PcscProcess.SCARD_STATE_PRESENT and (not present or (before ^ state) >> _COUNTER):
            came.append((name, bytes(atr)))
    return came, readers_changed


def _names(context: Context) -> Sequence[str]:
    """Name the readers; raise NoReader only where nobody would tell of the first one."""
    try:
        return context.names()
    except NoReader as none:
        if type(none) is NoReader and _TOLD_OF_READERS:
            return []
        raise


def _cards(states: dict[str, int]) -> dict[str, int | None]:
    return {name: seen_of(state) for name, state in states.items()}
