"""Status check (有効性確認): who says whether a certificate has been revoked."""

from datetime import datetime
from enum import Enum
from typing import NamedTuple, Protocol

from cryptography import x509

from portal.domain.codes import Code
from portal.pki.errors import PkiError


class RevocationStatus(Enum):
    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"
    NOT_CHECKED = "not-checked"

    def refuse(self) -> None:
        """Raise PkiError certificate-revoked or revocation-unknown; what nobody checked passes."""
        if self is RevocationStatus.REVOKED:
            raise PkiError(Code.CERTIFICATE_REVOKED, "the source calls it revoked")
        if self is RevocationStatus.UNKNOWN:
            raise PkiError(Code.REVOCATION_UNKNOWN, "the source does not say")


class Period(NamedTuple):
    """From when to when the source vouches for what it says."""

    this_update: datetime
    next_update: datetime


class Revocation(Protocol):
    """A source; a portal without one checks nothing and says so: JPKI gives the data to certified verifiers only."""

    def status(self, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> RevocationStatus: ...

    def names(self, issuer: x509.Certificate, serial_number: int, now: datetime) -> bool: ...

    def period(self, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> Period | None: ...
