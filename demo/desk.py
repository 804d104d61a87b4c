"""What lies on the demo's desk: one reader, the cards, and the conversation that goes on."""

import logging
from threading import Lock, Thread

from demo.page_ui import PageUI
from demo.virtual_card import VirtualCard
from demo.virtual_card.readers import VirtualReaders
from reader_bridge.conversation.session import converse
from reader_bridge.errors import BridgeError
from reader_bridge.portal.client import PortalClient
from reader_bridge.portal.origin import Origin
from reader_bridge.portal.settings import Origins, Settings

READER = "Demo reader"
_log = logging.getLogger(__name__)


class Desk:
    """Hold one conversation with the demo's portal at a time, as every bridge does; a new one ends the one before."""

    def __init__(self, portal: Origin, cards: dict[str, VirtualCard]) -> None:
        self.portal = portal
        self.inserted: str | None = None  # name of the card in the reader
        self.ui: PageUI | None = None
        self._handle: str | None = None
        self._cards = cards
        self._readers = VirtualReaders(READER)
        self._origins = Origins(Settings(known_origins=frozenset({str(portal)}), http_origins=frozenset({str(portal)})))
        self._lock = Lock()

    def open(self, handle: str) -> None:
        """Begin the conversation of a launch link; the same link again changes nothing."""
        with self._lock:
            if handle == self._handle:
                return
            if self.ui:
                self.ui.stop()
            self._put(None)
            self._handle, self.ui = handle, PageUI()
            Thread(target=self._converse, args=(handle, self.ui), daemon=True).start()
        self.ui.settle()

    def insert(self, name: str | None) -> None:
        """Put a card into the reader in place of what is there, or nothing; an unknown name raises KeyError."""
        with self._lock:
            self._put(name)
        if self.ui:
            self.ui.card_moved()
            self.ui.settle()

    def take(self, name: str) -> VirtualCard:
        """Hand a card to somebody else, out of the reader if it is there; an unknown name raises KeyError."""
        if self.inserted == name:
            self.insert(None)
        return self._cards[name]

    def _put(self, name: str | None) -> None:
        card = self._cards[name] if name else None
        self._readers.remove(READER)
        if card:
            self._readers.insert(card, READER)
        self.inserted = name

    def _converse(self, handle: str, ui: PageUI) -> None:
        try:
            client = PortalClient(self.portal)
            converse(client, self._readers, ui, origins=self._origins, handle=handle, sleep=ui.sleep)
        except BridgeError as error:
            _log.info("the conversation ended: %s", error.code)
        finally:
            ui.over()
