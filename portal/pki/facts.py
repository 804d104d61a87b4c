"""What a certificate says, for 「証明書表示」; nothing in it is believed."""

from datetime import datetime
from hashlib import sha256
from typing import NamedTuple, Self

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import NameOID, SignatureAlgorithmOID

from portal.domain.formats.japanese_date import JST
from portal.pki.certificate import CommonName, UnverifiedCertificate

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


class Facts(NamedTuple):
    """The values of 基本情報 and 詳細情報; dates are in JST."""

    subject: Lines
    not_before: datetime
    not_after: datetime
    japanese_issuer: Lines
    signature_algorithm: str
    issuer: Lines
    common_name: CommonName | None
    public_key: str
    fingerprint: str

    @classmethod
    def of(cls, certificate: UnverifiedCertificate) -> Self:
        found, alternative = certificate.x509, certificate.extension(x509.IssuerAlternativeName)
        names = alternative.get_values_for_type(x509.DirectoryName) if alternative else []
        issuer, algorithm = lines_of(found.issuer), found.signature_algorithm_oid
        return cls(
            subject=lines_of(found.subject),
            not_before=found.not_valid_before_utc.astimezone(JST),
            not_after=found.not_valid_after_utc.astimezone(JST),
            japanese_issuer=(lines_of(names[0]) if names else ()) or issuer,
            signature_algorithm=ALGORITHMS.get(algorithm, algorithm.dotted_string),
            issuer=issuer,
            common_name=certificate.common_name,
            public_key=key_of(found),
            fingerprint=fingerprint_of(certificate.der),
        )


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
