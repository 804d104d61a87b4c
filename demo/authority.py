"""A demo authority whose certificates have the shape of those on a My Number card; nobody should trust it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
Extension = tuple[x509.ExtensionType, bool]  # with its criticality

USER_AUTHENTICATION = "JPKI for user authentication"
USER_AUTHENTICATION_POLICY = "1.2.392.200149.8.5.1.3.30"

AGENCY = "Japan Agency for Local Authority Information Systems"
JAPANESE_AGENCY = "地方公共団体情報システム機構"
JAPANESE_SERVICE = "公的個人認証サービス"
JAPANESE_UNIT = f"{JAPANESE_SERVICE}利用者証明用"
KEY_USAGES = (
    *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
    *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
)


@dataclass(frozen=True)
class Authority:
    certificate: x509.Certificate
    key: PrivateKey

    @classmethod
    def create(  # noqa: PLR0913 - a factory: every fact of the certificate may be said
        cls,
        *,
        not_before: datetime,
        not_after: datetime,
        organisation: str = "JPKI-DEMO",
        unit: str = USER_AUTHENTICATION,
        key: PrivateKey | None = None,
        serial_number: int = 1,
        replacing: Sequence[Extension] = (),
        without: Collection[type[x509.ExtensionType]] = (),
    ) -> Self:
        """Make a self-signed authority: RSA-2048, or the type of key given."""
        key = key or rsa.generate_private_key(65537, 2048)
        name = name_of(("C", "JP"), ("O", organisation), ("OU", unit), ("OU", AGENCY))
        extensions: list[Extension] = [
            (x509.BasicConstraints(ca=True, path_length=None), True),
            (key_usage("key_cert_sign", "crl_sign"), True),
            (x509.SubjectAlternativeName([x509.DirectoryName(JAPANESE_NAME)]), False),
            (distribution_point(name), False),
            (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
        ]
        builder = x509.CertificateBuilder(name, name, key.public_key(), serial_number, not_before, not_after)
        return cls(sign(builder, changed(extensions, replacing, without), key), key)

    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    def issue(  # noqa: PLR0913 - as above
        self,
        common_name: str = "1C2410DF79DGEL07202002B",
        *,
        public_key: PublicKey,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
        policy: str = USER_AUTHENTICATION_POLICY,
        serial_number: int | None = None,
        subject: x509.Name | None = None,
        replacing: Sequence[Extension] = (),
        without: Collection[type[x509.ExtensionType]] = (),
    ) -> x509.Certificate:
        """Issue a user authentication certificate; `replacing` and `without` bend its extensions.

        Dates default to the authority's own.
        """
        issuer = self.certificate
        extensions: list[Extension] = [
            (key_usage("digital_signature"), True),
            (policies(policy), True),
            (x509.IssuerAlternativeName([x509.DirectoryName(JAPANESE_NAME)]), False),
            (distribution_point(issuer.subject), False),
            (self.authority_key_identifier(), False),
            (x509.SubjectKeyIdentifier.from_public_key(public_key), False),
        ]
        builder = x509.CertificateBuilder(
            issuer.subject,
            name_of(("C", "JP"), ("CN", common_name)) if subject is None else subject,
            public_key,
            serial_number or x509.random_serial_number(),
            not_before or issuer.not_valid_before_utc,
            not_after or issuer.not_valid_after_utc,
        )
        return sign(builder, changed(extensions, replacing, without), self.key)

    def authority_key_identifier(self) -> x509.AuthorityKeyIdentifier:
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()).key_identifier
        issuer = [x509.DirectoryName(self.certificate.issuer)]
        return x509.AuthorityKeyIdentifier(identifier, issuer, self.certificate.serial_number)


def name_of(*attributes: tuple[str, str]) -> x509.Name:
    oids = {
        "C": NameOID.COUNTRY_NAME,
        "L": NameOID.LOCALITY_NAME,
        "O": NameOID.ORGANIZATION_NAME,
        "OU": NameOID.ORGANIZATIONAL_UNIT_NAME,
        "CN": NameOID.COMMON_NAME,
    }
    return x509.Name([x509.NameAttribute(oids[short], value) for short, value in attributes])


JAPANESE_NAME = name_of(("C", "JP"), ("O", JAPANESE_SERVICE), ("OU", JAPANESE_UNIT), ("OU", JAPANESE_AGENCY))


def key_usage(*bits: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{name: name in bits for name in KEY_USAGES})


def policies(*oids: str) -> x509.CertificatePolicies:
    practice = "http://www.jpki.go.jp/cps.html"
    return x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier(oid), [practice]) for oid in oids])


def distribution_point(name: x509.Name) -> x509.CRLDistributionPoints:
    """Name the list of revoked certificates as JPKI does: by a directory name, which nobody can fetch."""
    return x509.CRLDistributionPoints([x509.DistributionPoint([x509.DirectoryName(name)], None, None, None)])


def changed(
    extensions: Sequence[Extension], replacing: Sequence[Extension], without: Collection[type[x509.ExtensionType]]
) -> list[Extension]:
    kinds = {type(extension) for extension, _ in replacing} | set(without)
    return [*(pair for pair in extensions if type(pair[0]) not in kinds), *replacing]


def sign(builder: x509.CertificateBuilder, extensions: Sequence[Extension], key: PrivateKey) -> x509.Certificate:
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return builder.sign(key, hash_for(key))


def hash_for(key: PrivateKey) -> SHA256 | SHA384:
    return SHA384() if isinstance(key, ec.EllipticCurvePrivateKey) else SHA256()
