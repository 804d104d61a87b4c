"""A card in a real reader: powered and held, commands sent, let go."""

import contextlib
import math
from collections.abc import Callable

from reader_bridge.errors import (
    AccessDenied,
    CardError,
    CardRemoved,
    CardReset,
    CardUnreadable,
    NoCard,
    NoService,
    ReaderBusy,
    ReaderSilent,
)
from reader_bridge.readers.pcsc_codes import problem_of, problem_of_service, timed_out
from reader_bridge.readers.pcsc_context import Context, Processes
from reader_bridge.readers.pcsc_process import PcscProcess

# Another program (on Windows the system itself) may hold a card just put in: ask for it alone a few times, then share
# it, which suffices beside programs that only keep it open; a transaction keeps them out while we work. Only then is
# there one: Windows resets a card whose transaction rests for five seconds, and a PIN takes longer to type.
_ATTEMPTS, _PAUSE = 5, 0.2
_NOTICED_WITHIN = 1500  # ms after which the service has seen that a card was pulled out
_COUNTER = 16  # bits below it are flags
_BUSY = 1.2  # seconds of waiting for a card that another program uses
_HURRY = 0.3  # seconds for each call where somebody waits for the program to end
_CHANGES = 8  # of other kinds, such as who else uses the reader, that it may tell before


class PcscReader:
    def __init__(
        self, name: str, processes: Processes, sleep: Callable[[float], None], state: int | None = None
    ) -> None:
        self.name = name
        self.seen = seen_of(state)
        self._state = state or PcscProcess.SCARD_STATE_UNAWARE
        self._processes = processes
        self._sleep = sleep

    def connect(self) -> "PcscConnection":
        """Power the card and hold it; raise NoCard, ReaderBusy, ReaderSilent, CardUnreadable, NoReader, NoService.

        NoCard also where there was none when the readers were listed.
        """
        if self._state & PcscProcess.SCARD_STATE_EMPTY:  # spares a process, and the wait for it
            raise NoCard("the reader was empty")
        context = Context(self._processes)
        try:
            return self._hold(context)
        except BaseException:
            context.close()
            raise

    def _hold(self, context: Context) -> "PcscConnection":
        """Try both ways; while another program rests in a transaction, pcscd lets even SCardConnect wait."""
        scard = context.scard
        in_use = self._state & (scard.SCARD_STATE_INUSE | scard.SCARD_STATE_EXCLUSIVE)
        scard.at_most = _BUSY if in_use else math.inf
        try:
            return self._connected(context)
        except ReaderSilent as silence:
            raise ReaderBusy(str(silence)) if in_use else silence from None
        finally:
            scard.at_most = math.inf

    def _connected(self, context: Context) -> "PcscConnection":
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
    def __init__(self, context: Context, reader: str, share: int) -> None:
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

    def transmit(self, command: bytearray) -> bytes:
        """Return the card's answer; raise CardRemoved, CardReset, CardUnreadable, ReaderBusy; never send twice."""
        scard = self._context.scard
        code, *answer = scard.SCardTransmit(self._card, self._pci, list(command))
        del command  # no traceback keeps a PIN
        problem = problem_of(code)
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
            if timed_out(code):
                return True
            if code:
                problem = problem_of_service(code)
                raise NoService(str(problem)) if isinstance(problem, AccessDenied) else problem  # it had been allowed
            state = states[0][0][1]
            if not state & scard.SCARD_STATE_PRESENT:
                return False
        return True


def seen_of(state: int | None) -> int | None:
    """Keep what changes with the card: the count of cards, and whether one is there that answers; not who uses it."""
    flags = PcscProcess.SCARD_STATE_PRESENT | PcscProcess.SCARD_STATE_MUTE
    return None if state is None else state >> _COUNTER << _COUNTER | state & flags
