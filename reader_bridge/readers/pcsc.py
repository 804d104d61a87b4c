"""Real readers over PC/SC, which is called in processes that can be given up."""

import time
from collections.abc import Callable, Generator, Sequence
from typing import Any

from reader_bridge.errors import CardError, NoReader, NoService
from reader_bridge.readers import Listed, PutIn
from reader_bridge.readers.pcsc_connection import PcscReader, seen_of
from reader_bridge.readers.pcsc_context import Context, Processes, problem_of, timed_out

_LOOK = 1000  # ms after which the list of readers is asked for again
_PAUSE = 0.2
_COUNTER = 16  # bits below it are flags


class PcscReaders:
    """The readers of this computer; each call is a context of its own, for a service may stop and start in between."""

    def __init__(self, *, scard: Any = None, sleep: Callable[[float], None] = time.sleep) -> None:
        self._processes = Processes(scard)
        self._sleep = sleep
        self._states: dict[str, int] = {}

    def close(self) -> None:
        """End the processes that wait to be used again."""
        self._processes.close()

    def list(self) -> Sequence["PcscReader"]:
        """Return the readers that are there now; raise NoReader, NoService, AccessDenied, PcscMissing."""
        with Context(self._processes) as context:
            names = context.names()
            code, *told = context.scard.SCardGetStatusChange(context.handle, 0, [(name, 0) for name in names])
        self._states = {} if code else {name: state for name, state, _ in told[0]}
        return [PcscReader(name, self._processes, self._sleep, self._states.get(name)) for name in names]

    def wait(self, seconds: float) -> None:
        """Wait so long at most, or until a card comes or goes in the readers that were listed last."""
        end = time.monotonic() + seconds
        try:
            with Context(self._processes) as context:
                while self._states and (left := end - time.monotonic()) > 0:
                    before = {name: seen_of(state) for name, state in self._states.items()}
                    _look(context, self._states, int(left * 1000))
                    if before != {name: seen_of(state) for name, state in self._states.items()}:
                        return
        except CardError:
            self._states = {}  # the next list tells what it is
        self._sleep(min(_PAUSE, max(0.0, end - time.monotonic())))

    def watch(self) -> Generator[Listed | PutIn, None, None]:
        """Tell the readers, then each card as it comes; end when the readers change; raise NoReader, NoService."""
        with Context(self._processes) as context:
            scard = context.scard
            readers = {name: PcscReader(name, self._processes, self._sleep) for name in context.names()}
            states = dict.fromkeys(readers, scard.SCARD_STATE_UNAWARE)
            found = _look(context, states)
            yield Listed(list(readers))
            yield from (PutIn(readers[name], atr, just_now=False) for name, atr in found)
            while not any(
                state & (scard.SCARD_STATE_UNKNOWN | scard.SCARD_STATE_UNAVAILABLE) for state in states.values()
            ):
                came = _look(context, states)
                yield from (PutIn(readers[name], atr) for name, atr in came)
                if not came and context.names() != list(readers):
                    return
        self._sleep(_PAUSE)


def _look(context: Context, states: dict[str, int], patience: int = _LOOK) -> list[tuple[str, bytes]]:
    """Wait for a change (ms), note the new states, and return who got a card: reader and ATR.

    The upper half of a state counts the cards that came and went, so that a quick exchange is not missed.
    """
    scard = context.scard
    code, *told = scard.SCardGetStatusChange(context.handle, patience, list(states.items()))
    if timed_out(code):
        return []
    if problem := problem_of(code):
        raise problem if isinstance(problem, NoReader) else NoService(str(problem))
    came = []
    for name, state, atr in told[0]:
        before, states[name] = states[name], state
        present = state & before & scard.SCARD_STATE_PRESENT
        if state & scard.SCARD_STATE_PRESENT and (not present or (before ^ state) >> _COUNTER):
            came.append((name, bytes(atr)))
    return came
