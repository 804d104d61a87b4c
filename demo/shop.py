"""Two service providers of the demo: each has one terminal, and its bridge is played here, over a virtual reader."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Event, Lock, Thread

from flask import Flask

from demo.desk import Desk
from demo.virtual_card.readers import VirtualReaders
from portal.container import Services
from portal.domain.errors import PortalError
from reader_bridge.errors import BridgeError
from reader_bridge.portal.client import PortalClient
from reader_bridge.readers import PutIn
from reader_bridge.terminal.presence import stay_present
from reader_bridge.terminal.taps import read_tap
from reader_bridge.words.language import sentence_code
from reader_bridge.words.sentences import Sentence

TERMINAL = "見本の受付"


@dataclass(frozen=True)
class Place:
    name: str
    title: Sentence
    service_provider_id: str
    provider: str


PLACES = (
    Place("library", Sentence("図書館", "Library"), "A-α1-0001", "見本図書館"),
    Place("shop", Sentence("商店", "Shop"), "B-β1-0001", "見本商店"),
)


class Shop:
    """A provider's terminal; its bridge is enrolled anew at each start, its page stays bound."""

    def __init__(self, place: Place, portal: Flask, desk: Desk) -> None:
        self.place = place
        self.told: tuple[str | None, str] | None = None  # the last card, and the sentence about it
        self._portal, self._desk = portal, desk
        self._readers, self._lock = VirtualReaders(), Lock()
        with self._services() as services:
            self._add_provider(services)
            terminals = services.terminals.of_provider(place.service_provider_id)
            kept = next((each for each in terminals if each.name == TERMINAL and not each.revoked_at), None)
            if kept:
                terminal, codes = kept, services.terminals.new_codes(kept.terminal_id)
            else:
                terminal, codes = services.terminals.add(place.service_provider_id, TERMINAL)
            _, self._token = services.enrolment.enrol_bridge(codes.bridge)
            self._terminal_id = terminal.terminal_id
            self._code = None if terminal.page_hash else codes.page
        Thread(target=self._stay_present, daemon=True).start()

    def code(self) -> str | None:
        """Return the code that binds a browser to the terminal, until it is spent."""
        with self._services() as services:
            if services.terminals.known(self._terminal_id).page_code_hash is None:
                self._code = None
        return self._code

    def new_code(self) -> None:
        """Make another code, for another browser or one that was bound elsewhere in between."""
        with self._services() as services:
            try:
                self._code = services.terminals.new_codes(self._terminal_id).page
            except PortalError as revoked:
                self.told = None, revoked.code

    def tap(self, name: str) -> None:
        """Hold a card over the reader as `reader-bridge terminal run` sees it; an unknown name raises KeyError."""
        card = self._desk.take(name)
        with self._lock:
            self._readers.insert(card)
            [reader] = self._readers.list()
            try:
                tap = read_tap(PutIn(reader, card.atr))
                PortalClient(self._desk.portal).tap(self._token, tap)
            except BridgeError as problem:
                self.told = name, sentence_code(problem)
            else:
                self.told = name, "terminal-tap-certificate" if "certificate" in tap else "terminal-tap-service-card"
            finally:
                self._readers.remove()

    def _stay_present(self) -> None:
        with suppress(BridgeError):  # another demo has enrolled the terminal
            stay_present(PortalClient(self._desk.portal), self._token, ready=lambda: True, is_over=Event().wait)

    @contextmanager
    def _services(self) -> Iterator[Services]:
        with self._portal.app_context():
            yield self._portal.extensions["mykey"]

    def _add_provider(self, services: Services) -> None:
        try:
            services.service_providers.known(self.place.service_provider_id)
        except PortalError:
            services.providers.add(self.place.service_provider_id, self.place.provider)
