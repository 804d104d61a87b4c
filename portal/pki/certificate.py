"""Reading a certificate that somebody sent; nothing in it is believed yet."""

import re
from typing import NamedTuple, Self

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.utils import CryptographyDeprecationWarning

from portal.domain.codes import Code
from portal.pki.errors import CertificateMalformed, PkiError

MAX_BYTES = 8 * 1024
SERIAL_NUMBER_LIMIT = 1 << 159  # positive, in at most 20 octets (RFC 5280, 4.1.2.2)
UNREADABLE = (
    ValueError,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
    CryptographyDeprecationWarning,  # raised where warnings are errors, as a ValueError in later versions
)
SUBJECT = re.compile(  # DER of C=JP, CN=<14 + 9>, each a UTF8String or PrintableString (RFC 5280, 4.1.2.4)
    rb"0/1\x0b0\x09\x06\x03U\x04\x06[\x0c\x13]\x02JP1\x200\x1e\x06\x03U\x04\x03[\x0c\x13]\x17([0-9A-Z]{14})([0-9A-Z]{9})"
)


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
    """A certificate that decodes; anybody can have made it."""

    der: bytes
    x509: x509.Certificate

    @classmethod
    def decode(cls, der: bytes) -> Self:
        """Read one DER certificate of at most 8 KiB, with nothing after it."""
        if len(der) > MAX_BYTES:
            raise CertificateMalformed(f"longer than {MAX_BYTES} bytes")
        try:
            certificate = x509.load_der_x509_certificate(der)
            certificate.public_key()
        except UnsupportedAlgorithm:
            pass  # a later step names it
        except UNREADABLE:
            raise CertificateMalformed("not a certificate in DER") from None
        if not 0 < certificate.serial_number < SERIAL_NUMBER_LIMIT:
            raise CertificateMalformed("serial number out of range")
        return cls(der, certificate)

    @property
    def public_key(self) -> CertificatePublicKeyTypes:
        try:
            return self.x509.public_key()
        except UnsupportedAlgorithm:
            raise PkiError(Code.ALGORITHM_UNSUPPORTED, "unknown type of key") from None

    def subject(self) -> CommonName:
        """Read the subject, `C=JP, CN=<14 characters><9 characters>` of 0-9 and A-Z, and nothing else."""
        try:
            found = SUBJECT.fullmatch(self.x509.subject.public_bytes())
        except ValueError:
            found = None
        if not found:
            raise PkiError(Code.CERTIFICATE_SUBJECT_INVALID, "not C=JP and 14 + 9 characters of 0-9 and A-Z")
        return CommonName(*(part.decode() for part in found.groups()))
