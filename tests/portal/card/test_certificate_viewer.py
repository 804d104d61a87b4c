"""証明書表示: the card just read, and a certificate in a file."""

import io
from base64 import b64encode
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import select

from demo.authority import name_of
from portal.extensions import db
from portal.models import CardSession, Certificate
from tests.authority import Authority
from tests.conftest import NOW, VALID
from tests.conftest import sqlite_alone as database  # noqa: F401 (a fixture)
from tests.portal.actors.bridges import Bridge
from tests.portal.actors.pages import Citizen

NOT_CHECKED = "電子証明書の有効性確認は行われていません。"
DAY = {"this_update": NOW - timedelta(hours=1), "next_update": NOW + timedelta(hours=23)}
ON_CARD = "/registration/certificate"


def der(certificate):
    return certificate.public_bytes(Encoding.DER)


def upload(citizen, content, name="mine.cer"):
    token = citizen.get("/certificate").csrf_token
    fields = {"csrf_token": token, "file": (io.BytesIO(content), name)}
    return citizen._load(
        citizen.client.post("/certificate", base_url=citizen.base, headers=citizen.headers, data=fields)
    )


def file_of(citizen, address, **query):
    response = citizen.client.get(address, base_url=citizen.base, headers=citizen.headers, query_string=query)
    assert response.status_code == 200
    return response


def results(page):
    return [tag["data-result"] for _, tag in page.tags if "data-result" in tag]


@pytest.fixture
def issued(authority, keys):
    """Issue a certificate with dates that the draft's readers know."""

    def issue(**facts):
        return der(authority.issue(public_key=keys[0].public_key(), **VALID | facts))

    return issue


def test_the_card_just_read_is_shown_as_the_draft_draws_it(complete, citizen):
    assert ON_CARD in [link.get("href") for link in complete().all("a")]
    page = citizen.get(ON_CARD)
    assert "<title>証明書表示 |" in page.response.text
    for words in (
        *("公的個人認証サービス 利用者の利用者証明用電子証明書", "基本情報", "詳細情報", "ファイル出力(E)"),
        *("主体者(S)", "CN=1C2410DF79DGEL07202002B", "発行年月日(Y)", "令和8年10月24日"),
        *("有効期間の満了日(E)", "令和13年1月1日", "発行者(I)", "OU=公的個人認証サービス利用者証明用"),
        *("sha256WithRSAEncryption", "OU=Japan Agency for Local Authority Information Systems"),
        *("2026年10月24日12時00分00秒", "マイキーIDにあたる情報", "既定のランダム文字列を一意にするための補足情報"),
        *("rsaEncryption(2048bits)", "sha256|", NOT_CHECKED, "この電子証明書を受け付ける理由"),
    ):
        assert words in page.words, words
    assert results(page) == ["passed"] * 5 + ["not-done"]


def test_in_english_the_same_is_said(complete, app):
    citizen = Citizen(app, "en")
    complete(who=citizen)
    page = citizen.get(ON_CARD)
    for words in ("Why this certificate is accepted", "October 24, 2026", "2026/10/24 12:00:00 (Japan time)"):
        assert words in page.words


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_file_is_that_of_the_draft(complete, app, language, card):
    citizen = Citizen(app, language)
    complete(who=citizen)
    response = file_of(citizen, f"{ON_CARD}/file", format="text")
    assert response.headers["Content-Disposition"] == "attachment; filename=CertUserAuth20261123120000.txt"
    text = response.data.decode("utf-8")
    assert text.startswith("\ufeff[主体者]\r\nCN=1C2410DF79DGEL07202002B\r\nC=JP\r\n\r\n[署名アルゴリズム]\r\n")
    assert "[ランダム文字列]\r\n1C2410DF79DGEL\r\n\r\n[受付端末識別記号]\r\n07202002B\r\n\r\n" in text
    assert text.count("\n") == text.count("\r\n")
    assert file_of(citizen, f"{ON_CARD}/file", format="der").data == der(card[0])


def test_view_and_file_cost_few_statements_and_write_nothing(complete, citizen, statements):
    complete()
    for address, cost in ((ON_CARD, 3), (f"{ON_CARD}/file", 2)):  # the page says until when it lasts
        with statements() as seen:
            file_of(citizen, address)
        assert len([one for one in seen if not one.startswith("BEGIN")]) == cost
        assert all(one.startswith(("BEGIN", "SELECT")) for one in seen)


def test_without_a_card_or_after_it_there_is_nothing_to_show(complete, citizen, clock):
    assert citizen.get(ON_CARD).status == 403
    complete()
    clock.forward(minutes=5)
    assert citizen.get(ON_CARD).status == 410
    assert citizen.get(f"{ON_CARD}/file").status == 410


def test_a_registered_card_is_no_longer_kept_to_be_shown(complete, citizen):
    complete()
    page = citizen.post("/registration")
    assert ON_CARD not in [link.get("href") for link in page.all("a")]
    assert citizen.get(ON_CARD).status == 410


def test_another_browser_sees_nothing_of_it(complete, app):
    complete()
    assert Citizen(app).get(ON_CARD).status == 403


@pytest.mark.parametrize("form", [Encoding.DER, Encoding.PEM])
def test_a_certificate_in_a_file_is_shown_and_kept_nowhere(citizen, app, card, form):
    page = upload(citizen, card[0].public_bytes(form))
    assert page.status == 200
    assert "1C2410DF79DGEL" in page.words
    assert results(page) == ["passed"] * 5 + ["not-done"]
    with app.app_context():
        assert not list(db.session.scalars(select(Certificate))) + list(db.session.scalars(select(CardSession)))
    assert citizen.get("/registration").status == 403
    assert citizen.get("/account").status == 403


def test_the_page_of_a_file_carries_it_to_the_downloads(citizen, card):
    page = upload(citizen, der(card[0]))
    carried = next(field["value"] for field in page.all("input") if field.get("name") == "certificate")
    data = {"csrf_token": page.csrf_token, "certificate": carried}
    for wanted, start in (("der", der(card[0])), ("text", "\ufeff[主体者]".encode())):
        response = citizen.client.post("/certificate/file", base_url=citizen.base, data=data | {"format": wanted})
        assert response.data.startswith(start)
        assert response.headers["Content-Disposition"].startswith("attachment; ")


BAD_FILES = {
    "nothing": (b"", "ファイルを選んでください"),
    "19 not a certificate": (b"This is not a certificate", "読み取れません"),
    "20 trailing byte": (lambda good: good + b"\0", "読み取れません"),
    "20 PEM cut off": (b"-----BEGIN CERTIFICATE-----\nAAAA", "読み取れません"),
    "21 above 8 KiB": (b"0" * 8193, "読み取れません"),
    "22 an extension twice": (
        lambda good: good.replace(bytes.fromhex("0603551d0e"), bytes.fromhex("0603551d23")),
        "読み取れません",
    ),
}


@pytest.mark.parametrize(("content", "words"), BAD_FILES.values(), ids=BAD_FILES)
def test_a_file_that_is_no_certificate_is_refused_beside_the_field(citizen, card, content, words):
    page = upload(citizen, content(der(card[0])) if callable(content) else content)
    assert (page.status, words in page.words) == (422, True)
    assert "<title>エラー：" in page.response.text


def test_21_a_file_far_above_is_refused_before_it_is_read(citizen):
    page = upload(citizen, b"0" * 400_000)
    assert (page.status, "送られたデータが大きすぎます" in page.words) == (413, True)


def test_certificates_that_came_back_changed_are_refused(citizen):
    citizen.get("/certificate")
    for carried in ("", "%%%", "AAAA", "\N{SNOWMAN}", b64encode(bytes(9000)).decode()):
        assert citizen.post("/certificate/file", certificate=carried).status == 422
        assert citizen.post("/certificate", certificate=carried).status == 422


ODD = {
    "of a stranger": ({}, "certificate-not-trusted", 2),
    "of another kind": ({"policy": "1.2.3"}, "certificate-wrong-kind", 0),
    "expired": ({"not_after": NOW - timedelta(days=1)}, "certificate-expired", 1),
    "without a subject": ({"subject": name_of()}, "certificate-subject-invalid", 4),
    "with a name that steers": ({"subject": name_of(("CN", "<b>\r\n\x1b[2J"))}, "certificate-subject-invalid", 4),
    "with another key": ({"public_key": ed25519.Ed25519PrivateKey.generate().public_key()}, "algorithm-unsupported", 3),
}


@pytest.mark.parametrize(("facts", "code", "place"), ODD.values(), ids=ODD)
def test_a_refused_certificate_is_shown_with_the_first_check_that_failed(citizen, authority, keys, facts, code, place):
    if code == "certificate-not-trusted":
        authority = Authority.create(**VALID, key=keys[2])
    certificate = authority.issue(**{"public_key": keys[0].public_key(), **VALID} | facts)
    page = upload(citizen, der(certificate))
    assert page.status == 200
    assert results(page) == ["passed"] * place + ["refused"] + ["not-reached"] * (5 - place)
    assert code in page.words
    assert "この電子証明書を受け付けない理由" in page.words
    assert "sha256|" in page.words
    assert "<b>" not in page.response.text.split("<main")[1]


def test_the_view_says_why_the_authority_s_own_certificate_is_not_accepted(citizen, authority, keys):
    unknown = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.392.200149.99"), b"\x05\0")
    certificate = authority.issue(public_key=keys[0].public_key(), **VALID, replacing=[(unknown, True)])
    page = upload(citizen, der(certificate))
    assert (page.status, "certificate-not-trusted" in page.words) == (200, True)
    assert "「重要」とされた拡張領域に" in page.words
    assert "extension-critical" in page.words


def test_60_a_name_cannot_forge_a_row_of_the_file(citizen, issued):
    page = upload(citizen, issued(subject=name_of(("CN", "x\r\n\r\n[ランダム文字列]\r\nAAAAAAAAAAAAAA"))))
    carried = next(field["value"] for field in page.all("input") if field.get("name") == "certificate")
    data = {"csrf_token": page.csrf_token, "certificate": carried}
    text = citizen.client.post("/certificate/file", base_url=citizen.base, data=data).data.decode()
    assert "\r\n[ランダム文字列]" not in text


class TestStatusCheck:
    """有効性確認 with a list of revoked certificates."""

    @pytest.fixture
    def app(self, app_with):
        return app_with(revocation="crl")

    @pytest.fixture
    def publish(self, instance, authority):
        (instance / "crl").mkdir()

        def put(*revoked, **dates):
            (instance / "crl" / "authority.crl").write_bytes(authority.crl(*revoked, **DAY | dates))

        put()
        return put

    def shown(self, citizen, content, **fields):
        upload(citizen, content)
        return citizen.post("/certificate", certificate=b64encode(content).decode(), **fields)

    def test_a_file_tells_its_status_to_staff_and_to_nobody_else(self, publish, app, card, complete, clerk):
        publish(card[0].serial_number)
        stranger, holder = Citizen(app), Citizen(app)
        publish()
        complete("sign-in", who=holder)
        publish(card[0].serial_number)
        for citizen in (stranger, holder):
            page = self.shown(citizen, der(card[0]), check="yes")
            assert (page.value("data-status"), results(page)[-1]) == ("not-checked", "not-done")
            assert "有効性確認(Y)" not in page.words
            assert "職員だけに知らせます" in page.words
        page = self.shown(clerk, der(card[0]), check="yes")
        assert (page.value("data-status"), "有効性確認(Y)" in page.words) == ("revoked", True)

    def test_until_asked_nothing_was_checked(self, publish, complete, citizen):
        publish()
        complete()
        page = citizen.get(ON_CARD)
        assert page.value("data-status") == "not-checked"
        assert NOT_CHECKED in page.words
        assert "有効性確認(Y)" in page.words

    def test_52_asked_it_says_what_the_list_says(self, publish, clerk, card):
        content, revoked = der(card[0]), card[0].serial_number
        for serials, dates, status, word in (
            ((), {}, "good", "有効"),
            ((revoked,), {}, "revoked", "失効"),
            ((revoked,), {"next_update": NOW - timedelta(minutes=1)}, "unknown", "確認できません"),
        ):
            publish(*serials, **dates)
            page = self.shown(clerk, content, check="yes")
            assert page.value("data-status") == status
            assert f">{word}</div>" in page.response.text
            assert (">有効</div>" in page.response.text) == (status == "good")

    def test_the_card_just_read_is_asked_for_too(self, publish, complete, citizen):
        publish()
        complete()
        page = citizen.get(f"{ON_CARD}?check=yes")
        assert page.value("data-status") == "good"
        assert results(page) == ["passed"] * 6
        assert "2026年11月23日11時00分00秒" in page.words
        assert "2026年11月24日11時00分00秒" in page.words

    def test_52_a_certificate_of_a_stranger_is_never_called_valid(self, publish, clerk, keys):
        publish()
        stranger = Authority.create(**VALID, key=keys[2]).issue(public_key=keys[0].public_key())
        page = self.shown(clerk, der(stranger), check="yes")
        assert page.value("data-status") == "unknown"
        assert results(page)[-1] == "not-reached"


def test_without_a_source_asking_changes_nothing(complete, citizen):
    complete()
    page = citizen.get(f"{ON_CARD}?check=yes")
    assert page.value("data-status") == "not-checked"
    assert NOT_CHECKED in page.words
    assert "有効性確認(Y)" not in page.words


def test_a_card_that_expires_meanwhile_is_shown_and_no_longer_accepted(complete, citizen, app, authority, keys, clock):
    soon = {"not_before": NOW - timedelta(days=1), "not_after": NOW + timedelta(minutes=2)}
    complete(with_bridge=Bridge(app, authority.issue(public_key=keys[0].public_key(), **soon), keys[0]))
    clock.forward(minutes=3)
    page = citizen.get(ON_CARD)
    assert (page.status, "certificate-expired" in page.words) == (200, True)
