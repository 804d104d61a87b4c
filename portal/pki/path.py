"""Path from a certificate to a pinned authority; the only user of `cryptography.x509.verification`."""

from datetime import datetime
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.verification import Criticality, ExtensionPolicy, PolicyBuilder, Store, VerificationError

from portal.domain.codes import Code
from portal.pki.errors import PkiError
from portal.pki.profile import Profile


class Path:
    """Paths to one set of authorities, which may share one name: the signature chooses among them."""

    def __init__(self, authorities: tuple[x509.Certificate, ...], profile: Profile) -> None:
        self.authorities = authorities
        self.profile = profile
        authority_policy = (
            ExtensionPolicy.permit_all()
            .require_present(x509.BasicConstraints, Criticality.CRITICAL, None)
            .require_present(x509.KeyUsage, Criticality.CRITICAL, None)
        )
        self._builder = (
            PolicyBuilder()
            .store(Store(list(authorities)))
            .extension_policies(ca_policy=authority_policy, ee_policy=profile.extension_policy())
        )

    def issuer_of(self, certificate: x509.Certificate, now: datetime) -> x509.Certificate:
        """Check kind, validity dates and chain in one pass, and return the authority that signed."""
        verifier = self._builder.time(now).build_client_verifier()
        try:
            _, issuer = verifier.verify(certificate, []).chain
        except (VerificationError, ValueError):
            raise self._refusal(certificate, now) from None
        return issuer

    def _refusal(self, certificate: x509.Certificate, now: datetime) -> PkiError:
        """Find the first of the three steps that failed; the pass does not tell."""
        try:
            self.profile.check(certificate)
            check_dates(certificate, now)
        except PkiError as error:
            return error
        return PkiError(Code.CERTIFICATE_NOT_TRUSTED, "no pinned authority that is valid now has signed it")


def check_dates(certificate: x509.Certificate, now: datetime) -> None:
    """Raise PkiError certificate-not-yet-valid or certificate-expired outside of its dates; both days belong to it."""
    if now < certificate.not_valid_before_utc:
        raise PkiError(Code.CERTIFICATE_NOT_YET_VALID, "its validity has not begun")
    if now.replace(microsecond=0) > certificate.not_valid_after_utc:
        raise PkiError(Code.CERTIFICATE_EXPIRED, "its validity is over")


def key_digest(certificate: x509.Certificate) -> str:
    """Return the SHA-256 of the public key (SubjectPublicKeyInfo), in hex."""
    spki = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return sha256(spki).hexdigest()
