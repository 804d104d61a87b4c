"""Where cards are found: readers and the connections they give."""

from collections.abc import Callable, Generator, Hashable, Sequence
from dataclasses import dataclass
from typing import Protocol

from reader_bridge.card.apdu import Connection


class Reader(Protocol):
    @property
    def name(self) -> str:
        """The reader's own name."""

    @property
    def seen(self) -> Hashable:
        """Another value after each card that came or went; None where nobody knows."""

    def connect(self) -> Connection:
        """Power the card and hold it alone; raise NoCard, ReaderBusy, CardUnreadable, NoReader."""


class Readers(Protocol):
    def list(self) -> Sequence[Reader]:
        """Return the readers that are there now; raise NoReader when there is none, NoService without PC/SC service."""

    def wait(self, seconds: float, stopped: Callable[[], bool] = ...) -> None:
        """Wait so long at most, or until a card or a reader comes or goes, or until it is stopped; never raise."""


@dataclass(frozen=True)
class Listed:
    """The readers that are watched from now on; none where the first one is waited for."""

    names: Sequence[str]


@dataclass(frozen=True)
class PutIn:
    """A card in a reader: put in just now, or found there when the watching began."""

    reader: Reader
    atr: bytes
    just_now: bool = True


class WatchedReaders(Protocol):
    def watch(self) -> Generator[Listed | PutIn, None, None]:
        """Tell the readers, if any, then each card as it comes; end when the readers change; raise NoService."""
