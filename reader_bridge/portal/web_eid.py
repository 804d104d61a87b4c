"""The Web eID authentication token, version 1."""

from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256

from reader_bridge import __version__

APP_VERSION = f"https://mykey.invalid/reader-bridge/{__version__}"  # a URL by Web eID's rules; nobody asks it anything
_KEY_SIZES = range(2048, 4097)  # bits, bridge-protocol


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


def signs_rs256(certificate: bytes) -> bool:
    """Tell whether the key of a DER certificate is RSA of a size the portal takes; raise CardUnreadable."""
    from cryptography import x509  # noqa: PLC0415 (start-up time)
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey  # noqa: PLC0415

    from reader_bridge.card.certificate_text import readable  # noqa: PLC0415

    with readable():
        key = x509.load_der_x509_certificate(certificate).public_key()
    return isinstance(key, RSAPublicKey) and key.key_size in _KEY_SIZES
