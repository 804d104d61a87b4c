"""The time of a card session and of a sign-in: announced, warned of, and prolonged."""

import pytest

from portal.models import CardSession
from tests.portal.actors.card_holders import rows
from tests.portal.actors.pages import Citizen
from tests.portal.actors.staff import signed_in_staff

SOON = "まもなく、時間が過ぎます。"


def time_of(citizen, **headers):
    return citizen.get(f"{citizen.waiting}/time", **headers)


def test_the_time_is_said_then_warned_of_then_over(citizen, clock):
    citizen.start()
    said = [time_of(citizen).value("data-time-left")]
    for minutes in (2.5, 2.5):
        clock.forward(minutes=minutes)
        said.append(time_of(citizen).value("data-time-left"))
    assert said == ["calm", "soon", "over"]


PAGES = {
    "register": ["/registration", "/registration?first=yes", "/registration/certificate"],
    "renew": ["/renewal"],
    "carry-over": ["/acts"],
}


@pytest.mark.parametrize("purpose", PAGES)
def test_every_page_on_a_card_says_its_end_without_a_further_request(complete, citizen, clock, purpose):
    if purpose == "carry-over":
        complete()
        citizen.get("/registration?first=yes")
        citizen.post("/registration")
    complete(purpose)
    for address in PAGES[purpose]:
        assert "12:05まで続けられます" in citizen.get(address).words
    clock.forward(minutes=3)
    assert SOON in citizen.get(PAGES[purpose][-1]).words


def test_a_look_brings_nothing_while_it_says_the_same(citizen, clock):
    looks = []
    page = citizen.start()
    for seconds in (30, 90, 60, 90):
        clock.forward(seconds=seconds)
        address = next(tag["hx-get"] for _, tag in page.tags if "/time" in tag.get("hx-get", ""))
        answer = citizen.client.get(address, base_url=citizen.base, headers={"HX-Request": "true"})
        looks.append(answer.status_code)
    assert looks == [204, 204, 200, 200]


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
    clock.forward(minutes=2)
    assert SOON not in time_of(citizen).words  # and yet the page of its own prolongs
    assert "5分延ばす" in time_of(citizen).words
    clock.forward(minutes=2)
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


def test_whose_time_is_over_reads_the_card_again_without_a_second_consent(complete, citizen, clock):
    complete()
    clock.forward(minutes=5)
    refused = citizen.post("/registration/reservation", mykey_id="YAMADAHANA1122")
    assert refused.status == 410
    again = next(form["action"] for form in refused.all("form") if form["action"].endswith("/again"))
    page = citizen.post(again)
    assert page.value("data-card-session") == "started"
    assert "マイキーIDを登録する" in page.words


def test_what_has_done_its_work_is_not_begun_again_without_consent(complete, citizen):
    complete()
    citizen.get("/registration?first=yes")
    citizen.post("/registration")
    citizen.post(f"{citizen.waiting}/again")
    assert citizen.address == "/register"


def test_nobody_begins_again_what_another_browser_began(app, citizen):
    citizen.start()
    stranger = Citizen(app)
    stranger.get("/sign-in")
    stranger.post(f"{citizen.waiting}/again")
    assert (stranger.address, len(rows(app, CardSession))) == ("/", 1)


def test_who_comes_next_to_this_browser_neither_sees_what_was_asked_for_nor_begins_it_again(app, citizen):
    assert "007" in citizen.start("link").words
    citizen.post(f"{citizen.waiting}/cancel")
    assert "007" not in citizen.get(citizen.waiting).words
    citizen.start("link")
    citizen.post("/sign-out")
    citizen.get("/sign-in")
    assert "007" not in citizen.get(citizen.waiting).words
    citizen.post(f"{citizen.waiting}/again")
    assert (citizen.address, len(rows(app, CardSession))) == ("/", 2)


def test_a_page_whose_card_session_is_long_gone_says_that_it_ended(app, citizen, clock):
    citizen.start()
    clock.forward(minutes=11)
    with app.app_context():
        app.extensions["mykey"].retention.forget()
    words = citizen.get(citizen.waiting).words
    assert ("この手続きは終わっています。" in words, "新しい手続き" in words) == (True, False)


@pytest.fixture
def signed_in(town):
    return town.signed_in(town.register(town.card()))


def look(browser, whose="citizen"):
    """Look as the page does, which is no use of the session; return what is said."""
    return browser.get(f"/time/{whose}", **{"HX-Request": "true"})


def test_a_sign_in_says_its_end_warns_before_it_and_is_prolonged_by_a_press(signed_in, clock):
    assert "12:30にサインインが終わります" in signed_in.get("/account").words
    clock.forward(minutes=27)
    said = [look(signed_in).value("data-time-left")]
    clock.forward(minutes=1)
    said.append(look(signed_in).value("data-time-left"))
    token = look(signed_in).csrf_token
    signed_in.client.post("/time/citizen", base_url=signed_in.base, data={"csrf_token": token})
    clock.forward(minutes=26)
    said.append(look(signed_in).value("data-time-left"))
    clock.forward(minutes=2)
    said += [look(signed_in).value("data-time-left"), signed_in.get("/account").status]
    clock.forward(minutes=30)
    said.append(look(signed_in).value("data-time-left"))
    assert said == ["calm", "soon", "calm", "soon", 200, "over"]


def test_a_sign_in_is_prolonged_as_often_as_one_likes_until_its_eight_hours_are_over(signed_in, clock):
    for _ in range(17):
        clock.forward(minutes=28)
        signed_in.post("/time/citizen")
    clock.forward(minutes=3)
    page = look(signed_in)
    assert ("これ以上は延ばせません" in page.words, "サインインを続ける" in page.words) == (True, False)
    clock.forward(minutes=2)
    assert look(signed_in).value("data-time-left") == "over"


def test_staff_are_told_the_end_of_theirs(app, clock):
    staff = signed_in_staff(app)
    assert "12:30にサインインが終わります" in staff.get("/staff").words
    clock.forward(minutes=30)
    page = look(staff, "staff")
    assert (page.value("data-time-left"), page.all("a")[0]["href"]) == ("over", "/staff/sign-in")
