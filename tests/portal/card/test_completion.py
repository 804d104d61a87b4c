"""Only the browser that started may finish (bridge-protocol, rule 3)."""

import pytest

from tests.conftest import VALID
from tests.conftest import sqlite_alone as database  # noqa: F401 (a fixture)
from tests.portal.actors.bridges import Bridge
from tests.portal.actors.pages import Citizen


@pytest.fixture
def stranger(app):
    return Citizen(app)


@pytest.fixture
def answered_by_digits(citizen, bridge):
    bridge.claim(pairing_code=citizen.start().value("data-pairing-code"))
    digits = bridge.answer().json["completion_code"]
    citizen.get(citizen.waiting)
    return digits


@pytest.fixture
def answered_by_url(citizen, bridge):
    bridge.claim(citizen.start())
    return bridge.answer().json["completion_url"].partition("#")[2]


def test_a_good_code_in_another_browser_ends_the_card_session(citizen, stranger, answered_by_url, caplog):
    caplog.set_level("INFO", "portal.audit")
    stranger.get("/completion")
    page = stranger.post("/completion", code=answered_by_url)
    assert page.status == 403
    assert "ペアリングコード" in page.words
    assert not stranger.cookies()
    assert "completion-refused" in caplog.text
    citizen.get("/completion")
    assert citizen.post("/completion", code=answered_by_url).status == 404
    assert citizen.get("/account").status == 403


def test_a_wrong_code_changes_nothing(citizen, answered_by_url):
    citizen.get("/completion")
    assert citizen.post("/completion", code="x" * 32).status == 404
    citizen.get("/completion")
    assert citizen.post("/completion", code=answered_by_url).status == 200


def test_the_digits_typed_into_the_page_that_started_complete_it(citizen, answered_by_digits):
    page = citizen.post(f"{citizen.waiting}/completion", completion_code=f" {answered_by_digits} ")
    assert "はじめて" in page.words


def test_five_wrong_sets_of_digits_end_it(citizen, answered_by_digits, caplog):
    caplog.set_level("INFO", "portal.audit")
    wrong = "000000" if answered_by_digits != "000000" else "111111"
    for _ in range(4):
        page = citizen.post(f"{citizen.waiting}/completion", completion_code=wrong)
        assert ("違います" in page.words, page.value("data-card-session")) == (True, "answered")
    assert citizen.post(f"{citizen.waiting}/completion", completion_code=wrong).status == 403
    citizen.get(citizen.waiting)
    assert citizen.post(f"{citizen.waiting}/completion", completion_code=answered_by_digits).status == 410
    assert caplog.text.count("digits") == 10  # the event's name and its count, five times


def test_the_digits_do_nothing_in_another_browser(citizen, stranger, answered_by_digits):
    stranger.start()
    refused = stranger.post(f"{citizen.waiting}/completion", completion_code=answered_by_digits)
    assert refused.status == 410
    assert stranger.get("/registration").status == 403


def test_only_the_browser_that_started_cancels(citizen, stranger, bridge):
    bridge.claim(citizen.start())
    stranger.start()
    stranger.post(f"{citizen.waiting}/cancel")
    assert bridge.answer().status_code == 200


def test_a_url_code_is_no_set_of_digits(citizen, answered_by_url):
    citizen.get(citizen.waiting)
    assert citizen.post(f"{citizen.waiting}/completion", completion_code=answered_by_url).status == 410


def test_the_digits_are_no_url_code_and_a_url_code_no_digits(citizen, answered_by_digits):
    citizen.get("/completion")
    assert citizen.post("/completion", code=answered_by_digits).status == 404


def test_the_session_id_is_rotated_and_a_poll_in_flight_gets_no_cookie(app, citizen, answered_by_url):
    before = citizen.client.get_cookie("__Host-mykey", "id.example.jp").value
    citizen.get("/completion")
    citizen.post("/completion", code=answered_by_url)
    assert citizen.client.get_cookie("__Host-mykey", "id.example.jp").value != before
    late = app.test_client()
    late.set_cookie("__Host-mykey", before, domain="id.example.jp", secure=True)
    poll = late.get(f"{citizen.waiting}/state", base_url=citizen.base, headers={"HX-Request": "true"})
    assert "Set-Cookie" not in poll.headers
    assert citizen.get("/registration").status == 200


def test_the_completion_page_sets_no_cookie(stranger):
    page = stranger.get("/completion")
    assert "Set-Cookie" not in page.response.headers
    assert not stranger.cookies()


def test_cookies_are_bound_to_the_host_and_hidden_from_scripts(citizen):
    response = citizen.start().response
    assert response.request.cookies.keys() == {"__Host-mykey", "__Host-mykey-flow"}
    for cookie in citizen.client._cookies.values():
        assert cookie.secure
        assert cookie.http_only
        assert cookie.same_site == "Lax"
        assert cookie.path == "/"


def test_a_new_start_replaces_the_one_before_in_both_tabs(citizen):
    citizen.start()
    first = citizen.waiting
    citizen.start()
    assert citizen.get(first).value("data-card-session") == "ended"
    assert citizen.get(citizen.waiting).value("data-card-session") == "started"


def test_a_second_claim_is_named_even_after_a_problem_that_would_have_passed(citizen, bridge, app, card):
    page = citizen.start()
    bridge.claim(page)
    bridge.fail("no-card")
    Bridge(app, *card).claim(page)
    assert "ほかの読み取りプログラムでも開かれました" in citizen.get(citizen.waiting).words


def test_another_browser_learns_nothing_from_the_address_of_the_waiting_page(citizen, stranger, bridge):
    bridge.claim(citizen.start())
    page = stranger.get(citizen.waiting)
    assert page.value("data-card-session") == "ended"
    assert bridge.reply["match_code"] not in page.words
    assert "Set-Cookie" not in page.response.headers


def test_a_poll_says_nothing_until_something_has_changed(citizen, bridge):
    page = citizen.start()
    seen = page.value("hx-get")
    assert citizen.client.get(seen, base_url=citizen.base).status_code == 204
    bridge.claim(page)
    changed = citizen.get(seen, **{"HX-Request": "true"})
    assert changed.value("data-card-session") == "claimed"
    assert not changed.all("html")
    bridge.fail("cancelled")
    ended = citizen.get(changed.value("hx-get"), **{"HX-Request": "true"})
    assert ended.value("data-card-session") == "ended"
    assert ended.value("hx-get") is None


def test_the_launch_link_is_the_protocols_to_the_letter(citizen):
    link = next(a["href"] for a in citizen.start().all("a") if a.get("href", "").startswith("mykey-bridge:"))
    before, _, handle = link.partition("&handle=")
    assert before == "mykey-bridge:read?origin=https%3A%2F%2Fid.example.jp"
    assert len(handle) == 32
    assert len(link) <= 512


def test_what_a_page_keeps_belongs_to_the_card_that_was_read(citizen, complete, bridge, app, authority, keys):
    other = Bridge(app, authority.issue("9Z8Y7X6W5V4U3T13221003A", public_key=keys[0].public_key(), **VALID), keys[0])
    first, again, next_one = (complete(with_bridge=each).value("data-who") for each in (bridge, bridge, other))
    assert first == again != next_one
    assert citizen.get("/certificate").value("data-who") == next_one
