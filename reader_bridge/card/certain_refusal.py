"""What a portal is certain to refuse, read off the certificate before anybody types a PIN."""

from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256

from reader_bridge.card.certificate_text import readable, validity
from reader_bridge.errors import CardUnreadable, CertificateWrongKind, KeyUnsupported

_KEY_SIZES = range(2048, 4097)  # bits, bridge-protocol
_POLICIES = "1.2.392.200149.8.5.1."  # of the authority's certificates; what a municipality's own begins with is unknown
_FITTING = (_POLICIES + "3.", _POLICIES + "0.")  # user authentication; the ministry's test environment


@readable()
def refuse_for_certain(der: bytes) -> None:
    """Raise KeyUnsupported or CertificateWrongKind for what no date mends; CardUnreadable."""
    certificate = x509.load_der_x509_certificate(der)
    if _of_another_kind(certificate):
        raise CertificateWrongKind
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey) or key.key_size not in _KEY_SIZES:
        raise KeyUnsupported(f"{type(key).__name__.lstrip('_')} {getattr(key, 'key_size', '')}".strip())


@readable()
def date_problem(der: bytes, now: datetime) -> str | None:
    """Name what the certificate's dates are certain to end in, by this computer's clock; the portal's decides."""
    certificate = x509.load_der_x509_certificate(der)
    moment = now.astimezone(UTC)
    begins, ends = validity(certificate)
    if ends < moment:
        return "certificate-expired"
    return "certificate-not-yet-valid" if begins > moment else None


@readable()
def certificate_ends(der: bytes) -> datetime:
    """Return the moment from which the certificate is no longer valid."""
    return validity(x509.load_der_x509_certificate(der))[1]


def check_signature(der: bytes, signature: bytes, digest: bytes) -> None:
    """Raise CardUnreadable for a signature that is not the certificate's over the SHA-256 digest."""
    key = x509.load_der_x509_certificate(der).public_key()
    assert isinstance(key, RSAPublicKey)
    try:
        key.verify(signature, digest, PKCS1v15(), Prehashed(SHA256()))
    except InvalidSignature:
        raise CardUnreadable(f"a signature of {len(signature)} bytes that is not the certificate's") from None


def _of_another_kind(certificate: x509.Certificate) -> bool:
    """Tell one for signing documents, or for anything else that the authority issues."""
    for extension in certificate.extensions:
        value = extension.value
        if isinstance(value, x509.KeyUsage) and (value.content_commitment or not value.digital_signature):
            return True
        if isinstance(value, x509.CertificatePolicies):
            policies = [each.policy_identifier.dotted_string for each in value]
            if any(each.startswith(_POLICIES) and not each.startswith(_FITTING) for each in policies):
                return True
    return False
