"""Path from a certificate to a pinned authority; the only user of `cryptography.x509.verification`."""

from collections.abc import Collection
from datetime import datetime
from hashlib import sha256

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.x509.oid import SignatureAlgorithmOID
from cryptography.x509.verification import Criticality, ExtensionPolicy, PolicyBuilder, Store, VerificationError

from portal.domain.codes import Code
from portal.pki.certificate import UnverifiedCertificate, spki_of
from portal.pki.errors import PkiError, Reason
from portal.pki.profile import Profile
from portal.pki.signature import algorithm_of

AUTHORITY_POLICY = (
    ExtensionPolicy.permit_all()
    .require_present(x509.BasicConstraints, Criticality.CRITICAL, None)
    .require_present(x509.KeyUsage, Criticality.CRITICAL, None)
)
CARD_POLICY = (
    ExtensionPolicy.permit_all()
    .may_be_present(x509.CertificatePolicies, Criticality.AGNOSTIC, None)
    .may_be_present(x509.AuthorityKeyIdentifier, Criticality.NON_CRITICAL, None)
    .may_be_present(x509.SubjectKeyIdentifier, Criticality.NON_CRITICAL, None)
    .may_be_present(x509.AuthorityInformationAccess, Criticality.NON_CRITICAL, None)
)
"""What extensions say is for the profile alone; here is which may be critical."""
OF_AUTHORITIES = {
    *(x509.AuthorityInformationAccess, x509.AuthorityKeyIdentifier, x509.SubjectKeyIdentifier, x509.KeyUsage),
    *(x509.SubjectAlternativeName, x509.BasicConstraints, x509.NameConstraints, x509.ExtendedKeyUsage),
}
"""Extensions of an authority that may be critical, for the library knows them."""
SIGNATURE_ALGORITHMS = {
    *(
        SignatureAlgorithmOID.RSA_WITH_SHA256,
        SignatureAlgorithmOID.RSA_WITH_SHA384,
        SignatureAlgorithmOID.RSA_WITH_SHA512,
    ),
    *(SignatureAlgorithmOID.ECDSA_WITH_SHA256, SignatureAlgorithmOID.ECDSA_WITH_SHA384),
    *(SignatureAlgorithmOID.ECDSA_WITH_SHA512, SignatureAlgorithmOID.RSASSA_PSS),
}
"""What the library lets an authority sign with, where its parameters are as they should be."""
GENERALIZED_TIME = b"\x18"


class Path:
    """Paths to one set of authorities, which may share one name: the signature chooses among them."""

    def __init__(self, authorities: tuple[x509.Certificate, ...], profile: Profile) -> None:
        self.authorities = authorities
        self.profile = profile
        self._builder = (
            PolicyBuilder()
            .store(Store(list(authorities)))
            .extension_policies(ca_policy=AUTHORITY_POLICY, ee_policy=CARD_POLICY)
        )

    def issuer_of(self, certificate: UnverifiedCertificate, now: datetime) -> x509.Certificate:
        """Check kind, validity dates and chain, and return the authority that signed."""
        self.profile.check(certificate)
        check_dates(certificate.x509, now)
        verifier = self._builder.time(now).build_client_verifier()
        try:
            _, issuer = verifier.verify(certificate.x509, []).chain
        except (VerificationError, ValueError):
            raise PkiError(Code.CERTIFICATE_NOT_TRUSTED, self._reason(certificate, now)) from None
        return issuer

    def _reason(self, certificate: UnverifiedCertificate, now: datetime) -> Reason:
        """Tell a certificate of which an authority is missing from one that a pinned authority did sign."""
        found = certificate.x509
        form = reason_of_form(certificate, {rule.extension for rule in self.profile.rules})
        named = [one for one in self.authorities if one.subject == found.issuer]
        if named and form is Reason.SIGNATURE_ALGORITHMS_DIFFER:
            return form
        if named and found.signature_algorithm_oid not in SIGNATURE_ALGORITHMS:
            return Reason.SIGNATURE_ALGORITHM  # which proves nothing about who signed
        signers = [one for one in named if has_signed(one, found)]
        if not signers:
            return Reason.AUTHORITY_UNKNOWN
        is_valid = any(one.not_valid_before_utc <= now <= one.not_valid_after_utc for one in signers)
        return form or (Reason.SIGNATURE_PARAMETERS if is_valid else Reason.AUTHORITY_NOT_VALID)


def check_authority(certificate: UnverifiedCertificate) -> None:
    """Raise PkiError for an authority below which no certificate could pass: algorithm-unsupported, -not-trusted."""
    algorithm_of(certificate.public_key)
    found = certificate.x509
    builder = PolicyBuilder().store(Store([found])).time(found.not_valid_before_utc)
    verifier = builder.extension_policies(ca_policy=AUTHORITY_POLICY, ee_policy=AUTHORITY_POLICY)
    try:
        verifier.build_client_verifier().verify(found, [])
    except (VerificationError, ValueError):
        reason = reason_of_form(certificate, OF_AUTHORITIES)
        told = reason or "its dates or its extensions are not those of an authority"
        raise PkiError(Code.CERTIFICATE_NOT_TRUSTED, told) from None


def reason_of_form(certificate: UnverifiedCertificate, may_be_critical: Collection[type]) -> Reason | None:
    """Tell what is in the way of a certificate, whoever signed it."""
    found, parts = certificate.x509, certificate.parts
    begin = bytes(parts.signed.validity.data)
    forms = begin[:1], begin[2 + begin[1] :][:1]
    years = found.not_valid_before_utc.year, found.not_valid_after_utc.year
    if parts.algorithm.data != parts.signed.algorithm.data:
        return Reason.SIGNATURE_ALGORITHMS_DIFFER
    if any(form == GENERALIZED_TIME and year < 2050 for form, year in zip(forms, years, strict=True)):  # noqa: PLR2004
        return Reason.DATE_FORM
    if any(each.critical and type(each.value) not in may_be_critical for each in found.extensions):
        return Reason.EXTENSION_CRITICAL
    return None


def has_signed(authority: x509.Certificate, certificate: x509.Certificate) -> bool:
    """Tell whether an authority has signed a certificate, which may be its own."""
    try:
        certificate.verify_directly_issued_by(authority)
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True


def check_dates(certificate: x509.Certificate, now: datetime) -> None:
    """Raise PkiError certificate-not-yet-valid or certificate-expired outside of its dates; both days belong to it."""
    if now < certificate.not_valid_before_utc:
        raise PkiError(Code.CERTIFICATE_NOT_YET_VALID, "its validity has not begun")
    if now.replace(microsecond=0) > certificate.not_valid_after_utc:
        raise PkiError(Code.CERTIFICATE_EXPIRED, "its validity is over")


def key_digest(certificate: x509.Certificate) -> str:
    """Return the SHA-256 of the public key (SubjectPublicKeyInfo), in hex."""
    return sha256(spki_of(certificate.public_key())).hexdigest()
