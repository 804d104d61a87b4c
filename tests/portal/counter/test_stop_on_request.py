"""A MyKey ID that its holder asks the counter to stop, without card and without stop code."""

from portal.models import Person, Visit
from tests.conftest import sqlite_alone as database  # noqa: F401 (a fixture)
from tests.portal.actors.at_counter import OLD_NAME
from tests.portal.actors.staff import code_of


def test_the_counter_stops_with_the_identity_seen_and_the_holder_is_told_where(counter_town, old):
    person_id, desk = counter_town.register(old), counter_town.clerk()
    counter_town.link(old, "007")
    assert "/stop" in desk.open(OLD_NAME[:14], "stop").response.text
    assert counter_town.look_up(old) == "007"
    page = desk.stop()
    assert (counter_town.look_up(old), "0120-95-0178" in page.words) == ("mykey-id-stopped", True)
    event, facts = counter_town.last_entry()
    assert (event, facts["identity"], facts["staff"]) == ("clerk:mykey-id:stopped", "driving-licence", desk.staff_id)
    assert (facts["person"], facts["visit"]) == (str(person_id), desk.visit.split("/")[3])
    assert "市区町村の窓口で止めました" in counter_town.signed_in(person_id).get("/account").words
    assert 'value="stop"' not in desk.find(OLD_NAME[:14]).response.text
    counter_town.do("stop_codes", "resume", old, "resume")
    assert counter_town.look_up(old) == "007"


def test_nobody_is_stopped_before_the_clerk_says_by_what_identity_was_confirmed(counter_town, old):
    person_id, desk = counter_town.register(old), counter_town.clerk()
    desk.find(OLD_NAME[:14])
    assert "/stop" not in desk.browser.post("/counter/visits", person_id=person_id, **{"for": "stop"}).response.text
    desk.visit = desk.browser.address
    page = desk.stop()
    assert (page.status, 'id="identity-error"' in page.response.text) == (422, True)
    assert counter_town.rows(Person)[0].stopped_at is None


def test_a_second_press_changes_nothing(counter_town, old, clock):
    counter_town.register(old)
    desk = counter_town.clerk()
    desk.open(OLD_NAME[:14], "stop")
    desk.stop()
    stopped_at, entry = counter_town.rows(Person)[0].stopped_at, counter_town.last_entry()
    clock.forward(minutes=1)
    assert "ご本人に伝えること" in desk.stop().words
    assert (counter_town.rows(Person)[0].stopped_at, counter_town.last_entry()) == (stopped_at, entry)


def test_a_new_card_may_be_read_in_the_same_visit_and_the_move_ends_the_stop(counter_town, old, renewed, clock):
    counter_town.register(old)
    counter_town.link(old, "007")
    clock.forward(days=1)
    desk = counter_town.clerk()
    desk.open(OLD_NAME[:14], "stop")
    desk.stop()
    desk.read("after", renewed)
    desk.finish()
    second = counter_town.clerk("窓口 次郎")
    second.takes_over(desk)
    second.finish()
    assert counter_town.look_up(renewed) == "007"


def test_another_clerk_or_a_visit_that_waits_or_is_over_stops_nobody(counter_town, old, renewed, clock):
    counter_town.register(old)
    clock.forward(days=1)
    desk, other = counter_town.clerk(), counter_town.clerk("窓口 次郎")
    desk.open(OLD_NAME[:14], "stop")
    assert "/stop" not in other.takes_over(desk).response.text
    assert code_of(other.stop()) == "visit-of-another-clerk"
    desk.read("after", renewed)
    desk.finish()
    assert code_of(desk.stop()) == "visit-waits"
    clock.forward(hours=4)
    [visit] = counter_town.rows(Visit)
    desk = counter_town.clerk("窓口 三郎")
    desk.visit = f"/counter/visits/{visit.visit_number}"
    desk.find(OLD_NAME[:14])
    assert code_of(desk.stop()) == "visit-ended"
    assert counter_town.rows(Person)[0].stopped_at is None


def test_somebody_who_has_cancelled_meanwhile_is_not_stopped(counter_town, old):
    counter_town.register(old)
    desk = counter_town.clerk()
    desk.open(OLD_NAME[:14], "stop")
    counter_town.do("my_page", "cancel_registration", old, "cancel-registration")
    assert code_of(desk.stop()) == "visit-ended"
    assert counter_town.rows(Person)[0].stopped_at is None
