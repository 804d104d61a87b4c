"""The Web eID authentication token, version 1: its envelope, and what the card signs for it."""

from base64 import b64encode
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable
from hashlib import new
from typing import NamedTuple, Self

from portal.domain.codes import Code
from portal.domain.formats.json_object import MalformedError, json_object
from portal.pki.errors import PkiError

FORMAT = "web-eid:1.0"
NONCE_BYTES = 32
FIELDS = {"format", "unverifiedCertificate", "algorithm", "signature", "appVersion"}


class Token(NamedTuple):
    certificate: bytes
    algorithm: str
    signature: bytes

    @classmethod
    def read(cls, body: bytes) -> Self:
        """Read a JSON object in UTF-8 with exactly the five text fields."""
        fields = _read_object(body)
        if fields["format"] != FORMAT:
            raise PkiError(Code.TOKEN_MALFORMED, f"format is not {FORMAT}")
        return cls(_decode(fields["unverifiedCertificate"]), fields["algorithm"], _decode(fields["signature"]))


def _read_object(body: bytes) -> dict[str, str]:
    try:
        fields = json_object(body)
    except MalformedError as error:
        raise PkiError(Code.TOKEN_MALFORMED, str(error)) from None
    if fields.keys() != FIELDS:
        raise PkiError(Code.TOKEN_MALFORMED, "not exactly the five fields")
    texts = {name: value for name, value in fields.items() if isinstance(value, str)}
    if len(texts) != len(FIELDS):
        raise PkiError(Code.TOKEN_MALFORMED, "a field is no text")
    if not texts["appVersion"].isprintable():  # the others are compared or decoded
        raise PkiError(Code.TOKEN_MALFORMED, "appVersion holds control characters or lone surrogates")
    return texts


def _decode(text: str) -> bytes:
    """Decode base64 that is padded, in one line and the only spelling of its bytes."""
    try:
        decoded = a2b_base64(text)
    except ValueError:
        raise PkiError(Code.TOKEN_MALFORMED, "not base64") from None
    if b2a_base64(decoded, newline=False).decode() != text:
        raise PkiError(Code.TOKEN_MALFORMED, "not canonical base64")
    return decoded


def new_nonce(token_bytes: Callable[[int], bytes]) -> str:
    """Make a nonce: 44 base64 characters that encode 32 random bytes."""
    return b64encode(token_bytes(NONCE_BYTES)).decode("ascii")


def signed_message(origin: str, nonce: str, hash_name: str) -> bytes:
    """Join H(origin) and H(nonce text); hashing each first keeps the two fields apart."""
    return new(hash_name, origin.encode()).digest() + new(hash_name, nonce.encode()).digest()
