"""Find the My Number cards in the readers."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from reader_bridge import errors
from reader_bridge.card.jpki import Jpki
from reader_bridge.readers import Reader, Readers

PASSING = (  # what a citizen can put right by hand, in the order in which one hides another
    errors.NoReader,
    errors.NoCard,
    errors.ReaderBusy,
    errors.CardRemoved,
    errors.CardUnreadable,
    errors.CardNotSupported,
)


@dataclass(frozen=True)
class FoundCard:
    reader: str
    jpki: Jpki


@contextmanager
def found_cards(readers: Readers) -> Iterator[list[FoundCard]]:
    """Select the JPKI application on every card there is, and power all of them off at the end.

    Where there is none, raise what tells the citizen most.
    """
    with ExitStack() as opened:
        found, problems = [], []
        for reader in readers.list():
            try:
                found.append(_open(reader, opened))
            except PASSING as problem:
                problems.append(problem)
        if not found:
            raise max(problems, key=_weight, default=errors.NoReader())
        yield found


def _open(reader: Reader, opened: ExitStack) -> FoundCard:
    connection = reader.connect()
    opened.callback(connection.power_off)
    jpki = Jpki(connection)
    jpki.select()
    return FoundCard(reader.name, jpki)


def _weight(problem: errors.BridgeError) -> int:
    return max(index for index, kind in enumerate(PASSING) if isinstance(problem, kind))
