from datetime import UTC, datetime
from typing import NamedTuple

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from demo.virtual_card import VirtualCard
from demo.virtual_card.readers import VirtualReaders
from tests.authority import Authority

VALID = {"not_before": datetime(2026, 1, 1, tzinfo=UTC), "not_after": datetime(2031, 1, 1, tzinfo=UTC)}


class Issued(NamedTuple):
    key: rsa.RSAPrivateKey
    certificate: bytes
    authority: bytes

    def card(self, **differently):
        parts = {"certificate": self.certificate, "key": self.key, "authority_certificate": self.authority}
        return VirtualCard(**parts | differently)


@pytest.fixture(scope="session")
def issued():
    """Return a key with the certificates that an ordinary card holds beside it."""
    authority = Authority.create(**VALID)
    key = rsa.generate_private_key(65537, 2048)
    certificate = authority.issue(public_key=key.public_key(), **VALID)
    return Issued(key, certificate.public_bytes(Encoding.DER), authority.certificate.public_bytes(Encoding.DER))


@pytest.fixture
def connect():
    """Put a card into a virtual reader and return the connection to it."""

    def put(card):
        readers = VirtualReaders()
        readers.insert(card)
        return readers.list()[0].connect()

    return put
