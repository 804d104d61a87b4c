"""Reading a certificate that somebody sent; nothing in it is believed yet."""

import re
from contextlib import suppress
from operator import attrgetter
from typing import Annotated, Any, NamedTuple, Self, TypeVar, cast

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.utils import CryptographyDeprecationWarning

from portal.domain.codes import Code
from portal.pki.errors import CertificateMalformed, PkiError, Reason

MAX_BYTES = 8 * 1024
SERIAL_NUMBER_LIMIT = 1 << 159  # positive, in at most 20 octets (RFC 5280, 4.1.2.2)
YEARS = range(1950, 9999)  # UTCTime begins in 1950; the last hours of 9999 are in no calendar in Japan
UNREADABLE = (
    ValueError,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
    CryptographyDeprecationWarning,  # raised where warnings are errors, as a ValueError in later versions
)
SUBJECT = re.compile(  # what is in DER of C=JP, CN=<14 + 9>, each a UTF8String or PrintableString (RFC 5280, 4.1.2.4)
    rb"1\x0b0\x09\x06\x03U\x04\x06[\x0c\x13]\x02JP1\x200\x1e\x06\x03U\x04\x03[\x0c\x13]\x17([0-9A-Z]{14})([0-9A-Z]{9})"
)
KEY_IDENTIFIER = bytes.fromhex("0603551d0e04160414")  # subjectKeyIdentifier of 20 octets, on each card another
KEY_IDENTIFIER_LENGTH = len(KEY_IDENTIFIER) + 20
DATA = attrgetter("data")
Value = TypeVar("Value", bound=x509.ExtensionType)
Extensions = dict[type[x509.ExtensionType], x509.Extension[Any]]
READ_AT_MOST = 1000
_read: dict[tuple[bytes, ...], Extensions] = {}
"""Issuers and extensions that were read without a fault: the same on many cards, and long to read."""


@asn1.sequence
class _ToBeSigned:
    version: Annotated[int, asn1.Explicit(0), asn1.Default(0)]
    serial_number: asn1.TLV
    algorithm: asn1.TLV
    issuer: asn1.TLV
    validity: asn1.TLV
    subject: asn1.TLV
    key: asn1.TLV
    extensions: Annotated[list[asn1.TLV] | None, asn1.Explicit(3)]


@asn1.sequence
class Parts:
    """The bytes of a certificate's fields (RFC 5280, 4.1); a unique identifier of issuer or subject is none of them."""

    signed: _ToBeSigned
    algorithm: asn1.TLV
    signature: asn1.BitString


class CommonName(NamedTuple):
    """ランダム文字列 and 受付端末識別記号 (whose inner structure nobody has published), unique only together."""

    random_string: str
    terminal_code: str


def der_of(content: bytes) -> bytes:
    """Take the certificate out of a file in PEM of at most 8 KiB; anything else stays as it is."""
    if len(content) > MAX_BYTES or b"-----BEGIN" not in content:
        return content
    try:
        [certificate] = x509.load_pem_x509_certificates(content)
    except UNREADABLE:
        raise CertificateMalformed("not one certificate in PEM") from None
    return certificate.public_bytes(Encoding.DER)


class UnverifiedCertificate(NamedTuple):
    """A certificate of which everything can be read; anybody can have made it."""

    der: bytes
    x509: x509.Certificate
    parts: Parts
    extensions: Extensions
    """By their type; the value of a subjectKeyIdentifier may be that of another certificate."""
    common_name: CommonName | None
    """None where the subject is not that of a user authentication certificate."""

    @classmethod
    def decode(cls, der: bytes) -> Self:
        """Read one DER certificate of at most 8 KiB, with nothing after it: all of it, so that nothing raises later."""
        if len(der) > MAX_BYTES:
            raise CertificateMalformed(f"longer than {MAX_BYTES} bytes")
        try:
            found, parts = x509.load_der_x509_certificate(der), asn1.decode_der(Parts, der)
            name = SUBJECT.fullmatch(parts.signed.subject.data)
            extensions = _extensions_of(found, parts)
            years = found.not_valid_before_utc.year, found.not_valid_after_utc.year
            if not name:
                found.subject  # noqa: B018 - may raise
            with suppress(UnsupportedAlgorithm):  # a later step names it
                found.public_key()
        except Exception as error:  # noqa: BLE001 - what the library raises over made-up bytes is listed nowhere
            raise CertificateMalformed(f"cannot be read ({type(error).__name__})") from None
        if not 0 < found.serial_number < SERIAL_NUMBER_LIMIT:
            raise CertificateMalformed("serial number out of range")
        if years[0] not in YEARS or years[1] not in YEARS:
            raise CertificateMalformed("a date out of range")
        if parts.signature.padding_bits():
            raise CertificateMalformed("unused bits in its signature")
        return cls(
            der, found, parts, extensions, CommonName(*(part.decode() for part in name.groups())) if name else None
        )

    @property
    def public_key(self) -> CertificatePublicKeyTypes:
        """Return the key; raise PkiError algorithm-unsupported for one of unknown kind, or not in its one encoding.

        That leaves out curves by their parameters, points in other forms and RSA keys for PSS alone.
        """
        try:
            key = self.x509.public_key()
        except UnsupportedAlgorithm:
            raise PkiError(Code.ALGORITHM_UNSUPPORTED, Reason.KEY_FORM) from None
        if not spki_of(key).endswith(self.parts.signed.key.data):
            raise PkiError(Code.ALGORITHM_UNSUPPORTED, Reason.KEY_FORM)
        return key

    def extension(self, kind: type[Value]) -> Value | None:
        return cast("Value", self.extensions[kind].value) if kind in self.extensions else None

    def subject(self) -> CommonName:
        """Return the subject, `C=JP, CN=<14 characters><9 characters>` of 0-9 and A-Z, and nothing else."""
        if self.common_name is None:
            raise PkiError(Code.CERTIFICATE_SUBJECT_INVALID, "not C=JP and 14 + 9 characters of 0-9 and A-Z")
        return self.common_name


def spki_of(key: CertificatePublicKeyTypes) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _extensions_of(found: x509.Certificate, parts: Parts) -> Extensions:
    """Read issuer and extensions, or remember what was read of the same bytes."""
    fields = map(bytes, map(DATA, (parts.signed.issuer, *(parts.signed.extensions or ()))))
    shared = tuple(
        [
            KEY_IDENTIFIER if len(one) == KEY_IDENTIFIER_LENGTH and one.startswith(KEY_IDENTIFIER) else one
            for one in fields
        ]
    )
    extensions = _read.get(shared)
    if extensions is None:
        found.issuer  # noqa: B018 - may raise
        extensions = {type(each.value): each for each in found.extensions}
        if len(_read) >= READ_AT_MOST:
            _read.clear()
        _read[shared] = extensions
    return extensions
