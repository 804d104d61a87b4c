"""What a list of revoked certificates changes for those who register and sign in."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal import create_app
from portal.domain.errors import NotConfiguredError
from portal.extensions import db
from portal.models import Person
from tests.conftest import NOW
from tests.portal.actors.bridges import Bridge
from tests.portal.actors.pages import Citizen

DAY = {"this_update": NOW - timedelta(hours=1), "next_update": NOW + timedelta(hours=23)}
NOT_CHECKED, CHECKED = "有効性確認は行われていません", "有効性を確認しました"


@pytest.fixture
def publish(instance, authority, card):
    """Put the authority's next list into its place; it revokes the card, or nobody."""
    (instance / "crl").mkdir()
    numbers = iter(range(1, 9))

    def put(*, revoked=False, **dates):
        serials = [card[0].serial_number] if revoked else []
        content = authority.crl(*serials, number=next(numbers), **DAY | dates)
        (instance / "crl" / "new").write_bytes(content)
        (instance / "crl" / "new").rename(instance / "crl" / "authority.crl")

    put()
    return put


@pytest.fixture
def app(app_with):
    return app_with(revocation="crl")


def people(app):
    with app.app_context():
        return list(db.session.scalars(select(Person)))


@pytest.mark.usefixtures("publish")
def test_with_a_list_the_page_says_that_the_status_was_checked(complete, citizen):
    page = complete()
    assert CHECKED in page.words
    assert NOT_CHECKED not in page.words
    assert "正常に登録されました。" in citizen.post("/registration").words
    for address in ("/register", "/sign-in", citizen.waiting):
        assert NOT_CHECKED not in citizen.get(address).words


def test_52_a_revoked_card_is_refused_when_it_is_read(publish, citizen, bridge):
    publish(revoked=True)
    bridge.claim(citizen.start())
    refusal = bridge.answer()
    assert (refusal.status_code, refusal.json["code"]) == (422, "certificate-revoked")
    assert "失効しています" in citizen.get(citizen.waiting).words


def test_56_a_card_revoked_between_challenge_and_answer_is_refused(publish, citizen, bridge):
    bridge.claim(citizen.start())
    publish(revoked=True)
    assert bridge.answer().json["code"] == "certificate-revoked"


def test_56_a_card_revoked_before_the_button_registers_nothing(publish, complete, citizen, app):
    complete()
    publish(revoked=True)
    page = citizen.post("/registration")
    assert (page.status, "失効しています" in page.words) == (422, True)
    assert people(app) == []


def test_56_a_card_revoked_after_registering_no_longer_signs_in(publish, complete, citizen, app, card):
    complete()
    citizen.post("/registration")
    other, bridge = Citizen(app), Bridge(app, *card)
    bridge.claim(other.start("sign-in"))
    publish(revoked=True)
    assert bridge.answer().json["code"] == "certificate-revoked"
    assert len(people(app)) == 1  # nothing is deleted


def test_53_while_the_list_is_stale_nobody_is_accepted_and_nobody_is_called_revoked(publish, citizen, bridge):
    publish(next_update=NOW - timedelta(minutes=1))
    bridge.claim(citizen.start())
    assert bridge.answer().json["code"] == "revocation-unknown"
    assert "確認できませんでした" in citizen.get(citizen.waiting).words


@pytest.mark.usefixtures("publish")
def test_53_a_list_that_is_gone_is_no_reason_to_accept(citizen, bridge, instance):
    (instance / "crl" / "authority.crl").unlink()
    bridge.claim(citizen.start())
    assert bridge.answer().json["code"] == "revocation-unknown"


@pytest.mark.parametrize("content", [None, b"", b"<html>"])
def test_55_production_does_not_start_without_a_readable_list(settings, instance, content):
    (instance / "crl").mkdir()
    if content is not None:
        (instance / "crl" / "authority.crl").write_bytes(content)
    with pytest.raises(NotConfiguredError, match="no readable list of revoked certificates"):
        create_app(settings.model_copy(update={"revocation": "crl"}))
