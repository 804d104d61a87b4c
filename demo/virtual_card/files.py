"""What is on the virtual card: files with their read conditions, PINs with their counters, keys."""

from dataclasses import dataclass, field
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS, AsymmetricPadding, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import NoDigestInfo, Prehashed
from cryptography.hazmat.primitives.hashes import SHA256, HashAlgorithm

from reader_bridge.card.apdu import SW

_COUNTER = 0x63C0
_PSS = PSS(mgf=MGF1(SHA256()), salt_length=32)
_LONGEST_MESSAGE = 245


@dataclass
class Pin:
    """One PIN: `tries` are left of `limit`; the status outlives a reset and a reconnection, not the power."""

    value: bytes = field(repr=False)
    limit: int
    tries: int
    verified: bool = False

    def ask(self) -> int:
        """Answer the empty VERIFY."""
        return SW.OK if self.verified else _COUNTER | self.tries

    def verify(self, given: bytes) -> int:
        """Answer a VERIFY with data: 63Cx, 63C0 for the last try, 6984 from then on."""
        if not self.tries:
            return SW.REFERENCE_DATA_LOCKED
        self.verified = given == self.value
        self.tries = self.limit if self.verified else self.tries - 1
        return self.ask()


@dataclass
class Key:
    key: RSAPrivateKey | None
    pin: Pin

    def sign(self, p1: int, message: bytes) -> bytes | None:
        """Sign as P1 says (measured in github.com/soltia48/myna-card); None when the card has no such scheme."""
        schemes: dict[int, tuple[AsymmetricPadding, HashAlgorithm | Prehashed | NoDigestInfo]] = {
            0x00: (PKCS1v15(), NoDigestInfo()),
            0x01: (PKCS1v15(), NoDigestInfo()),
            0x02: (PKCS1v15(), Prehashed(SHA256())),
            0x03: (PKCS1v15(), SHA256()),
            0x04: (_PSS, Prehashed(SHA256())),
            0x05: (_PSS, SHA256()),
        }
        if self.key is None or p1 not in schemes or not 1 <= len(message) <= _LONGEST_MESSAGE:
            return None
        try:
            return self.key.sign(sha256(message).digest() if p1 == 0x01 else message, *schemes[p1])
        except ValueError:  # a prehash of another length
            return None


@dataclass
class File:
    content: bytes
    pin: Pin | None = None

    @property
    def readable(self) -> bool:
        return self.pin is None or self.pin.verified


Entry = File | Pin | Key
