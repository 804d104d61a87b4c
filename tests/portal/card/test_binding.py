"""What a card signed is good for one purpose, one browser and one time (peers' bad input, "binding")."""

import pytest
from sqlalchemy import func, select

from portal.domain.card_session import AT_COUNTER, Purpose
from portal.extensions import db
from portal.models import AuditEntry
from tests.conftest import sqlite_alone as database  # noqa: F401 (a fixture)
from tests.portal.actors.bridges import Bridge
from tests.portal.actors.pages import Citizen

BUTTONS = {
    "/registration": Purpose.REGISTER,
    "/registration/reservation": Purpose.REGISTER,
    "/renewal": Purpose.RENEW,
    "/acts": None,  # every purpose that has no page of its own
}


def acts_written(app):
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(AuditEntry))


def test_47_the_nonce_of_another_tabs_flow_is_none_of_this_one(app, card, citizen):
    first, second = Bridge(app, *card), Bridge(app, *card)
    first.claim(citizen.start())
    other = Citizen(app)
    second.claim(other.start())
    answer = second.call("answers", first.token(), second.reply["claim"])
    assert (answer.status_code, answer.json["code"]) == (422, "signature-invalid")


@pytest.mark.parametrize("purpose", sorted(set(Purpose) - AT_COUNTER - {Purpose.TEST}))
@pytest.mark.parametrize("button", BUTTONS)
def test_51_a_signature_for_one_purpose_carries_out_no_other(app, complete, citizen, purpose, button):
    if BUTTONS[button] == purpose or (button == "/acts" and purpose not in {*BUTTONS.values(), "sign-in", "show"}):
        return  # its own button, which other tests press
    complete(purpose)
    before = acts_written(app)
    page = citizen.post(button, mykey_id="ABCDE12345FGHI", carry_over_code="x", way="code")
    assert page.status in (403, 410, 422)
    assert acts_written(app) == before


@pytest.mark.parametrize("purpose", sorted(AT_COUNTER))
def test_51_nobody_but_a_clerk_starts_what_a_visit_needs(citizen, purpose):
    page = citizen.start(purpose)
    assert page.value("data-card-session") == "started"
    assert "登録" in page.words  # it is taken for a registration


def test_50_the_answer_is_good_for_nothing_after_its_act(app, complete, citizen, bridge):
    complete()
    citizen.post("/registration")
    before = acts_written(app)
    again = bridge.answer()
    assert (again.status_code, again.json["code"]) == (409, "nonce-used")
    citizen.post("/registration")
    assert acts_written(app) == before
