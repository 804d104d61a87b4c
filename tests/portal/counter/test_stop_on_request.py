"""A MyKey ID that its holder asks the counter to stop, without card and without stop code."""

from portal.models import Person, Visit
from tests.conftest import sqlite_alone as database  # noqa: F401 (a fixture)
from tests.portal.actors.at_counter import OLD_NAME
from tests.portal.actors.staff import code_of


def begin(desk, person_id):
    """Search, and press the button of who was found."""
    assert "/counter/stops" in desk.find(OLD_NAME[:14]).response.text
    page = desk.browser.post("/counter/stops", person_id=person_id)
    desk.visit = desk.browser.address
    return page


def test_the_counter_stops_with_the_identity_seen_and_the_holder_is_told_where(counter_town, old):
    person_id, desk = counter_town.register(old), counter_town.clerk()
    counter_town.link(old, "007")
    assert OLD_NAME[:14] in begin(desk, person_id).words
    assert "理由が入っていません" in desk.browser.post(desk.visit, reason=" ").words
    assert counter_town.look_up(old) == "007"
    page = desk.browser.post(desk.visit, reason="運転免許証")
    assert (counter_town.look_up(old), "0120-95-0178" in page.words) == ("mykey-id-stopped", True)
    event, facts = counter_town.last_entry()
    assert (event, facts["reason"], facts["staff"]) == ("clerk:mykey-id:stopped", "運転免許証", desk.staff_id)
    assert (facts["person"], facts["visit"]) == (str(person_id), desk.visit.split("/")[3])
    assert "市区町村の窓口で止めました" in counter_town.signed_in(person_id).get("/account").words
    assert "/counter/stops" not in desk.find(OLD_NAME[:14]).response.text
    counter_town.do("stop_codes", "resume", old, "resume")
    assert counter_town.look_up(old) == "007"


def test_a_second_press_and_a_page_that_is_read_again_change_nothing(counter_town, old, clock):
    person_id, desk = counter_town.register(old), counter_town.clerk()
    begin(desk, person_id)
    desk.browser.post(desk.visit, reason="運転免許証")
    stopped_at, entry = counter_town.rows(Person)[0].stopped_at, counter_town.last_entry()
    clock.forward(minutes=1)
    assert "マイキーIDは止まっています。" in desk.browser.post(desk.visit, reason="運転免許証").words
    assert (counter_town.rows(Person)[0].stopped_at, counter_town.last_entry()) == (stopped_at, entry)


def test_a_new_card_may_be_read_in_the_same_visit_and_the_move_ends_the_stop(counter_town, old, renewed, clock):
    person_id = counter_town.register(old)
    counter_town.link(old, "007")
    clock.forward(days=1)
    desk = counter_town.clerk()
    begin(desk, person_id)
    desk.browser.post(desk.visit, reason="運転免許証")
    desk.visit = desk.visit.removesuffix("/stop")
    desk.identify()
    desk.read("after", renewed)
    desk.finish()
    second = counter_town.clerk("窓口 次郎")
    second.takes_over(desk)
    second.finish()
    assert counter_town.look_up(renewed) == "007"


def test_another_clerk_or_a_visit_that_is_over_stops_nobody(counter_town, old, clock):
    person_id, desk, other = counter_town.register(old), counter_town.clerk(), counter_town.clerk("窓口 次郎")
    begin(desk, person_id)
    page = other.browser.get(desk.visit)
    assert not [each for each in page.all("input") if each.get("name") == "reason"]
    assert code_of(other.browser.post(desk.visit, reason="運転免許証")) == "visit-of-another-clerk"
    clock.forward(hours=4)
    desk = counter_town.clerk("窓口 三郎")
    desk.find(OLD_NAME[:14])
    [visit] = counter_town.rows(Visit)
    address = f"/counter/visits/{visit.visit_number}/stop"
    assert code_of(desk.browser.post(address, reason="運転免許証")) == "visit-ended"
    assert counter_town.look_up(old) != "mykey-id-stopped"


def test_somebody_who_has_cancelled_meanwhile_is_not_stopped(counter_town, old):
    person_id, desk = counter_town.register(old), counter_town.clerk()
    begin(desk, person_id)
    counter_town.do("my_page", "cancel_registration", old, "cancel-registration")
    assert code_of(desk.browser.post(desk.visit, reason="運転免許証")) == "visit-ended"
    assert counter_town.rows(Person)[0].stopped_at is None
