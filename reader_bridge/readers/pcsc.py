"""Real readers over PC/SC, which is called in processes that can be given up."""

import contextlib
import math
import sys
import time
from collections.abc import Callable, Generator, Sequence
from types import TracebackType
from typing import Any, Self

from reader_bridge.errors import (
    AccessDenied,
    CardError,
    CardMute,
    CardRemoved,
    CardReset,
    CardUnreadable,
    NoCard,
    NoReader,
    NoService,
    ReaderBusy,
    ReaderSilent,
    ServiceMismatched,
    ServiceSilent,
)
from reader_bridge.readers import Listed, PutIn
from reader_bridge.readers.pcsc_process import PcscProcess

_UNSIGNED, _TIMEOUT = 0xFFFFFFFF, 0x8010000A  # some platforms give return codes a sign
_PROBLEMS: dict[int, type[CardError]] = {
    0x80100009: NoReader,  # unknown reader
    0x8010000B: ReaderBusy,  # sharing violation
    0x8010000C: NoCard,
    0x80100017: NoReader,  # reader unavailable
    0x8010001D: NoService,
    # service stopped: on Windows with its last reader; pcsc-lite says so of a client of another version
    0x8010001E: NoService if sys.platform == "win32" else ServiceMismatched,
    0x8010002E: NoReader,  # no readers available
    0x80100066: CardMute,
    0x80100068: CardReset,
    0x80100069: CardRemoved,
    0x8010006A: AccessDenied,
}
# Another program (on Windows the system itself) may hold a card just put in: ask for it alone a few times, then share
# it, which suffices beside programs that only keep it open; a transaction keeps them out while we work. Only then is
# there one: Windows resets a card whose transaction rests for five seconds, and a PIN takes longer to type.
_ATTEMPTS, _PAUSE = 5, 0.2
_NOTICED_WITHIN = 1500  # ms after which the service has seen that a card was pulled out
_LOOK = 1000  # ms after which the list of readers is asked for again
_COUNTER = 16  # bits below it are flags
_BUSY = 1.2  # seconds of waiting for a card that another program uses
_HURRY = 0.3  # seconds for each call where somebody waits for the program to end
_CHANGES = 8  # of other kinds, such as who else uses the reader, that it may tell before


class PcscReaders:
    """The readers of this computer; each call is a context of its own, for a service may stop and start in between."""

    def __init__(self, *, scard: Any = None, sleep: Callable[[float], None] = time.sleep) -> None:
        self._processes = _Processes(scard)
        self._sleep = sleep
        self._states: dict[str, int] = {}
        self._silence: CardError | None = None  # of the service, while a change was waited for

    def close(self) -> None:
        """End the processes that wait to be used again."""
        self._processes.close()

    def list(self) -> Sequence["PcscReader"]:
        """Return the readers that are there now; raise NoReader, NoService, AccessDenied, PcscMissing."""
        silence, self._silence = self._silence, None
        if silence:  # it was waited for long enough
            raise silence
        with _Context(self._processes) as context:
            names = _names(context)
            code, *told = context.scard.SCardGetStatusChange(context.handle, 0, [(name, 0) for name in names])
        self._states = {} if code else {name: state for name, state, _ in told[0]}
        return [PcscReader(name, self._processes, self._sleep, self._states.get(name)) for name in names]

    def wait(self, seconds: float) -> None:
        """Wait so long at most, or until a card comes or goes in the readers that were listed last."""
        end = time.monotonic() + seconds
        try:
            with _Context(self._processes) as context:
                while self._states and (left := end - time.monotonic()) > 0:
                    before = {name: _seen(state) for name, state in self._states.items()}
                    _look(context, self._states, int(left * 1000))
                    if before != {name: _seen(state) for name, state in self._states.items()}:
                        return
        except CardError as problem:
            self._states = {}  # the next list tells what it is
            self._silence = problem if isinstance(problem, ServiceSilent) else None
        self._sleep(min(_PAUSE, max(0.0, end - time.monotonic())))

    def watch(self) -> Generator[Listed | PutIn, None, None]:
        """Tell the readers, then each card as it comes; end when the readers change; raise NoReader, NoService."""
        with _Context(self._processes) as context:
            scard = context.scard
            readers = {name: PcscReader(name, self._processes, self._sleep) for name in _names(context)}
            states = dict.fromkeys(readers, scard.SCARD_STATE_UNAWARE)
            found = _look(context, states)
            yield Listed(list(readers))
            yield from (PutIn(readers[name], atr, just_now=False) for name, atr in found)
            while not any(
                state & (scard.SCARD_STATE_UNKNOWN | scard.SCARD_STATE_UNAVAILABLE) for state in states.values()
            ):
                came = _look(context, states)
                yield from (PutIn(readers[name], atr) for name, atr in came)
                if not came and _names(context) != list(readers):
                    return
        self._sleep(_PAUSE)


class PcscReader:
    def __init__(
        self, name: str, processes: "_Processes", sleep: Callable[[float], None], state: int | None = None
    ) -> None:
        self.name = name
        self.seen = _seen(state)
        self._in_use = bool((state or 0) & (PcscProcess.SCARD_STATE_INUSE | PcscProcess.SCARD_STATE_EXCLUSIVE))
        self._processes = processes
        self._sleep = sleep

    def connect(self) -> "PcscConnection":
        """Power the card and hold it; raise NoCard, ReaderBusy, ReaderSilent, CardUnreadable, NoReader, NoService."""
        with contextlib.ExitStack() as on_failure:
            context = on_failure.enter_context(_Context(self._processes))
            connection = self._hold(context)
            on_failure.pop_all()
        return connection

    def _hold(self, context: "_Context") -> "PcscConnection":
        """Try both ways; while another program rests in a transaction, pcscd lets even SCardConnect wait."""
        scard = context.scard
        scard.at_most = _BUSY if self._in_use else math.inf
        try:
            return self._connected(context)
        except ReaderSilent as silence:
            raise ReaderBusy(str(silence)) if self._in_use else silence from None
        finally:
            scard.at_most = math.inf

    def _connected(self, context: "_Context") -> "PcscConnection":
        problem: CardError = ReaderBusy()
        scard = context.scard
        for share in [scard.SCARD_SHARE_EXCLUSIVE] * _ATTEMPTS + [scard.SCARD_SHARE_SHARED]:
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
            if reader in context.powered:
                context.ask(scard.SCardReconnect, self._card, *self._mode, scard.SCARD_UNPOWER_CARD)
                context.powered.discard(reader)
            if share == scard.SCARD_SHARE_SHARED:
                context.ask(scard.SCardBeginTransaction, self._card)
        except CardError:
            with contextlib.suppress(CardError):
                scard.SCardDisconnect(self._card, scard.SCARD_LEAVE_CARD)
            raise

    def transmit(self, command: bytes) -> bytes:
        """Return the card's answer; raise CardRemoved, CardReset, CardUnreadable, ReaderBusy; never send twice."""
        scard = self._context.scard
        code, *answer = scard.SCardTransmit(self._card, self._pci, list(command))
        del command  # no traceback keeps a PIN
        problem = _problem(code)
        if problem is None and not answer[0]:  # so says vpcd of a card that is pulled out
            problem = CardUnreadable("no bytes")
        if isinstance(problem, CardReset):  # to be acknowledged, or every later command gets the same
            scard.SCardReconnect(self._card, *self._mode, scard.SCARD_LEAVE_CARD)
        # pcsc-lite, dying, was seen to deny access
        if type(problem) in (CardUnreadable, NoCard, AccessDenied) and not self._still_there():
            problem = CardRemoved(str(problem))
        if problem:
            raise problem
        return bytes(answer[0])

    def power_off(self) -> None:
        """Cut the card's power, so that no PIN status stays: it outlives a reset and a reconnection."""
        scard, held = self._context.scard, self._context.handle is not None
        self._close(scard.SCARD_UNPOWER_CARD)
        if held and not getattr(scard, "usable", True):
            self._cut_power_anew()

    def let_go(self) -> None:
        """Leave the card powered: a contactless reader that powers it again would tell it as put in anew."""
        self._close(self._context.scard.SCARD_LEAVE_CARD)

    def _close(self, disposition: int) -> None:
        if self._context.handle is not None:
            with contextlib.suppress(CardError):
                self._context.scard.SCardDisconnect(self._card, disposition)
            self._context.close()

    def _cut_power_anew(self) -> None:
        """Do it from another process, where the one that held the card was given up in the middle of a call."""
        self._context.powered.add(self._reader)
        with contextlib.suppress(CardError), contextlib.closing(PcscProcess(at_most=_HURRY)) as process:
            _, context = process.SCardEstablishContext(process.SCARD_SCOPE_USER)
            code, card, _ = process.SCardConnect(context, self._reader, process.SCARD_SHARE_SHARED, self._mode[1])
            if not code and not process.SCardDisconnect(card, process.SCARD_UNPOWER_CARD):
                self._context.powered.discard(self._reader)

    def _still_there(self) -> bool:
        """Tell whether the card is still there, once the service has had time to look; raise NoReader, NoService."""
        scard = self._context.scard
        state = scard.SCARD_STATE_UNAWARE
        for _ in range(_CHANGES):
            code, *states = scard.SCardGetStatusChange(self._context.handle, _NOTICED_WITHIN, [(self._reader, state)])
            if code & _UNSIGNED == _TIMEOUT:
                return True
            if code:
                raise _of_service(code)
            state = states[0][0][1]
            if not state & scard.SCARD_STATE_PRESENT:
                return False
        return True


def _look(context: "_Context", states: dict[str, int], patience: int = _LOOK) -> list[tuple[str, bytes]]:
    """Wait for a change (ms), note the new states, and return who got a card: reader and ATR.

    The upper half of a state counts the cards that came and went, so that a quick exchange is not missed.
    """
    scard = context.scard
    code, *told = scard.SCardGetStatusChange(context.handle, patience, list(states.items()))
    if code & _UNSIGNED == _TIMEOUT:
        return []
    if code:
        raise _of_service(code)
    came = []
    for name, state, atr in told[0]:
        before, states[name] = states[name], state
        present = state & before & scard.SCARD_STATE_PRESENT
        if state & scard.SCARD_STATE_PRESENT and (not present or (before ^ state) >> _COUNTER):
            came.append((name, bytes(atr)))
    return came


class _Processes:
    """Processes that speak to PC/SC, each for one context at a time, so that no reader waits for another."""

    def __init__(self, scard: Any) -> None:
        self._scard = scard
        self._idle: list[Any] = []
        self.powered: set[str] = set()  # readers whose card may have kept its power, with the PIN status

    def take(self) -> Any:
        return self._scard or (self._idle.pop() if self._idle else PcscProcess())

    def give_back(self, scard: Any) -> None:
        if scard is not self._scard:
            self._idle.append(scard) if scard.usable else scard.close()

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()


class _Context:
    """One SCARDCONTEXT, released at the end."""

    def __init__(self, processes: _Processes) -> None:
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
        if problem := _problem(code):
            raise problem
        return results[0] if len(results) == 1 else results

    def close(self) -> None:
        handle, self.handle = self.handle, None
        if handle is not None:
            with contextlib.suppress(CardError):
                self.scard.SCardReleaseContext(handle)
            self._processes.give_back(self.scard)

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


def _of_service(code: int) -> NoReader:
    """Say what kept the service from telling of its readers."""
    problem = _problem(code)
    return problem if isinstance(problem, NoReader) else NoService(str(problem))


def _names(context: _Context) -> list[str]:
    names: list[str] = context.ask(context.scard.SCardListReaders, context.handle, [])
    if not names:
        raise NoReader("PC/SC knows no reader")
    return names


def _seen(state: int | None) -> int | None:
    """Keep what changes with the card: the count of cards, and whether one is there that answers; not who uses it."""
    flags = PcscProcess.SCARD_STATE_PRESENT | PcscProcess.SCARD_STATE_MUTE
    return None if state is None else state >> _COUNTER << _COUNTER | state & flags
