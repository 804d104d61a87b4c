"""The Web eID authentication token, version 1."""

from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256

from reader_bridge import __version__

APP_VERSION = f"https://mykey.invalid/reader-bridge/{__version__}"  # a URL by Web eID's rules; nobody asks it anything


def digest_to_sign(origin: str, nonce: str) -> bytes:
    """Hash what RS256 signs: SHA-256 of SHA-256(origin) and SHA-256(nonce text), 32 bytes."""
    return sha256(sha256(origin.encode("ascii")).digest() + sha256(nonce.encode("ascii")).digest()).digest()


def make_token(certificate: bytes, origin: str, nonce: str, sign: Callable[[bytes], bytes]) -> dict[str, str]:
    """Sign the nonce for the origin; `sign` takes the digest to the card."""
    return {
        "format": "web-eid:1.0",
        "unverifiedCertificate": b64encode(certificate).decode(),
        "algorithm": "RS256",
        "signature": b64encode(sign(digest_to_sign(origin, nonce))).decode(),
        "appVersion": APP_VERSION,
    }
