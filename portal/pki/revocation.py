"""Status check (有効性確認): who says whether a certificate has been revoked."""

from datetime import datetime
from enum import Enum
from typing import Protocol

from cryptography import x509


class RevocationStatus(Enum):
    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"
    NOT_CHECKED = "not-checked"


class Revocation(Protocol):
    def status(self, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> RevocationStatus: ...


class NoRevocationSource:
    """Check nothing and say so; JPKI gives revocation data to certified verifiers only."""

    def status(self, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> RevocationStatus:  # noqa: ARG002 - the protocol's
        return RevocationStatus.NOT_CHECKED
