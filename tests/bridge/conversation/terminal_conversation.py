"""Hold one conversation in a terminal, with a virtual card: `… ORIGIN PAIRING_CODE`, started by the tests."""

import sys
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from demo.virtual_card import VirtualCard
from demo.virtual_card.readers import VirtualReaders
from reader_bridge.conversation.session import converse
from reader_bridge.conversation.terminal_ui import TerminalUI
from reader_bridge.portal.client import PortalClient
from reader_bridge.portal.origin import Origin
from reader_bridge.portal.settings import Origins, Settings
from reader_bridge.words.language import Words
from tests.authority import Authority


def main(origin, pairing_code):
    valid = {"not_before": datetime(2026, 1, 1, tzinfo=UTC), "not_after": datetime(2031, 1, 1, tzinfo=UTC)}
    key = rsa.generate_private_key(65537, 2048)
    certificate = Authority.create(**valid).issue(public_key=key.public_key(), **valid).public_bytes(Encoding.DER)
    readers = VirtualReaders()
    readers.insert(VirtualCard(certificate=certificate, key=key, authority_certificate=None, pin="4071"))
    portal = PortalClient(Origin.parse(origin))
    origins = Origins(Settings(http_origins=frozenset({origin})))
    converse(portal, readers, TerminalUI(Words("ja")), origins=origins, pairing_code=pairing_code)


if __name__ == "__main__":
    main(*sys.argv[1:])
