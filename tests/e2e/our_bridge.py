"""Our own bridge with a virtual card in its reader: the same two words as `other_bridge`, follow and pair."""

from cryptography.hazmat.primitives.serialization import Encoding

from demo.virtual_card import VirtualCard
from demo.virtual_card.readers import VirtualReaders
from reader_bridge.conversation.session import converse
from reader_bridge.portal.client import PortalClient
from reader_bridge.portal.launch_link import LaunchLink
from reader_bridge.portal.origin import Origin
from reader_bridge.portal.settings import Origins, Settings

from .citizen_ui import CitizenUI

PIN = "1234"


def virtual_card(certificate, key):
    return VirtualCard(certificate=certificate.public_bytes(Encoding.DER), key=key, authority_certificate=None, pin=PIN)


def follow(link, card):
    """Launch link → the URL to open in the default browser."""
    parsed = LaunchLink.parse(link)
    return _converse(parsed.origin, card, handle=parsed.handle).url


def pair(origin, code, card):
    """Pairing code → the six digits to show."""
    return _converse(Origin.parse(origin), card, pairing_code=code).code


def _converse(origin, card, **name):
    readers, ui = VirtualReaders(), CitizenUI(PIN)
    readers.insert(card)
    known = frozenset({str(origin)})
    origins = Origins(Settings(known_origins=known, http_origins=known))
    converse(PortalClient(origin), readers, ui, origins=origins, sleep=lambda _: None, **name)
    return ui
