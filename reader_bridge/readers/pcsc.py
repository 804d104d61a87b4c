"""Real readers over PC/SC; the one place that knows pyscard."""

import contextlib
import importlib
import time
from collections.abc import Callable, Generator, Sequence
from types import TracebackType
from typing import Any, Self

from reader_bridge.errors import (
    CardError,
    CardRemoved,
    CardReset,
    CardUnreadable,
    NoCard,
    NoReader,
    NoService,
    PcscMissing,
    ReaderBusy,
)
from reader_bridge.readers import Listed, PutIn

_UNSIGNED, _TIMEOUT = 0xFFFFFFFF, 0x8010000A  # some platforms give return codes a sign
_PROBLEMS: dict[int, type[CardError]] = {
    0x80100009: NoReader,  # unknown reader
    0x8010000B: ReaderBusy,  # sharing violation
    0x8010000C: NoCard,
    0x80100017: NoReader,  # reader unavailable
    0x8010001D: NoService,
    0x8010001E: NoService,  # service stopped: on Windows with its last reader
    0x8010002E: NoReader,  # no readers available
    0x80100068: CardReset,
    0x80100069: CardRemoved,
}
# Another program (on Windows the system itself) may hold a card just put in: ask for it alone a few times, then share
# it, which suffices beside programs that only keep it open; a transaction keeps them out while we work. Only then is
# there one: Windows resets a card whose transaction rests for five seconds, and a PIN takes longer to type.
_ATTEMPTS, _PAUSE = 5, 0.2
_NOTICED_WITHIN = 1500  # ms after which the service has seen that a card was pulled out
_LOOK = 1000  # ms after which the list of readers is asked for again
_COUNTER = 16  # bits below it are flags
_CHANGES = 8  # of other kinds, such as who else uses the reader, that it may tell before


class PcscReaders:
    """The readers of this computer; each call is a context of its own, for a service may stop and start in between."""

    def __init__(self, *, scard: Any = None, sleep: Callable[[float], None] = time.sleep) -> None:
        self._scard = scard
        self._sleep = sleep

    def list(self) -> Sequence["PcscReader"]:
        """Return the readers that are there now; raise NoReader, NoService, PcscMissing."""
        scard = self._scard or _pyscard()
        with _Context(scard) as context:
            names = context.ask(scard.SCardListReaders, context.handle, [])
        if not names:
            raise NoReader("PC/SC knows no reader")
        return [PcscReader(name, scard, self._sleep) for name in names]

    def watch(self) -> Generator[Listed | PutIn, None, None]:
        """Tell the readers, then each card as it comes; end when the readers change; raise NoReader, NoService."""
        scard = self._scard or _pyscard()
        with _Context(scard) as context:
            readers = {reader.name: reader for reader in self.list()}
            states = dict.fromkeys(readers, scard.SCARD_STATE_UNAWARE)
            found = _look(context, states)
            yield Listed(list(readers))
            yield from (PutIn(readers[name], atr, just_now=False) for name, atr in found)
            while not any(
                state & (scard.SCARD_STATE_UNKNOWN | scard.SCARD_STATE_UNAVAILABLE) for state in states.values()
            ):
                came = _look(context, states)
                yield from (PutIn(readers[name], atr) for name, atr in came)
                if not came and [reader.name for reader in self.list()] != list(readers):
                    return
        self._sleep(_PAUSE)


class PcscReader:
    def __init__(self, name: str, scard: Any, sleep: Callable[[float], None]) -> None:
        self.name = name
        self._scard = scard
        self._sleep = sleep

    def connect(self) -> "PcscConnection":
        """Power the card and hold it; raise NoCard, ReaderBusy, CardUnreadable, NoReader, NoService."""
        with contextlib.ExitStack() as on_failure:
            context = on_failure.enter_context(_Context(self._scard))
            connection = self._hold(context)
            on_failure.pop_all()
        return connection

    def _hold(self, context: "_Context") -> "PcscConnection":
        problem: CardError = ReaderBusy()
        for share in [self._scard.SCARD_SHARE_EXCLUSIVE] * _ATTEMPTS + [self._scard.SCARD_SHARE_SHARED]:
            try:
                return PcscConnection(context, self.name, share)
            except CardRemoved as gone:
                raise NoCard(str(gone)) from None
            except ReaderBusy as busy:
                problem = busy
            self._sleep(_PAUSE)
        raise problem


class PcscConnection:
    def __init__(self, context: "_Context", reader: str, share: int) -> None:
        scard = context.scard
        self._context = context
        self._reader = reader
        self._mode = share, scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        self._card, protocol = context.ask(scard.SCardConnect, context.handle, reader, *self._mode)
        self._pci = scard.SCARD_PCI_T0 if protocol == scard.SCARD_PROTOCOL_T0 else scard.SCARD_PCI_T1
        try:
            if share == scard.SCARD_SHARE_SHARED:
                context.ask(scard.SCardBeginTransaction, self._card)
        except CardError:
            scard.SCardDisconnect(self._card, scard.SCARD_LEAVE_CARD)
            raise

    def transmit(self, command: bytes) -> bytes:
        """Return the card's answer; raise CardRemoved, CardReset, CardUnreadable, ReaderBusy; never send twice."""
        scard = self._context.scard
        code, *answer = scard.SCardTransmit(self._card, self._pci, list(command))
        del command  # no traceback keeps a PIN
        problem = _problem(code)
        if isinstance(problem, CardReset):  # to be acknowledged, or every later command gets the same
            scard.SCardReconnect(self._card, *self._mode, scard.SCARD_LEAVE_CARD)
        if type(problem) in (CardUnreadable, NoCard) and not self._still_there():
            problem = CardRemoved(str(problem))
        if problem:
            raise problem
        return bytes(answer[0])

    def power_off(self) -> None:
        """Cut the card's power, so that no PIN status stays: it outlives a reset and a reconnection."""
        self._close(self._context.scard.SCARD_UNPOWER_CARD)

    def let_go(self) -> None:
        """Leave the card powered: a contactless reader that powers it again would tell it as put in anew."""
        self._close(self._context.scard.SCARD_LEAVE_CARD)

    def _close(self, disposition: int) -> None:
        if self._context.handle is not None:
            self._context.scard.SCardDisconnect(self._card, disposition)
            self._context.close()

    def _still_there(self) -> bool:
        """Tell whether the card is still in the reader, once the service has had time to look."""
        scard = self._context.scard
        state = scard.SCARD_STATE_UNAWARE
        for _ in range(_CHANGES):
            code, *states = scard.SCardGetStatusChange(self._context.handle, _NOTICED_WITHIN, [(self._reader, state)])
            if code & _UNSIGNED == _TIMEOUT:
                return True
            if code:
                return False
            state = states[0][0][1]
            if not state & scard.SCARD_STATE_PRESENT:
                return False
        return True


def _look(context: "_Context", states: dict[str, int]) -> list[tuple[str, bytes]]:
    """Wait a second for a change, note the new states, and return who got a card: reader and ATR.

    The upper half of a state counts the cards that came and went, so that a quick exchange is not missed.
    """
    scard = context.scard
    code, *told = scard.SCardGetStatusChange(context.handle, _LOOK, list(states.items()))
    if code & _UNSIGNED == _TIMEOUT:
        return []
    if problem := _problem(code):
        raise problem if isinstance(problem, NoReader) else NoService(str(problem))
    came = []
    for name, state, atr in told[0]:
        before, states[name] = states[name], state
        present = state & before & scard.SCARD_STATE_PRESENT
        if state & scard.SCARD_STATE_PRESENT and (not present or (before ^ state) >> _COUNTER):
            came.append((name, bytes(atr)))
    return came


class _Context:
    """One SCARDCONTEXT, released at the end."""

    def __init__(self, scard: Any) -> None:
        self.scard = scard
        self.handle = self.ask(scard.SCardEstablishContext, scard.SCARD_SCOPE_USER)

    def ask(self, function: Callable[..., Any], *arguments: object) -> Any:
        """Call pyscard, raise what its return code means, return its one result or all of them."""
        outcome = function(*arguments)
        code, *results = outcome if isinstance(outcome, list | tuple) else [outcome]
        if problem := _problem(code):
            raise problem
        return results[0] if len(results) == 1 else results

    def close(self) -> None:
        handle, self.handle = self.handle, None
        if handle is not None:
            self.scard.SCardReleaseContext(handle)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def _problem(code: int) -> CardError | None:
    """Say what a PC/SC return code means; None for success."""
    code &= _UNSIGNED
    return _PROBLEMS.get(code, CardUnreadable)(f"PC/SC says {code:08X}") if code else None


def _pyscard() -> Any:
    try:
        return importlib.import_module("smartcard.scard")
    except ImportError as missing:
        raise PcscMissing(str(missing)) from None
