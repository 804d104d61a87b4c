"""From the card to 本登録, and signing in."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from portal.models import Certificate, MyKeyIdRecord, Person
from tests.conftest import NOW, VALID
from tests.portal.actors.bridges import Bridge
from tests.portal.actors.card_holders import message, rows
from tests.portal.actors.pages import Citizen

DONE = "正常に登録されました。"


def test_the_random_string_becomes_the_mykey_id(complete, citizen, app):
    complete()
    page = citizen.get("/registration?first=yes")
    assert "1C2410DF79DGEL" in page.words
    assert message(page) == ""
    assert not rows(app, Person)
    page = citizen.post("/registration")
    assert message(page) == DONE
    [mykey_id] = rows(app, MyKeyIdRecord)
    assert (mykey_id.mykey_id, mykey_id.terminal_code) == ("1C2410DF79DGEL", "07202002B")
    assert mykey_id.registered_at == NOW


def test_pressed_again_it_shows_the_same(complete, citizen, app):
    complete()
    citizen.post("/registration")
    again = citizen.post("/registration")
    assert message(again) == DONE
    assert len(rows(app, Person)) == 1


def test_the_same_card_again_is_told_that_it_is_registered_and_shown_its_id(complete, citizen, app):
    complete()
    citizen.post("/registration")
    page = complete(who=(again := Citizen(app)))
    assert "もう登録されています" in message(page)
    assert "1C2410DF79DGEL" in page.words
    assert again.post("/registration").status == 200
    assert len(rows(app, Person)) == len(rows(app, Certificate)) == 1


def test_a_registered_card_signs_in(complete, citizen, app):
    complete()
    citizen.post("/registration")
    page = complete("sign-in", who=Citizen(app))
    assert "1C2410DF79DGEL" in page.words
    assert "あなたのマイキーID" in page.words


def test_an_unregistered_card_does_not_sign_in(complete, citizen):
    assert "まだ登録されていません" in complete("sign-in").words
    assert citizen.get("/account").status == 403


def test_signing_in_registers_nothing(complete, citizen, app):
    complete("sign-in")
    assert citizen.post("/registration").status == 403
    assert not rows(app, Person)


def test_50_signing_out_forgets_the_session_also_for_a_copy_of_its_cookie(complete, citizen, app):
    complete()
    citizen.post("/registration")
    copy = citizen.client.get_cookie("__Host-mykey", "id.example.jp").value
    citizen.post("/sign-out")
    thief = app.test_client()
    thief.set_cookie("__Host-mykey", copy, domain="id.example.jp", secure=True)
    assert thief.get("/account", base_url=citizen.base).status_code == 403
    assert citizen.get("/account").status == 403
    assert citizen.get("/registration").status == 403


def test_41_the_same_random_string_with_another_terminal_code_is_another_person(complete, app, authority, keys):
    for common_name in ("1C2410DF79DGEL07202002B", "1C2410DF79DGEL13221003A"):
        certificate = authority.issue(common_name, public_key=keys[1].public_key(), **VALID)
        citizen = Citizen(app)
        complete(who=citizen, with_bridge=Bridge(app, certificate, keys[1]))
        assert message(citizen.post("/registration")) == DONE
    assert len(rows(app, Person)) == 2


def test_41_the_same_name_under_another_certificate_goes_to_staff(complete, citizen, app, authority, keys):
    complete()
    citizen.post("/registration")
    reissued = authority.issue(public_key=keys[1].public_key(), serial_number=77, **VALID)
    other = Citizen(app)
    for page in (complete(who=other, with_bridge=Bridge(app, reissued, keys[1])), other.post("/registration")):
        assert page.status == 409
        assert "職員" in page.words
    assert other.get("/account").status == 403
    assert len(rows(app, Person)) == 1


def test_41_the_same_serial_number_with_another_key_goes_to_staff(complete, citizen, app, authority, keys):
    one, two = (authority.issue(public_key=key.public_key(), serial_number=99, **VALID) for key in keys[:2])
    complete(with_bridge=Bridge(app, one, keys[0]))
    citizen.post("/registration")
    page = complete(who=Citizen(app), with_bridge=Bridge(app, two, keys[1]))
    assert page.status == 409


def test_a_certificate_that_expires_before_the_button_registers_nothing(complete, citizen, app, authority, keys, clock):
    soon = {"not_before": NOW - timedelta(days=1), "not_after": NOW + timedelta(minutes=2)}
    certificate = authority.issue(public_key=keys[0].public_key(), **soon)
    complete(with_bridge=Bridge(app, certificate, keys[0]))
    clock.forward(minutes=3)
    assert citizen.post("/registration").status == 422
    assert not rows(app, Person)


def test_five_minutes_after_completion_nothing_is_registered(complete, citizen, app, clock):
    complete()
    clock.forward(minutes=5)
    assert citizen.post("/registration").status == 410
    assert not rows(app, Person)


def test_of_two_registrations_of_one_card_at_once_both_end_in_one_person(complete, app):
    citizens = [Citizen(app), Citizen(app)]
    for citizen in citizens:
        complete(who=citizen)
    with ThreadPoolExecutor(2) as threads:
        pages = list(threads.map(lambda citizen: citizen.post("/registration"), citizens))
    assert [message(page) for page in pages] == [DONE, DONE]
    assert len(rows(app, Person)) == len(rows(app, Certificate)) == 1


def test_without_a_card_there_is_no_registration(citizen):
    assert citizen.get("/registration").status == 403


def test_without_consent_nothing_begins(citizen):
    citizen.get("/register")
    page = citizen.post("/card-sessions", purpose="register")
    assert "同意してください" in page.words
    assert "__Host-mykey-flow" not in citizen.cookies()


def test_after_a_restart_the_same_card_signs_in_to_the_same_id(complete, citizen, app_with, card):
    complete()
    citizen.post("/registration")
    restarted = app_with()
    page = complete("sign-in", who=Citizen(restarted), with_bridge=Bridge(restarted, *card))
    assert "1C2410DF79DGEL" in page.words


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_page_that_accepts_a_certificate_says_that_its_status_was_not_checked(app, complete, language):
    words = {"ja": "電子証明書の有効性確認は行われていません。", "en": "not been checked"}[language]
    citizen = Citizen(app, language)
    assert words in complete(who=citizen).words
    assert words in citizen.get(citizen.waiting).words
