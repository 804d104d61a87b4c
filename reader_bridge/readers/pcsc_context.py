"""One SCARDCONTEXT in a process of its own."""

import contextlib
from collections.abc import Callable
from typing import Any

from reader_bridge.errors import CardError, NoReader
from reader_bridge.readers.pcsc_codes import problem_of
from reader_bridge.readers.pcsc_process import PcscProcess


class Processes:
    """Processes that speak to PC/SC, each for one context at a time, so that no reader waits for another."""

    def __init__(self, scard: Any, slow: Callable[[], None] | None, stopped: Callable[[], bool]) -> None:
        self._scard, self._slow, self._stopped = scard, slow, stopped
        self.powered: set[str] = set()  # readers whose card may have kept its power, with the PIN status
        self._idle: list[Any] = [] if scard else [self._started()]  # starts while the bridge gets ready

    def take(self) -> Any:
        return self._scard or (self._idle.pop() if self._idle else self._started())

    def give_back(self, scard: Any) -> None:
        if scard is not self._scard:
            scard.stopped = self._stopped
            self._idle.append(scard) if scard.usable else scard.close()

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def _started(self) -> PcscProcess:
        return PcscProcess(slow=self._slow, stopped=self._stopped)


class Context:
    """One SCARDCONTEXT, released when it is closed."""

    def __init__(self, processes: Processes) -> None:
        self._processes, self.powered = processes, processes.powered
        self.scard = processes.take()
        try:
            self.handle = self.ask(self.scard.SCardEstablishContext, self.scard.SCARD_SCOPE_USER)
        except BaseException:
            processes.give_back(self.scard)
            raise

    def ask(self, function: Callable[..., Any], *arguments: object) -> Any:
        """Call pyscard, raise what its return code means, return its one result or all of them."""
        outcome = function(*arguments)
        code, *results = outcome if isinstance(outcome, list | tuple) else [outcome]
        if problem := problem_of(code):
            raise problem
        return results[0] if len(results) == 1 else results

    def names(self) -> list[str]:
        """Name the readers; raise NoReader where there is none."""
        names: list[str] = self.ask(self.scard.SCardListReaders, self.handle, [])
        if not names:
            raise NoReader("PC/SC knows no reader")
        return names

    def close(self) -> None:
        handle, self.handle = self.handle, None
        if handle is not None:
            with contextlib.suppress(CardError):
                self.scard.SCardReleaseContext(handle)
            self._processes.give_back(self.scard)
