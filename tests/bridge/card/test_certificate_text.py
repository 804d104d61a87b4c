from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

import reader_bridge
from reader_bridge.card.certain_refusal import date_problem, refuse_for_certain
from reader_bridge.card.certificate_text import as_file, basic_rows, detailed_rows, japanese_date
from reader_bridge.errors import CardUnreadable
from tests.bridge.conftest import VALID

RSA_KEY, UNKNOWN_KEY = bytes.fromhex("06092A864886F70D010101"), bytes.fromhex("06092A864886F70D01017F")


def both_parts(der):
    return [*basic_rows(der), *detailed_rows(der)]


def values(rows):
    return {row.name: row.lines for row in rows}


def test_the_first_part_is_that_of_the_draft(certificate):
    assert values(basic_rows(certificate)) == {
        "主体者(S)": ("CN=1C2410DF79DGEL07202002B", "C=JP"),
        "発行年月日(Y)": ("令和8年1月1日",),
        "有効期間の満了日(E)": ("令和13年1月1日",),
        "発行者(I)": (
            "OU=地方公共団体情報システム機構",
            "OU=公的個人認証サービス利用者証明用",
            "O=公的個人認証サービス",
            "C=JP",
        ),
    }


def test_the_second_part_is_that_of_the_draft(certificate):
    rows = values(detailed_rows(certificate))
    assert list(rows) == [
        *("署名アルゴリズム", "発行者", "発行年月日", "有効期間の満了日", "ランダム文字列"),
        *("受付端末識別記号", "主体者の公開鍵情報", "フィンガープリント"),
    ]
    assert rows["署名アルゴリズム"] == ("sha256WithRSAEncryption",)
    assert rows["発行者"][0] == "OU=Japan Agency for Local Authority Information Systems"
    assert rows["発行年月日"] == ("2026年1月1日9時00分00秒",)
    assert rows["有効期間の満了日"] == ("2031年1月1日9時00分00秒",)
    assert (rows["ランダム文字列"], rows["受付端末識別記号"]) == (("1C2410DF79DGEL",), ("07202002B",))
    assert rows["主体者の公開鍵情報"] == ("rsaEncryption(2048bits)",)
    assert rows["フィンガープリント"] == (f"sha256|{sha256(certificate).hexdigest().upper()}",)
    assert {row.remark for row in detailed_rows(certificate)} == {
        "",
        "マイキーIDにあたる情報",
        "既定のランダム文字列を一意にするための補足情報",
    }


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (datetime(2020, 6, 1, tzinfo=UTC), "令和2年6月1日"),
        (datetime(2015, 7, 9, 10, 33, tzinfo=UTC), "平成27年7月9日"),
        (datetime(2019, 4, 30, 14, 59, 59, tzinfo=UTC), "平成31年4月30日"),
        (datetime(2019, 4, 30, 15, tzinfo=UTC), "令和元年5月1日"),
        (datetime(1989, 1, 7, tzinfo=UTC), "昭和64年1月7日"),
        (datetime(1926, 12, 24, tzinfo=UTC), "1926年12月24日"),
        (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), "令和7981年12月31日"),
    ],
)
def test_a_day_has_the_era_of_itself_in_japan(moment, written):
    assert japanese_date(moment) == written


def test_the_file_is_that_of_the_draft(certificate):
    text = as_file(certificate).decode("utf-8")
    assert text.startswith("\ufeff[主体者]\r\nCN=1C2410DF79DGEL07202002B\r\nC=JP\r\n\r\n[署名アルゴリズム]\r\n")
    assert "[ランダム文字列]\r\n1C2410DF79DGEL\r\n\r\n[受付端末識別記号]\r\n07202002B\r\n\r\n" in text
    assert text.count("\n") == text.count("\r\n")


def test_a_name_forges_no_row_of_the_file(authority, card_key):
    name = "x\r\n[ランダム文字列]\r\nFORGED\x1b[2J"
    odd = authority.issue(name, public_key=card_key.public_key(), **VALID).public_bytes(Encoding.DER)
    assert "CN=x\ufffd\ufffd[ランダム文字列]\ufffd\ufffdFORGED\ufffd[2J\r\n" in as_file(odd).decode()


def test_the_next_card_and_another_common_name_are_shown_too(authority):
    key = ec.generate_private_key(ec.SECP384R1()).public_key()
    odd = authority.issue("someone", public_key=key, **VALID).public_bytes(Encoding.DER)
    rows = values(detailed_rows(odd))
    assert rows["主体者の公開鍵情報"] == ("id-ecPublicKey(secp384r1)",)
    assert "ランダム文字列" not in rows
    assert "受付端末識別記号" not in rows


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
        both_parts(odd)


def test_a_key_of_an_unknown_kind_is_an_unreadable_card(certificate):
    with pytest.raises(CardUnreadable):
        refuse_for_certain(certificate.replace(RSA_KEY, UNKNOWN_KEY))


def test_a_certificate_for_ever_lasts_to_the_end_of_the_calendar(authority, card_key):
    times = VALID | {"not_after": datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)}
    certificate = authority.issue(public_key=card_key.public_key(), **times).public_bytes(Encoding.DER)
    assert values(detailed_rows(certificate))["有効期間の満了日"] == ("9999年12月31日23時59分59秒",)
    assert b"9999\xe5\xb9\xb412" in as_file(certificate)


@pytest.mark.parametrize(
    "read", [refuse_for_certain, basic_rows, detailed_rows, as_file, lambda der: date_problem(der, datetime.now(UTC))]
)
def test_what_is_no_certificate_is_an_unreadable_card(certificate, read):
    for odd in (b"\x30\x03\x02\x01\x05", certificate.replace(bytes.fromhex("A003020102"), bytes.fromhex("A003020105"))):
        with pytest.raises(CardUnreadable):
            read(odd)


@pytest.mark.parametrize(
    ("year", "problem"), [(2024, "certificate-not-yet-valid"), (2030, None), (2032, "certificate-expired")]
)
def test_a_certificate_has_its_time(certificate, year, problem):
    assert date_problem(certificate, datetime(year, 1, 1, tzinfo=UTC)) == problem


def test_dates_are_read_in_one_place_where_debian_12s_cryptography_has_them_otherwise():
    bridge = Path(reader_bridge.__path__[0])
    assert [each.name for each in bridge.rglob("*.py") if "_utc" in each.read_text()] == ["certificate_text.py"]
