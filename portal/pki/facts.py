"""What a certificate says, for 「証明書表示」; nothing in it is believed, and what cannot be read is None."""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple, Self, TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import NameOID, SignatureAlgorithmOID

from portal.domain.formats.japanese_date import JST
from portal.pki.certificate import UNREADABLE, CommonName, UnverifiedCertificate
from portal.pki.errors import PkiError

UNREADABLE_PART = (*UNREADABLE, UnsupportedAlgorithm, OverflowError, IndexError, x509.ExtensionNotFound, PkiError)
ALGORITHMS = {
    SignatureAlgorithmOID.RSA_WITH_SHA256: "sha256WithRSAEncryption",
    SignatureAlgorithmOID.ECDSA_WITH_SHA384: "ecdsa-with-SHA384",
}
SHORT = {
    NameOID.COMMON_NAME: "CN",
    NameOID.COUNTRY_NAME: "C",
    NameOID.LOCALITY_NAME: "L",
    NameOID.ORGANIZATION_NAME: "O",
    NameOID.ORGANIZATIONAL_UNIT_NAME: "OU",
}
Lines = tuple[str, ...]
Value = TypeVar("Value")


class Facts(NamedTuple):
    """The values of 基本情報 and 詳細情報; dates are in JST."""

    subject: Lines | None
    not_before: datetime | None
    not_after: datetime | None
    japanese_issuer: Lines | None
    signature_algorithm: str | None
    issuer: Lines | None
    common_name: CommonName | None
    public_key: str | None
    fingerprint: str

    @classmethod
    def of(cls, certificate: UnverifiedCertificate) -> Self:
        """Read each fact by itself: an odd one takes nothing away from the others."""
        found = certificate.x509
        issuer = readable(lambda: lines_of(found.issuer))
        return cls(
            subject=readable(lambda: lines_of(found.subject)),
            not_before=readable(lambda: found.not_valid_before_utc.astimezone(JST)),
            not_after=readable(lambda: found.not_valid_after_utc.astimezone(JST)),
            japanese_issuer=readable(lambda: lines_of(_alternative_issuer(found))) or issuer,
            signature_algorithm=readable(lambda: _algorithm(found)),
            issuer=issuer,
            common_name=readable(certificate.subject),
            public_key=readable(lambda: key_of(found)),
            fingerprint=fingerprint_of(certificate.der),
        )


def readable(read: Callable[[], Value]) -> Value | None:
    """Return what is read, or None where it is odd."""
    try:
        return read()
    except UNREADABLE_PART:
        return None


def lines_of(name: x509.Name) -> Lines:
    """Write a name as the draft draws it: last RDN first, one a line, without what would steer the page."""
    parts = (each for rdn in reversed(name.rdns) for each in rdn)
    return tuple(f"{SHORT.get(each.oid, each.oid.dotted_string)}={printable(str(each.value))}" for each in parts)


def printable(text: str) -> str:
    """Replace what is no visible character: line ends, controls, marks that turn the direction of writing."""
    return "".join(each if each.isprintable() or each == "\u3000" else "\ufffd" for each in text)


def key_of(certificate: x509.Certificate) -> str:
    """Name the kind and size of the public key as the draft does; an unknown kind by its number."""
    try:
        key = certificate.public_key()
    except UnsupportedAlgorithm:
        return certificate.public_key_algorithm_oid.dotted_string
    if isinstance(key, RSAPublicKey):
        return f"rsaEncryption({key.key_size}bits)"
    if isinstance(key, EllipticCurvePublicKey):
        return f"id-ecPublicKey({key.curve.name})"
    return certificate.public_key_algorithm_oid.dotted_string


def fingerprint_of(der: bytes) -> str:
    return f"sha256|{sha256(der).hexdigest().upper()}"


def _algorithm(certificate: x509.Certificate) -> str:
    oid = certificate.signature_algorithm_oid
    return ALGORITHMS.get(oid, oid.dotted_string)


def _alternative_issuer(certificate: x509.Certificate) -> x509.Name:
    """Return the Japanese name, from issuerAltName."""
    names = certificate.extensions.get_extension_for_class(x509.IssuerAlternativeName).value
    return names.get_values_for_type(x509.DirectoryName)[0]
