"""Where cards are found: readers and the connections they give."""

from collections.abc import Sequence
from typing import Protocol

from reader_bridge.apdu import Connection


class Reader(Protocol):
    @property
    def name(self) -> str:
        """The reader's own name."""

    def connect(self) -> Connection:
        """Power the card and hold it alone; raise NoCard, ReaderBusy, CardUnreadable, NoReader."""


class Readers(Protocol):
    def list(self) -> Sequence[Reader]:
        """Return the readers that are there now; raise NoReader when there is none, NoService without PC/SC service."""
