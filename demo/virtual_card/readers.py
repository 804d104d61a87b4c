"""Readers in this process, for virtual cards: tests and the demo; no real reader can be reached from here."""

import time
from collections.abc import Callable, Sequence

from demo.virtual_card import VirtualCard
from reader_bridge.errors import CardMute, CardRemoved, NoCard, NoReader, NoService, ReaderBusy


class VirtualReaders:
    """Named readers, each with a card or without; `service_stopped` and `busy` are what else can be wrong."""

    def __init__(self, *names: str) -> None:
        self._cards: dict[str, VirtualCard | None] = dict.fromkeys(names or ("Virtual reader",))
        self.service_stopped = False
        self.busy = False

    def list(self) -> Sequence["VirtualReader"]:
        """Return the readers; raise NoService, NoReader."""
        if self.service_stopped:
            raise NoService("the virtual service was stopped")
        if not self._cards:
            raise NoReader("every virtual reader was unplugged")
        return [VirtualReader(name, self) for name in self._cards]

    def close(self) -> None:
        pass

    def wait(self, seconds: float, stopped: Callable[[], bool] = lambda: False) -> None:
        """Sleep a second at most: here nobody tells of a change."""
        end = time.monotonic() + min(seconds, 1.0)
        while time.monotonic() < end and not stopped():
            time.sleep(0.1)

    def plug_in(self, name: str) -> None:
        self._cards.setdefault(name)

    def unplug(self, name: str | None = None) -> None:
        """Take one reader away, or all of them."""
        for gone in [name] if name else list(self._cards):
            self.remove(gone)
            del self._cards[gone]

    def insert(self, card: VirtualCard, reader: str | None = None) -> None:
        """Put a card into a reader, the first one unless named; what was in it is pulled out."""
        reader = reader or next(iter(self._cards))
        self.remove(reader)
        self._cards[reader] = card

    def remove(self, reader: str | None = None) -> None:
        """Pull a card out, of the first reader unless named; it loses its power."""
        reader = reader or next(iter(self._cards))
        card = self._cards[reader]
        self._cards[reader] = None
        if card:
            card.power_off()

    def card_in(self, reader: str) -> VirtualCard | None:
        """Return the card in a reader; none when it has been pulled out."""
        card = self._cards.get(reader)
        if card and card.gone:
            self.remove(reader)
            return None
        return card


class VirtualReader:
    def __init__(self, name: str, readers: VirtualReaders) -> None:
        self.name = name
        self.seen = None
        self._readers = readers

    def connect(self) -> "VirtualConnection":
        """Power the card; raise NoCard, ReaderBusy, CardUnreadable."""
        if self._readers.busy:
            raise ReaderBusy("another virtual program holds the card")
        card = self._readers.card_in(self.name)
        if card is None:
            raise NoCard("the virtual reader is empty")
        if card.quirks.mute:
            raise CardMute("the virtual card says nothing")
        card.power_on()
        return VirtualConnection(card, self.name, self._readers)


class VirtualConnection:
    def __init__(self, card: VirtualCard, reader: str, readers: VirtualReaders) -> None:
        self._card = card
        self._reader = reader
        self._readers = readers

    def transmit(self, command: bytearray) -> bytes:
        """Return the card's answer; raise CardRemoved."""
        if self._readers.card_in(self._reader) is not self._card:
            raise CardRemoved("the virtual card was pulled out")
        return self._card.respond(bytes(command))

    def power_off(self) -> None:
        self._card.power_off()

    def let_go(self) -> None:
        pass
