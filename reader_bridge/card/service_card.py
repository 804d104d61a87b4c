"""A service card: its UID, as the reader tells it, from FeliCa and ISO 14443-3 A storage cards alone."""

from reader_bridge.card.apdu import Command, Connection, transmit
from reader_bridge.card.files import expect
from reader_bridge.errors import CardUnreadable, ServiceCardRandom

STORAGE = bytes.fromhex("3B8F8001804F0CA000000306")
"""How the ATR of a contactless storage card begins; the next byte names the standard (PC/SC part 3, §3.1.3.2.3)."""
TYPE_A, FELICA = 0x03, 0x11
_ATR_LENGTH = 20
_GET_UID = Command(0xFF, 0xCA, 0x00, 0x00, le=256)
_LENGTHS = (4, 7, 8, 10)
_RANDOM_LENGTH, _RANDOM = 4, 0x08  # ISO 14443-3 A


def is_storage(atr: bytes) -> bool:
    """Tell whether an ATR names a FeliCa or ISO 14443-3 A storage card."""
    return len(atr) == _ATR_LENGTH and atr.startswith(STORAGE) and atr[len(STORAGE)] in (TYPE_A, FELICA)


def read_uid(connection: Connection) -> str:
    """Return the UID in upper-case hex, in the reader's order; raise ServiceCardRandom, CardUnreadable."""
    uid = expect(_GET_UID, transmit(connection, _GET_UID, terminal=True))
    if len(uid) not in _LENGTHS:
        raise CardUnreadable(f"a UID of {len(uid)} bytes")
    if len(uid) == _RANDOM_LENGTH and uid[0] == _RANDOM:
        raise ServiceCardRandom
    return uid.hex().upper()
