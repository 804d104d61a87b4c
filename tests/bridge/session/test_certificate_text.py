from datetime import UTC, datetime
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from reader_bridge.certificate_text import certificate_rows, expires_before

from .conftest import VALID


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


@pytest.mark.parametrize(("year", "expired"), [(2030, False), (2032, True)])
def test_a_certificate_runs_out(certificate, year, expired):
    assert expires_before(certificate, datetime(year, 1, 1, tzinfo=UTC)) is expired
