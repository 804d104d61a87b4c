"""Find the My Number cards in the readers."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from time import monotonic

from reader_bridge import errors
from reader_bridge.card.jpki import Jpki
from reader_bridge.readers import Reader, Readers

PASSING = (  # what a citizen can put right by hand, in the order in which one hides another
    errors.NoReader,
    errors.NoCard,
    errors.ReaderSilent,
    errors.ReaderBusy,
    errors.CardRemoved,
    errors.CardUnreadable,
    errors.CardSilent,
    errors.CardNotSupported,
)
# what ends with a card or a reader that comes or goes, and need not be looked at before
_ENDS_WITH_A_CHANGE = (errors.NoCard, errors.CardMute, errors.CardNotSupported, errors.CardDataUnusable)
_CHANGE, _RETRY = 10.0, 1.0  # seconds
_LOOK_AGAIN = 30.0  # seconds after which a card that did not answer is asked once more


@dataclass(frozen=True)
class FoundCard:
    reader: str
    jpki: Jpki


@dataclass(frozen=True)
class _Settled:
    seen: Hashable
    problem: errors.CardError
    until: float


class CardFinder:
    """Look at each card once, and again when it has changed: another card may be at work, signed in by its owner."""

    def __init__(self, readers: Readers, *, now: Callable[[], float] = monotonic) -> None:
        self._readers, self._now = readers, now
        self._settled: dict[str, _Settled] = {}
        self._looked = False
        self.patience = _RETRY  # seconds until another look is worth it, where no change is told

    @contextmanager
    def found(self) -> Iterator[list[FoundCard]]:
        """Select the JPKI application on every card there is, and power those that have it off at the end.

        Where there is none, raise what tells the citizen most.
        """
        with ExitStack() as opened:
            found, problems = [], []
            for reader in self._list():
                try:
                    found.append(self._open(reader, opened))
                except PASSING as problem:
                    problems.append(problem.with_traceback(None))
            self._looked = True
            if not found:
                if all(isinstance(each, _ENDS_WITH_A_CHANGE) for each in problems):
                    self.patience = _CHANGE
                raise max(problems, key=_weight, default=errors.NoReader())
            yield found

    def settle(self, reader: str, problem: errors.CardError) -> None:
        """Leave the card in a reader alone until it changes."""
        seen = next((each.seen for each in self._readers.list() if each.name == reader), None)
        self._settled[reader] = _Settled(seen, problem, float("inf"))

    def _list(self) -> Sequence[Reader]:
        self.patience = _RETRY
        try:
            return self._readers.list()
        except errors.NoReader as none:
            self.patience = _CHANGE if type(none) is errors.NoReader else _RETRY
            raise

    def _open(self, reader: Reader, opened: ExitStack) -> FoundCard:
        settled = self._settled.pop(reader.name, None)
        if settled and reader.seen is not None and settled.seen == reader.seen and self._now() < settled.until:
            self._settled[reader.name] = settled
            raise settled.problem
        try:
            return FoundCard(reader.name, _select(reader, opened))
        except (errors.CardNotSupported, errors.CardMute) as problem:
            mute_before = isinstance(problem, errors.CardMute) and not self._looked
            told = errors.NoCard("a slot that never answers") if mute_before else problem
            self._settled[reader.name] = _Settled(reader.seen, told, float("inf"))
            raise
        except errors.CardSilent as problem:
            self._settled[reader.name] = _Settled(reader.seen, problem, self._now() + _LOOK_AGAIN)
            raise


def _select(reader: Reader, opened: ExitStack) -> Jpki:
    connection = reader.connect()
    jpki = Jpki(connection)
    try:
        jpki.select()
    except errors.CardNotSupported:
        connection.let_go()
        raise
    except BaseException:
        connection.power_off()
        raise
    opened.callback(connection.power_off)
    return jpki


def _weight(problem: errors.BridgeError) -> int:
    if isinstance(problem, errors.CardMute):  # beside an empty slot it is no card
        return PASSING.index(errors.NoCard) - 1
    return max(index for index, kind in enumerate(PASSING) if isinstance(problem, kind))
