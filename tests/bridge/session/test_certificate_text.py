from datetime import UTC, datetime
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from reader_bridge.certificate_text import certificate_rows, expires_before
from reader_bridge.errors import CardUnreadable
from reader_bridge.web_eid import signs_rs256

from .conftest import VALID

RSA_KEY, UNKNOWN_KEY = bytes.fromhex("06092A864886F70D010101"), bytes.fromhex("06092A864886F70D01017F")


def test_the_rows_are_those_of_the_draft(certificate):
    rows = dict(certificate_rows(certificate))
    assert list(rows) == [
        *("主体者", "署名アルゴリズム", "発行者", "発行年月日", "有効期間の満了日", "ランダム文字列"),
        *("受付端末識別記号", "主体者の公開鍵情報", "フィンガープリント"),
    ]
    assert rows["主体者"] == "CN=1C2410DF79DGEL07202002B, C=JP"
    assert rows["署名アルゴリズム"] == "sha256WithRSAEncryption"
    assert rows["発行者"].startswith("OU=地方公共団体情報システム機構, ")
    assert (rows["ランダム文字列"], rows["受付端末識別記号"]) == ("1C2410DF79DGEL", "07202002B")
    assert rows["主体者の公開鍵情報"] == "rsaEncryption(2048bits)"
    assert rows["フィンガープリント"] == f"sha256|{sha256(certificate).hexdigest().upper()}"


def test_times_are_those_of_japan(certificate):
    rows = dict(certificate_rows(certificate))
    assert rows["発行年月日"] == "2026年1月1日9時00分00秒"
    assert rows["有効期間の満了日"] == "2031年1月1日9時00分00秒"


def test_the_next_card_and_another_common_name_are_shown_too(authority):
    key = ec.generate_private_key(ec.SECP384R1()).public_key()
    rows = dict(certificate_rows(authority.issue("someone", public_key=key, **VALID).public_bytes(Encoding.DER)))
    assert rows["主体者の公開鍵情報"] == "id-ecPublicKey(secp384r1)"
    assert (rows["ランダム文字列"], rows["受付端末識別記号"]) == ("-", "-")


@pytest.mark.parametrize(
    ("of", "to"),
    [
        (bytes.fromhex("A003020102"), bytes.fromhex("A003020105")),  # version
        (RSA_KEY, UNKNOWN_KEY),
        (bytes.fromhex("0603551D0F"), bytes.fromhex("0603551D23")),  # an extension twice
        (b"310101000000Z", b"311301000000Z"),  # the thirteenth month
        (b"0", b""),
    ],
)
def test_an_odd_certificate_is_an_unreadable_card(certificate, of, to):
    odd = certificate.replace(of, to)
    assert odd != certificate
    with pytest.raises(CardUnreadable):
        certificate_rows(odd)


def test_a_key_of_an_unknown_kind_is_an_unreadable_card(certificate):
    with pytest.raises(CardUnreadable):
        signs_rs256(certificate.replace(RSA_KEY, UNKNOWN_KEY))


def test_a_certificate_for_ever_is_beyond_the_calendar_of_japan(authority, card_key):
    times = VALID | {"not_after": datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)}
    certificate = authority.issue(public_key=card_key.public_key(), **times).public_bytes(Encoding.DER)
    with pytest.raises(CardUnreadable):
        certificate_rows(certificate)


@pytest.mark.parametrize("read", [signs_rs256, certificate_rows, lambda der: expires_before(der, datetime.now(UTC))])
def test_what_is_no_certificate_is_an_unreadable_card(certificate, read):
    for odd in (b"\x30\x03\x02\x01\x05", certificate.replace(bytes.fromhex("A003020102"), bytes.fromhex("A003020105"))):
        with pytest.raises(CardUnreadable):
            read(odd)


@pytest.mark.parametrize(("year", "expired"), [(2030, False), (2032, True)])
def test_a_certificate_runs_out(certificate, year, expired):
    assert expires_before(certificate, datetime(year, 1, 1, tzinfo=UTC)) is expired
