"""The certificate as text: the rows of 「証明書表示」 in the ministry's draft (素案, システム編)."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta, timezone
from hashlib import sha256
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.oid import NameOID, SignatureAlgorithmOID

from reader_bridge.errors import DataMalformed

JST = timezone(timedelta(hours=9), "JST")
_LAST = datetime.max.replace(tzinfo=JST)
_COMMON_NAME = re.compile("[0-9A-Z]{23}")
_RANDOM_STRING = 14  # characters of the common name; the others are the terminal code
_ERAS = ((date(2019, 5, 1), "令和"), (date(1989, 1, 8), "平成"), (date(1926, 12, 25), "昭和"))
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
    """Raise DataMalformed for a certificate that cannot be read."""
    try:
        yield
    except UNREADABLE as error:
        raise DataMalformed(f"the certificate cannot be read: {type(error).__name__}") from None


class Row(NamedTuple):
    """One row: its name, its value in lines, and what the draft remarks beside it."""

    name: str
    lines: tuple[str, ...]
    remark: str = ""


@readable()
def basic_rows(der: bytes) -> list[Row]:
    """Give 基本情報, with dates in 和暦; raise CardUnreadable."""
    certificate = x509.load_der_x509_certificate(der)
    begins, ends = validity(certificate)
    return [
        Row("主体者(S)", _name(certificate.subject)),
        Row("発行年月日(Y)", (japanese_date(begins),)),
        Row("有効期間の満了日(E)", (japanese_date(ends),)),
        Row("発行者(I)", _name(_japanese_issuer(certificate))),
    ]


@readable()
def detailed_rows(der: bytes) -> list[Row]:
    """Give 詳細情報, without the two parts of a common name that has none; raise CardUnreadable."""
    certificate = x509.load_der_x509_certificate(der)
    algorithm = certificate.signature_algorithm_oid
    begins, ends = validity(certificate)
    return [
        Row("署名アルゴリズム", (_ALGORITHMS.get(algorithm, algorithm.dotted_string),)),
        Row("発行者", _name(certificate.issuer)),
        Row("発行年月日", (_time(begins),)),
        Row("有効期間の満了日", (_time(ends),)),
        *_common_name(certificate),
        Row("主体者の公開鍵情報", (_public_key(certificate),)),
        Row("フィンガープリント", (f"sha256|{sha256(der).hexdigest().upper()}",)),
    ]


@readable()
def as_file(der: bytes) -> bytes:
    """Write ファイル出力: `[項目名]`, value, blank line, in UTF-8 with BOM and CRLF; raise CardUnreadable."""
    subject = Row("主体者", _name(x509.load_der_x509_certificate(der).subject))
    rows = ((f"[{row.name}]", *row.lines, "") for row in (subject, *detailed_rows(der)))
    return "".join(f"{line}\r\n" for row in rows for line in row).encode("utf-8-sig")


def validity(certificate: x509.Certificate) -> tuple[datetime, datetime]:
    """Return both dates in UTC; before cryptography 42, as in Debian 12, they had no time zone."""
    if hasattr(certificate, "not_valid_before_utc"):
        return certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return certificate.not_valid_before.replace(tzinfo=UTC), certificate.not_valid_after.replace(tzinfo=UTC)


def in_japan(moment: datetime) -> datetime:
    """Give a moment in Japan's time; one beyond its calendar, as the 9999-12-31 that means for ever, is its last."""
    return min(moment, _LAST).astimezone(JST)


def japanese_date(moment: datetime) -> str:
    """Write a day as 令和2年6月1日, by the era of the day itself in Japan; before the eras in 西暦."""
    day = in_japan(moment).date()
    for first, era in _ERAS:
        if day >= first:
            year = day.year - first.year + 1
            return f"{era}{'元' if year == 1 else year}年{day.month}月{day.day}日"
    return f"{day.year}年{day.month}月{day.day}日"


def _common_name(certificate: x509.Certificate) -> Iterator[Row]:
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    text = str(names[0].value) if len(names) == 1 else ""
    if _COMMON_NAME.fullmatch(text):
        yield Row("ランダム文字列", (text[:_RANDOM_STRING],), "マイキーIDにあたる情報")
        yield Row("受付端末識別記号", (text[_RANDOM_STRING:],), "既定のランダム文字列を一意にするための補足情報")


def _japanese_issuer(certificate: x509.Certificate) -> x509.Name:
    """Take the issuer's alternative name, which is the Japanese one, where the certificate has it."""
    try:
        alternative = certificate.extensions.get_extension_for_class(x509.IssuerAlternativeName).value
    except x509.ExtensionNotFound:
        return certificate.issuer
    names = alternative.get_values_for_type(x509.DirectoryName)
    return names[0] if names else certificate.issuer


def _name(name: x509.Name) -> tuple[str, ...]:
    """Write the last RDN first, one a line, as the draft draws it; what is no visible character is replaced."""
    parts = (
        f"{_SHORT.get(each.oid, each.oid.dotted_string)}={each.value!s}" for rdn in reversed(name.rdns) for each in rdn
    )
    return tuple("".join(c if c.isprintable() or c == "\u3000" else "\ufffd" for c in part) for part in parts)


def _time(moment: datetime) -> str:
    local = in_japan(moment)
    return f"{local.year}年{local.month}月{local.day}日{local.hour}時{local.minute:02}分{local.second:02}秒"


def _public_key(certificate: x509.Certificate) -> str:
    key = certificate.public_key()
    if isinstance(key, RSAPublicKey):
        return f"rsaEncryption({key.key_size}bits)"
    if isinstance(key, EllipticCurvePublicKey):
        return f"id-ecPublicKey({key.curve.name})"
    return certificate.public_key_algorithm_oid.dotted_string
