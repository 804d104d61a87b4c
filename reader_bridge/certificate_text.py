"""The certificate as text: the rows of 「証明書表示」 in the ministry's draft (素案, システム編)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import NameOID, SignatureAlgorithmOID

from reader_bridge.errors import CardUnreadable

JST = timezone(timedelta(hours=9), "JST")
_RANDOM_STRING, _TERMINAL_CODE = 14, 9  # characters of the common name
_ALGORITHMS = {
    SignatureAlgorithmOID.RSA_WITH_SHA256: "sha256WithRSAEncryption",
    SignatureAlgorithmOID.ECDSA_WITH_SHA384: "ecdsa-with-SHA384",
}
_SHORT = {NameOID.COMMON_NAME: "CN", NameOID.COUNTRY_NAME: "C", NameOID.ORGANIZATIONAL_UNIT_NAME: "OU"} | {
    NameOID.ORGANIZATION_NAME: "O",
    NameOID.LOCALITY_NAME: "L",
}


# What cryptography makes of an odd certificate, and of a time beyond the calendar
UNREADABLE = (
    *(ValueError, OverflowError, UnsupportedAlgorithm),
    *(x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType),
)


@contextmanager
def readable() -> Iterator[None]:
    """Raise CardUnreadable for a certificate that cannot be read."""
    try:
        yield
    except UNREADABLE as error:
        raise CardUnreadable(f"the certificate cannot be read: {type(error).__name__}") from None


@readable()
def certificate_rows(der: bytes) -> list[tuple[str, str]]:
    """Give the names and values of 詳細情報, with 主体者 before them; raise CardUnreadable."""
    return list(_rows(der))


def _rows(der: bytes) -> Iterator[tuple[str, str]]:
    certificate = x509.load_der_x509_certificate(der)
    random_string, terminal_code = _common_name(certificate)
    algorithm = certificate.signature_algorithm_oid
    yield "主体者", _name(certificate.subject)
    yield "署名アルゴリズム", _ALGORITHMS.get(algorithm, algorithm.dotted_string)
    yield "発行者", _name(_issuer(certificate))
    yield "発行年月日", _time(certificate.not_valid_before_utc)
    yield "有効期間の満了日", _time(certificate.not_valid_after_utc)
    yield "ランダム文字列", random_string
    yield "受付端末識別記号", terminal_code
    yield "主体者の公開鍵情報", _public_key(certificate)
    yield "フィンガープリント", f"sha256|{sha256(der).hexdigest().upper()}"


@readable()
def expires_before(der: bytes, now: datetime) -> bool:
    """Tell whether a DER certificate has run out; raise CardUnreadable."""
    return x509.load_der_x509_certificate(der).not_valid_after_utc < now.astimezone(UTC)


def _common_name(certificate: x509.Certificate) -> tuple[str, str]:
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    text = str(names[0].value) if len(names) == 1 else ""
    if len(text) != _RANDOM_STRING + _TERMINAL_CODE:
        return "-", "-"
    return text[:_RANDOM_STRING], text[_RANDOM_STRING:]


def _issuer(certificate: x509.Certificate) -> x509.Name:
    """Take the Japanese name where the certificate has one."""
    try:
        alternative = certificate.extensions.get_extension_for_class(x509.IssuerAlternativeName).value
    except x509.ExtensionNotFound:
        return certificate.issuer
    names = alternative.get_values_for_type(x509.DirectoryName)
    return names[0] if names else certificate.issuer


def _name(name: x509.Name) -> str:
    """Write the last RDN first, as the draft draws it."""
    parts = (
        f"{_SHORT.get(each.oid, each.oid.dotted_string)}={each.value!s}" for rdn in reversed(name.rdns) for each in rdn
    )
    return ", ".join(parts)


def _time(moment: datetime) -> str:
    local = moment.astimezone(JST)
    return f"{local.year}年{local.month}月{local.day}日{local.hour}時{local.minute:02}分{local.second:02}秒"


def _public_key(certificate: x509.Certificate) -> str:
    key = certificate.public_key()
    if isinstance(key, RSAPublicKey):
        return f"rsaEncryption({key.key_size}bits)"
    if isinstance(key, EllipticCurvePublicKey):
        return f"id-ecPublicKey({key.curve.name})"
    return certificate.public_key_algorithm_oid.dotted_string
