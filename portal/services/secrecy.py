"""Keyed hashes and random names."""

import hashlib
import hmac
import os
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Secrecy:
    """Make names that nobody guesses, and keep only their keyed hashes."""

    key: bytes
    token_bytes: Callable[[int], bytes]

    def hash(self, kind: str, value: str) -> str:
        """Return the keyed hash of a value, apart for each kind: 64 hex digits."""
        return hmac.new(self.key, f"{kind}:{value}".encode(), hashlib.sha256).hexdigest()

    def token(self) -> str:
        """Make a name of 32 base64url characters (24 random bytes)."""
        return urlsafe_b64encode(self.token_bytes(24)).decode()

    def digits(self, count: int) -> str:
        """Make a string of decimal digits."""
        return f"{int.from_bytes(self.token_bytes(16)) % 10**count:0{count}}"


def read_or_make_key(path: Path) -> bytes:
    """Read the portal's secret key, made at the first start (32 bytes, readable by its owner alone)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(os.urandom(32))
    except FileExistsError:
        pass
    return path.read_bytes()
