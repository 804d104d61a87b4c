"""What the card signs: the portal's origin and a nonce, as Web eID does."""

from base64 import b64encode
from collections.abc import Callable
from hashlib import new

NONCE_BYTES = 32


def new_nonce(token_bytes: Callable[[int], bytes]) -> str:
    """Make a nonce: 44 base64 characters that encode 32 random bytes."""
    return b64encode(token_bytes(NONCE_BYTES)).decode("ascii")


def signed_message(origin: str, nonce: str, hash_name: str) -> bytes:
    """Join H(origin) and H(nonce text); hashing each first keeps the two fields apart."""
    return new(hash_name, origin.encode()).digest() + new(hash_name, nonce.encode()).digest()
