"""証明書表示 of one's own card, by the purpose `show`: registered or not, kept nowhere, signing nobody in."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from portal.models import BrowserSession, CardSession, Certificate, Person
from tests.conftest import NOW, VALID
from tests.portal.actors.bridges import Bridge
from tests.portal.actors.card_holders import rows
from tests.portal.actors.pages import Citizen

TITLE = "公的個人認証サービス 利用者の利用者証明用電子証明書"
DAY = {"this_update": NOW - timedelta(hours=1), "next_update": NOW + timedelta(hours=23)}
SHOWN = "/certificate/card"


def data(app):
    (found,) = rows(app, BrowserSession)
    return found.data


def issue(authority, keys, **facts):
    return authority.issue(**VALID | facts, public_key=keys[0].public_key()), keys[0]


def test_a_card_that_is_not_registered_is_shown_and_kept_nowhere(app, complete, citizen):
    page = complete("show")
    assert (page.status, citizen.address, TITLE in page.words) == (200, SHOWN, True)
    assert "1C2410DF79DGEL" in page.words
    (left,) = rows(app, CardSession)
    assert (left.state, left.ending, left.certificate, left.person_id) == ("ended", "done", None, None)
    assert rows(app, Certificate) + rows(app, Person) == []
    assert data(app).keys() == {"csrf_token"}
    assert citizen.get("/account").status == 403


def test_a_reload_reads_nothing_again_and_says_so(complete, citizen):
    complete("show")
    page = citizen.get(SHOWN)
    assert (page.status, citizen.address) == (200, "/certificate?shown=yes")
    assert "1回だけ表示します" in page.words
    assert TITLE not in page.words
    assert "電子証明書を表示しました" in citizen.get(citizen.waiting).words


def test_what_was_shown_goes_on_to_the_downloads_and_the_check_by_the_page_alone(complete, citizen, card):
    page = complete("show")
    carried = next(field["value"] for field in page.all("input") if field.get("name") == "certificate")
    fields = {"csrf_token": page.csrf_token, "certificate": carried, "format": "der"}
    file = citizen.client.post("/certificate/file", base_url=citizen.base, data=fields)
    assert file.data == card[0].public_bytes(Encoding.DER)


def test_who_is_signed_in_stays_so_under_the_same_session_id(app, complete, citizen):
    complete()
    citizen.post("/registration")
    before, key = data(app), citizen.client.get_cookie("__Host-mykey", "id.example.jp").value
    page = complete("show")
    assert TITLE in page.words
    assert "/account" in [link.get("href") for link in page.all("a")]
    assert data(app) == before
    assert citizen.client.get_cookie("__Host-mykey", "id.example.jp").value == key
    assert citizen.get("/account").status == 200


def test_what_was_not_looked_at_is_not_shown_after_signing_out(complete, citizen, bridge):
    complete()
    citizen.post("/registration")
    bridge.claim(citizen.start("show"))
    url = bridge.answer().json["completion_url"]
    token = citizen.get("/account").csrf_token
    citizen.client.post("/completion", base_url=citizen.base, data={"code": url.partition("#")[2]})
    citizen.client.post("/sign-out", base_url=citizen.base, data={"csrf_token": token})
    assert TITLE not in citizen.get(SHOWN).words


def test_the_card_of_another_signs_nobody_in_and_out(app, complete, citizen, authority, keys):
    complete()
    citizen.post("/registration")
    person_id = data(app)["person_id"]
    other = Bridge(app, *issue(authority, keys, common_name="ZZZZZZZZZZZZZZ07202002B"))
    assert "ZZZZZZZZZZZZZZ" in complete("show", with_bridge=other).words
    assert data(app)["person_id"] == person_id


def test_the_digits_lead_there_too(citizen, bridge):
    bridge.claim(pairing_code=citizen.start("show").value("data-pairing-code"))
    digits = bridge.answer().json["completion_code"]
    citizen.get(citizen.waiting)
    assert TITLE in citizen.post(f"{citizen.waiting}/completion", completion_code=digits).words


def test_another_browser_sees_nothing_of_it(app, citizen, bridge):
    bridge.claim(citizen.start("show"))
    code = bridge.answer().json["completion_url"].partition("#")[2]
    stranger = Citizen(app)
    assert TITLE not in stranger.get(SHOWN).words
    stranger.get("/completion")
    assert stranger.post("/completion", code=code).status == 403
    assert TITLE not in citizen.get(SHOWN).words
    assert [left.certificate for left in rows(app, CardSession)] == [None]


@pytest.mark.parametrize("purpose", ["register", "sign-in", "renew", "carry-over"])
def test_what_was_read_for_another_purpose_is_not_shown_nor_ended_here(app, complete, citizen, purpose):
    complete(purpose)
    before = rows(app, CardSession)[0].state
    assert TITLE not in citizen.get(SHOWN).words
    assert rows(app, CardSession)[0].state == before


def test_too_late_there_is_nothing_to_show(citizen, bridge, clock):
    bridge.claim(citizen.start("show"))
    code = bridge.answer().json["completion_url"].partition("#")[2]
    citizen.client.post("/completion", base_url=citizen.base, data={"code": code})
    clock.forward(minutes=5)
    assert "1回だけ" in citizen.get(SHOWN).words


def test_where_the_authorities_cannot_be_read_the_certificate_is_not_spent(citizen, bridge, instance):
    bridge.claim(citizen.start("show"))
    code = bridge.answer().json["completion_url"].partition("#")[2]
    citizen.client.post("/completion", base_url=citizen.base, data={"code": code})
    (instance / "trust" / "demo.pem").rename(instance / "away")
    assert citizen.get(SHOWN).status == 503
    (instance / "away").rename(instance / "trust" / "demo.pem")
    assert TITLE in citizen.get(SHOWN).words


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"not_before": NOW - timedelta(days=9), "not_after": NOW - timedelta(days=1)}, "certificate-expired"),
        ({"not_before": NOW + timedelta(days=1)}, "certificate-not-yet-valid"),
        ({"common_name": "1C2410"}, "certificate-subject-invalid"),
    ],
)
def test_a_card_that_is_not_accepted_is_shown_with_the_reason(app, complete, authority, keys, facts, code):
    page = complete("show", with_bridge=Bridge(app, *issue(authority, keys, **facts)))
    assert TITLE in page.words
    assert code in page.words
    assert "この電子証明書を受け付けない理由" in page.words


def test_a_certificate_for_signing_documents_is_not_shown(app, citizen, authority, keys):
    signing = authority.issue_signing(public_key=keys[0].public_key(), **VALID)
    bridge = Bridge(app, signing, keys[0])
    bridge.claim(citizen.start("show"))
    assert bridge.answer().json["code"] == "certificate-wrong-kind"
    page = citizen.get(citizen.waiting)
    assert "これは利用者証明用電子証明書ではありません。" in page.words
    assert "/certificate" in [link.get("href") for link in page.all("a")]


def test_a_card_that_another_holds_is_not_shown_without_its_key(citizen, bridge):
    bridge.claim(citizen.start("show"))
    assert bridge.answer(signature="AAAA").json["code"] == "signature-invalid"
    assert TITLE not in citizen.get(SHOWN).words
    assert bridge.answer().json["code"] == "nonce-used"


@pytest.mark.parametrize(("revoked", "status"), [(True, "revoked"), (False, "good")])
def test_a_card_is_asked_for_and_a_revoked_one_is_shown_as_revoked(
    app_with, instance, authority, card, revoked, status
):
    (instance / "crl").mkdir()
    numbers = [card[0].serial_number] if revoked else []
    (instance / "crl" / "authority.crl").write_bytes(authority.crl(*numbers, **DAY))
    app = app_with(revocation="crl")
    citizen, bridge = Citizen(app), Bridge(app, *card)
    bridge.claim(citizen.start("show"))
    citizen.get("/completion")
    page = citizen.post("/completion", code=bridge.answer().json["completion_url"].partition("#")[2])
    assert (TITLE in page.words, page.value("data-status")) == (True, status)
    assert ("この電子証明書は失効しています。" in page.words) is revoked


def test_showing_costs_a_look_and_a_change_of_card_session_and_session(citizen, bridge, statements):
    bridge.claim(citizen.start("show"))
    code = bridge.answer().json["completion_url"].partition("#")[2]
    citizen.client.post("/completion", base_url=citizen.base, data={"code": code})
    with statements() as seen:
        citizen.client.get(SHOWN, base_url=citizen.base)
    assert [one.split()[0] for one in seen if not one.startswith("BEGIN")] == ["SELECT", "SELECT", "UPDATE", "UPDATE"]


@pytest.mark.parametrize("address", ["/", "/account"])
def test_the_start_page_and_the_own_page_lead_there(complete, citizen, address):
    complete()
    citizen.post("/registration")
    assert "/certificate" in [link.get("href") for link in citizen.get(address).all("a")]
    page = citizen.get("/certificate")
    assert "show" in [field.get("value") for field in page.all("input") if field.get("name") == "purpose"]
