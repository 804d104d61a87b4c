"""Our own bridge with a virtual card in its reader: the same two words as `other_bridge`, follow and pair."""

from cryptography.hazmat.primitives.serialization import Encoding

from reader_bridge.launch_link import LaunchLink
from reader_bridge.origin import Origin
from reader_bridge.portal_client import PortalClient
from reader_bridge.readers.virtual import VirtualReaders
from reader_bridge.session import converse
from reader_bridge.settings import Origins, Settings
from reader_bridge.virtual_card import VirtualCard

from .citizen_face import CitizenFace

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
    readers, face = VirtualReaders(), CitizenFace(PIN)
    readers.insert(card)
    known = frozenset({str(origin)})
    origins = Origins(Settings(known_origins=known, http_origins=known))
    converse(PortalClient(origin), readers, face, origins=origins, sleep=lambda _: None, **name)
    return face
