"""Verification: unverified bytes in, a verified certificate out (bridge-protocol, "Order of checks")."""

from dataclasses import InitVar, dataclass, field
from datetime import datetime
from typing import NamedTuple, Self

from cryptography import x509

from portal.domain.codes import Code
from portal.pki.certificate import UnverifiedCertificate
from portal.pki.errors import PkiError
from portal.pki.explanation import Check, Examination
from portal.pki.path import Path, key_digest
from portal.pki.profile import Profile
from portal.pki.revocation.source import Revocation, RevocationStatus
from portal.pki.signature import HASH_NAMES, algorithm_of, verify_signature
from portal.pki.token import Token, signed_message
from portal.pki.trust import TrustAnchors

_SEAL = object()  # known to this module alone, so that no other code can make a VerifiedCertificate by accident


@dataclass(frozen=True)
class ReadCertificate:
    """The contents of a certificate and its issuer, for display. It proves nothing, so no act accepts it.

    Identify it by issuer key (SHA-256, in hex), serial number (in hex) and public key (SHA-256, in hex), never by its
    random string alone. Dates are aware, in UTC.
    """

    random_string: str
    terminal_code: str
    issuer_key_id: str
    serial_number: str
    public_key_digest: str
    not_before: datetime
    not_after: datetime

    @staticmethod
    def of(certificate: UnverifiedCertificate, issuer_key_id: str) -> "ReadCertificate":
        """Read a certificate whose issuer's key is known. Raises PkiError certificate-subject-invalid."""
        found = certificate.x509
        serial, dates = f"{found.serial_number:x}", (found.not_valid_before_utc, found.not_valid_after_utc)
        return ReadCertificate(*certificate.subject(), issuer_key_id, serial, key_digest(found), *dates)


class TracedCertificate(NamedTuple):
    """A certificate that a pinned authority has issued, of the right kind and in its dates; it may be revoked."""

    certificate: UnverifiedCertificate
    issuer: x509.Certificate
    read: ReadCertificate

    @classmethod
    def of(cls, certificate: UnverifiedCertificate, issuer: x509.Certificate) -> Self:
        """Read its subject. Raises PkiError certificate-subject-invalid."""
        return cls(certificate, issuer, ReadCertificate.of(certificate, key_digest(issuer)))


@dataclass(frozen=True)
class VerifiedCertificate(ReadCertificate):
    """One that passed every step; only a Verifier makes it."""

    der: bytes = field(repr=False)
    revocation: RevocationStatus
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("only a Verifier makes a VerifiedCertificate")


class Verifier:
    def __init__(self, anchors: TrustAnchors, *, origin: str, policy_oid: str, revocation: Revocation | None) -> None:
        self._anchors = anchors
        self._origin = origin
        self._profile = Profile(policy_oid)
        self._revocation = revocation
        self._path: Path | None = None

    def verify_token(self, body: bytes, nonce: str, now: datetime) -> VerifiedCertificate:
        """Return the certificate whose holder signed our origin and this nonce.

        Raise the PkiError of the first step that fails. The caller MUST have taken the nonce, once, from the card
        session that the answer belongs to: without that the signature says nothing about who sent it.
        """
        # The cheap steps come first, and revocation last: only a certificate that is otherwise good asks its source.
        # 1. envelope  2. format
        token = Token.read(body)
        # 3. certificate decodes
        certificate = UnverifiedCertificate.decode(token.certificate)
        # 4. kind  5. validity dates  6. chain to a pinned authority
        issuer = self._current_path().issuer_of(certificate, now)
        # 7. algorithm fits key  8. signature
        self._check_signature(certificate, token, nonce)
        # 9. subject  10. revocation
        return self.check_revocation(TracedCertificate.of(certificate, issuer), now)

    def verify_holder(self, body: bytes, nonce: str) -> UnverifiedCertificate:
        """Return the certificate whose holder signed our origin and this nonce, whatever else is wrong with it.

        Good for showing it to who holds it, and for nothing else. The nonce is taken as for `verify_token`.
        """
        token = Token.read(body)
        certificate = UnverifiedCertificate.decode(token.certificate)
        self._current_path().profile.check(certificate)  # one for signing documents names its holder
        self._check_signature(certificate, token, nonce)
        return certificate

    def verify_certificate(self, der: bytes, now: datetime) -> VerifiedCertificate:
        """Return the certificate, which proves nothing about who sent it; the same list without a token's steps."""
        return self.check_revocation(self.trace(der, now), now)

    def trace(self, der: bytes, now: datetime) -> TracedCertificate:
        """Take the same steps but the last, whose source is asked only about a certificate that is worth it."""
        # 3. certificate decodes
        certificate = UnverifiedCertificate.decode(der)
        # 4. kind  5. validity dates  6. chain to a pinned authority
        issuer = self._current_path().issuer_of(certificate, now)
        # 7. some algorithm fits key
        algorithm_of(certificate.public_key)
        # 9. subject
        return TracedCertificate.of(certificate, issuer)

    def check_revocation(self, traced: TracedCertificate, now: datetime) -> VerifiedCertificate:
        """Take the last step, 10. revocation."""
        found, issuer, read = traced
        status = RevocationStatus.NOT_CHECKED
        if self._revocation:
            status = self._revocation.status(found.x509, issuer, now)
        status.refuse()
        return VerifiedCertificate(**vars(read), der=found.der, revocation=status, seal=_SEAL)

    def knows_revoked(self, issuer_key_id: str, serial_number: str, now: datetime) -> bool:
        """Tell whether a list names a certificate by its issuer's key and its number; silence is no reason."""
        if self._revocation is None:
            return False
        issuers = (each for each in self._anchors.certificates() if key_digest(each) == issuer_key_id)
        return any(self._revocation.names(each, int(serial_number, 16), now) for each in issuers)

    def explain(self, der: bytes, now: datetime, *, ask: bool) -> tuple[Check, ...]:
        """Tell what each step of verify_certificate finds; ask the source of revocation data only where told to."""
        certificate = UnverifiedCertificate.decode(der)
        return Examination(certificate, self._current_path(), self._revocation if ask else None, now).checks()

    def _check_signature(self, certificate: UnverifiedCertificate, token: Token, nonce: str) -> None:
        # The key decides the algorithm, or a token could choose a weaker one for it.
        key = certificate.public_key
        algorithm = algorithm_of(key)
        if token.algorithm != algorithm:
            raise PkiError(Code.ALGORITHM_UNSUPPORTED, "unknown, or not the key's")
        # Signed is our configured origin, so that what was signed for another site fails here.
        verify_signature(key, token.signature, signed_message(self._origin, nonce, HASH_NAMES[algorithm]))

    def _current_path(self) -> Path:
        # The anchors return the same tuple until their folder changes, so identity tells whether the Path is current.
        authorities = self._anchors.certificates()
        path = self._path
        if path is None or path.authorities is not authorities:
            path = self._path = Path(authorities, self._profile)
        return path
