"""The time of a card session: announced, warned of, and prolonged three times by five minutes."""

import pytest

from portal.models import CardSession
from tests.portal.actors.card_holders import rows
from tests.portal.actors.pages import Citizen

SOON = "まもなく、時間が過ぎます。"


def time_of(citizen, **headers):
    return citizen.get(f"{citizen.waiting}/time", **headers)


def test_the_time_is_said_then_warned_of_then_over(citizen, clock):
    citizen.start()
    said = [time_of(citizen).value("data-time-left")]
    for minutes in (3, 2):
        clock.forward(minutes=minutes)
        said.append(time_of(citizen).value("data-time-left"))
    assert said == ["calm", "soon", "over"]


def test_the_fragment_asks_again_when_something_else_is_to_be_said(citizen, clock):
    citizen.start()
    waits = []
    for seconds in (0, 179.5, 60.5):
        clock.forward(seconds=seconds)
        waits.append(time_of(citizen, **{"HX-Request": "true"}).value("hx-trigger"))
    assert waits == ["load delay:180s", "load delay:1s", "load delay:60s"]


def test_three_times_five_minutes_more_and_no_fourth(app, citizen, clock):
    citizen.start()
    begin = rows(app, CardSession)[0].expires_at
    for _ in range(4):
        citizen.post(f"{citizen.waiting}/time")
    (card_session,) = rows(app, CardSession)
    assert ((card_session.expires_at - begin).total_seconds(), card_session.prolonged) == (15 * 60, 3)
    clock.forward(minutes=19)
    words = time_of(citizen).words
    assert (SOON in words, "これ以上は延ばせません" in words, "5分延ばす" in words) == (True, True, False)


def test_a_step_takes_nothing_back_of_the_time_that_was_added(app, citizen, bridge):
    page = citizen.start()
    begin = rows(app, CardSession)[0].expires_at
    for _ in range(3):
        citizen.post(f"{citizen.waiting}/time")
    bridge.claim(page)
    bridge.answer()
    assert (rows(app, CardSession)[0].expires_at - begin).total_seconds() == 15 * 60


def test_the_forms_can_be_saved_in_the_time_that_was_added(complete, citizen, clock):
    complete()
    clock.forward(minutes=4)
    assert "5分延ばす" in time_of(citizen).words
    citizen.post(f"{citizen.waiting}/time")
    clock.forward(minutes=5)
    citizen.get("/registration?first=yes")
    assert "正常に登録されました。" in citizen.post("/registration").words


@pytest.mark.parametrize("over", [True, False])
def test_nobody_else_prolongs_and_nothing_that_is_over(app, citizen, clock, over):
    citizen.start()
    who, stranger = citizen, Citizen(app)
    stranger.get("/sign-in")
    if over:
        clock.forward(minutes=5)
    else:
        who, stranger.waiting = stranger, citizen.waiting
    before = rows(app, CardSession)[0].expires_at
    fields = {"csrf_token": who.page.csrf_token or who.get("/sign-in").csrf_token}
    who.client.post(f"{who.waiting}/time", base_url=who.base, data=fields)
    assert (rows(app, CardSession)[0].expires_at, rows(app, CardSession)[0].prolonged) == (before, 0)


def test_of_what_has_ended_there_is_no_time(citizen):
    citizen.start()
    citizen.post(f"{citizen.waiting}/cancel")
    assert citizen.client.get(f"{citizen.waiting}/time", base_url=citizen.base).status_code == 204
