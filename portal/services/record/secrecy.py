"""Keyed hashes and random names."""

import hmac
import os
from base64 import urlsafe_b64encode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from portal.domain.errors import NotConfiguredError
from portal.domain.formats.typed_code import code_of

KEY_FILE, KEY_BYTES = "secret.key", 32


@dataclass(frozen=True)
class Secrecy:
    """Make names that nobody guesses, and keep only their keyed hashes."""

    key: bytes
    token_bytes: Callable[[int], bytes]

    def hash(self, kind: str, value: str) -> str:
        """Return the keyed hash of a value, apart for each kind: 64 hex digits."""
        return hmac.digest(self.key, f"{kind}:{value}".encode(), "sha256").hex()

    def webhook_key(self, service_provider_id: str, handoff_key: str | None) -> bytes:
        """Return the key that signs what a provider's business system is told; another `handoff_key` changes it."""
        return bytes.fromhex(self.hash("handoff", f"{service_provider_id}:{handoff_key}"))

    def token(self) -> str:
        """Make a name of 32 base64url characters (24 random bytes)."""
        return urlsafe_b64encode(self.token_bytes(24)).decode()

    def code(self, length: int) -> str:
        """Make a code for people to read and type."""
        return code_of(self.token_bytes(length + 8), length)

    def code_from(self, kind: str, value: str, length: int) -> str:
        """Derive such a code, at most 32 characters: a page read again shows it, and no row holds it."""
        return code_of(bytes.fromhex(self.hash(kind, value)), length)

    def token_from(self, kind: str, value: str) -> str:
        """Derive a name as `token` makes, for a page that shows it after its redirect; no row holds it."""
        return urlsafe_b64encode(bytes.fromhex(self.hash(kind, value))[:24]).decode()

    def digits(self, count: int) -> str:
        """Make a string of decimal digits."""
        return f"{int.from_bytes(self.token_bytes(16)) % 10**count:0{count}}"


def read_or_make_key(path: Path) -> bytes:
    """Read the portal's secret key, made at the first start (32 bytes, readable by its owner alone)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        with NamedTemporaryFile(dir=path.parent) as draft:  # nobody else's to read, and whole before it has its name
            draft.write(os.urandom(KEY_BYTES))
            draft.flush()
            os.fsync(draft.fileno())
            with suppress(FileExistsError):
                os.link(draft.name, path)
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise NotConfiguredError(f"{path} is no key of {KEY_BYTES} bytes: take it away, and a new one is made.")
    return key
