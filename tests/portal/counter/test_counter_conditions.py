"""What stops a visit: each condition of rules 1, 3 and 4, and each mistake at the counter."""

from datetime import timedelta

import pytest

from portal.domain.roles import Role
from portal.extensions import db
from portal.models import CardSession, Certificate, Move, MyKeyIdRecord, Review, Staff, Visit
from portal.pki.revocation.source import RevocationStatus
from tests.authority import Authority
from tests.conftest import NOW
from tests.conftest import sqlite_alone as database  # noqa: F401 (a fixture)
from tests.portal.actors.at_counter import CHOSEN, NEW_NAME, OLD_NAME
from tests.portal.actors.bridges import Bridge
from tests.portal.actors.staff import code_of

DONE = "手続きが終わりました。"
HOUR = timedelta(hours=1)


@pytest.fixture
def stranger():
    """Return an authority whom nobody trusts."""
    return Authority.create(not_before=NOW - timedelta(days=1000), not_after=NOW + timedelta(days=2600))


class Calls:
    """A source that calls one certificate revoked."""

    def __init__(self, certificate):
        self.certificate = certificate

    def status(self, certificate, *_):
        return RevocationStatus.REVOKED if certificate == self.certificate else RevocationStatus.GOOD


@pytest.fixture
def revoke(counter_town, monkeypatch):
    return lambda card: monkeypatch.setattr(counter_town.services.verifier, "_revocation", Calls(card[0]))


@pytest.fixture
def reserved(counter_town, old, clock):
    """Return the clerk with a visit for a reservation a day later, and the old card read."""
    counter_town.register(old)
    counter_town.link(old, "007")
    receipt = counter_town.reserve(old)
    clock.forward(days=1)
    desk = counter_town.clerk()
    desk.open(receipt)
    desk.read("before", old)
    return desk


def nothing_changed(counter_town, desk):
    """Hold that the press of the button is refused and that nobody's record is another than before."""
    before = [(row.mykey_id, row.person_id, row.retired_at) for row in counter_town.rows(MyKeyIdRecord)]
    code = code_of(desk.press(desk.look()))
    assert [(row.mykey_id, row.person_id, row.retired_at) for row in counter_town.rows(MyKeyIdRecord)] == before
    assert not counter_town.rows(Move)
    return code


def shown(page):
    """Return the code of what the visit's page says is in the way."""
    assert 'name="serial_number"' not in page.response.text
    return page.response.text.split("notice--error")[1].split("<code>")[1].split("<")[0]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"string": NEW_NAME}, "certificate-lacks-reserved"),
        ({"issued": -HOUR}, "certificate-before-reservation"),
        ({"issued": timedelta(0)}, "certificate-before-reservation"),
        ({"issued": timedelta(days=-30)}, "certificate-not-newer"),
        ({"issued": timedelta(days=-31)}, "certificate-not-newer"),
    ],
)
def test_a_certificate_that_does_not_meet_a_condition_completes_nothing(counter_town, reserved, changes, code):
    page = reserved.read("after", counter_town.reissued(**changes))
    assert shown(page) == code
    assert nothing_changed(counter_town, reserved) == code


def test_the_old_card_read_as_the_new_one_completes_nothing(counter_town, reserved, old):
    assert shown(reserved.read("after", old)) == "certificate-not-newer"
    assert nothing_changed(counter_town, reserved) == "certificate-not-newer"


def test_without_the_new_card_nothing_is_carried_out(counter_town, reserved):
    assert nothing_changed(counter_town, reserved) == "new-card-missing"


def test_a_certificate_that_expires_before_the_button_completes_nothing(counter_town, reserved, clock):
    new = counter_town.reissued(not_after=clock() + timedelta(minutes=10))
    assert "本登録にする" in reserved.read("after", new).words
    clock.forward(minutes=11)
    assert nothing_changed(counter_town, reserved) == "certificate-expired"


def test_a_certificate_revoked_before_the_button_completes_nothing(counter_town, reserved, revoke):
    new = counter_town.reissued()
    reserved.read("after", new)
    revoke(new)
    assert nothing_changed(counter_town, reserved) == "certificate-revoked"


def test_a_certificate_whose_authority_is_no_longer_trusted_completes_nothing(
    counter_town, reserved, instance, stranger
):
    reserved.read("after", counter_town.reissued())
    (instance / "trust" / "demo.pem").write_bytes(stranger.pem())
    assert nothing_changed(counter_town, reserved) == "certificate-not-trusted"


def test_a_reservation_that_was_cancelled_meanwhile_completes_nothing(counter_town, old, reserved):
    reserved.read("after", counter_town.reissued())
    counter_town.do("provisional_registration", "cancel_by_card", old, "cancel-reservation")
    assert shown(reserved.look()) == "reservation-over"
    assert nothing_changed(counter_town, reserved) == "reservation-over"


def test_a_reservation_that_ended_meanwhile_completes_nothing(counter_town, old, clock):
    receipt = counter_town.reserve(old)
    clock.forward(days=89, hours=23)
    desk = counter_town.clerk()
    desk.open(receipt)
    desk.read("before", old)
    desk.read("after", counter_town.reissued())
    for _ in range(3):
        clock.forward(minutes=25)
        desk.look()
    assert nothing_changed(counter_town, desk) == "reservation-over"


def test_somebody_elses_card_is_not_the_old_card(counter_town, reserved):
    other = counter_town.card("7K0M93QX5TBR2W07202002B", 2)
    assert code_of(reserved.read("before", other)) == "card-not-registered"
    counter_town.register(other)
    assert code_of(reserved.read("before", other)) == "visit-of-another-person"


def test_the_old_card_of_somebody_else_reads_into_no_visit(counter_town, old, clock):
    counter_town.register(old)
    other = counter_town.card("7K0M93QX5TBR2W07202002B", 2)
    counter_town.register(other)
    clock.forward(days=1)
    desk = counter_town.clerk()
    desk.open(OLD_NAME[:14], "renewal")
    desk.read("before", other)
    assert not counter_town.rows(Visit)[0].before_read_at


def test_another_clerk_can_neither_read_a_card_into_the_visit_nor_carry_it_out(counter_town, reserved):
    page = reserved.read("after", counter_town.reissued())
    other = counter_town.clerk("窓口 太郎")
    other.takes_over(reserved)
    refused = [
        other.browser.post(f"{other.visit}/cards", purpose="counter-after"),
        other.press(page),
        other.resume(),
    ]
    assert {code_of(answer) for answer in refused} == {"visit-of-another-clerk"}
    assert not counter_town.rows(Move)


def test_a_card_session_of_one_clerk_is_not_read_by_another_who_takes_the_browser(counter_town, reserved):
    bridge = Bridge(counter_town.app, *counter_town.reissued())
    bridge.claim(reserved.begin("after"))
    code = bridge.answer().json["completion_url"].partition("#")[2]
    thief = counter_town.clerk("窓口 太郎").browser
    reserved.browser.authenticator = thief.authenticator
    reserved.browser.sign_in()
    assert code_of(reserved.browser.post("/completion", code=code)) == "visit-of-another-clerk"
    assert not counter_town.rows(Visit)[0].after


@pytest.mark.parametrize("address", ["cards", "completion", "resumption"])
def test_a_visit_out_of_time_takes_nothing(counter_town, reserved, clock, address):
    page = reserved.read("after", counter_town.reissued())
    for _ in range(9):
        clock.forward(minutes=29)
        reserved.browser.get("/counter")
    serial = page.value("value")
    fields = {"purpose": "counter-after", "reason": "x", "serial_number": serial}
    assert code_of(reserved.browser.post(f"{reserved.visit}/{address}", **fields)) == "visit-ended"
    assert code_of(reserved.look()) == "visit-ended"


def test_a_page_older_than_the_reading_carries_out_nothing(counter_town, reserved):
    page = reserved.read("after", counter_town.reissued())
    reserved.read("after", counter_town.reissued(key=2))
    assert code_of(reserved.press(page)) == "visit-changed"
    assert not counter_town.rows(Move)
    assert DONE in reserved.finish().words


def test_who_the_visitor_is_must_be_confirmed_first(counter_town, old, renewed, clock):
    counter_town.stop(counter_town.register(old))
    clock.forward(days=1)
    desk = counter_town.clerk()
    desk.open(OLD_NAME[:14], "renewal")
    with counter_town.app.app_context():
        db.session.query(Visit).update({"identity": None})
        db.session.commit()
    desk.read("before", old)
    desk.read("after", renewed)
    assert "ご本人を、何で確かめましたか" in desk.look().words
    refused = desk.browser.post(f"{desk.visit}/completion", serial_number=f"{renewed[0].serial_number:x}")
    for page in (refused, desk.resume()):
        assert (page.status, "本人確認の方法が選ばれていません。" in page.words) == (422, True)
    assert not counter_town.rows(Move)


@pytest.mark.parametrize("purpose", ["before", "after"])
def test_a_harvested_certificate_reads_into_no_visit(counter_town, reserved, keys, purpose):
    certificate, _ = counter_town.reissued()
    for signs in (keys[2], None):
        bridge = Bridge(counter_town.app, certificate, signs or keys[2])
        bridge.claim(reserved.begin(purpose))
        answer = bridge.answer(**({} if signs else {"signature": ""}))
        assert answer.status_code in (400, 422)
        assert answer.json["code"] in ("signature-invalid", "token-malformed")
    assert not counter_town.rows(Visit)[0].after


def test_a_record_that_went_on_between_reading_and_button_goes_no_further(counter_town, reserved, old):
    third = counter_town.reissued(NEW_NAME, 2, issued=HOUR)
    counter_town.move_elsewhere(old, third)
    reserved.read("after", counter_town.reissued(issued=timedelta(hours=2)))
    assert shown(reserved.look()) == "certificate-replaced"
    assert code_of(reserved.finish()) == "certificate-replaced"
    assert code_of(reserved.resume()) == "certificate-replaced"
    assert counter_town.holder(third)


def test_a_thief_whose_move_is_undone_meanwhile_carries_out_nothing(counter_town, old, renewed, clock):
    """The thief's card signs as the old one; the owner's own card takes the record back; then comes the button."""
    person_id = counter_town.register(old)
    clock.forward(days=1)
    counter_town.move_elsewhere(old, renewed)
    thief = counter_town.clerk()
    thief.open(NEW_NAME[:14], "renewal")
    thief.read("before", renewed)
    assert counter_town.undo(old) == person_id
    thief.read("after", counter_town.card("7K0M93QX5TBR2W07202002B", 2, issued=2 * HOUR))
    assert shown(thief.look()) == "certificate-replaced"
    assert code_of(thief.finish()) == "certificate-replaced"
    assert counter_town.holder(old) == person_id


def test_a_certificate_of_another_town_with_somebodys_chosen_id_is_left_to_staff(counter_town, reserved):
    new = counter_town.reissued()
    reserved.read("after", new)
    assert DONE in reserved.finish().words
    stranger = counter_town.card("7K0M93QX5TBR2W07202002B", 2)
    person_id = counter_town.register(stranger)
    desk = counter_town.clerk("窓口 太郎")
    desk.open("7K0M93QX5TBR2W", "renewal")
    desk.read("before", stranger)
    desk.read("after", counter_town.card(f"{CHOSEN}13101001A", 0, issued=2 * HOUR))
    assert code_of(desk.finish()) == "mykey-id-conflict"
    assert [review.code for review in counter_town.rows(Review)] == ["mykey-id-conflict"]
    assert counter_town.last_entry()[0] == "portal:review:opened"
    assert counter_town.holder(stranger) == person_id
    assert counter_town.current_id(person_id) == "7K0M93QX5TBR2W"
    assert counter_town.look_up(new) == "007"


def test_a_fresh_registration_of_the_new_card_is_joined(counter_town, old, renewed, clock):
    person_id = counter_town.register(old)
    counter_town.link(old, "007")
    clock.forward(hours=2)
    counter_town.register(renewed)
    counter_town.link(renewed, "0815", "B-β1-0001")
    desk = counter_town.clerk()
    desk.open(OLD_NAME[:14], "renewal")
    desk.read("before", old)
    desk.read("after", renewed)
    assert DONE in desk.finish().words
    assert counter_town.holder(renewed) == person_id
    assert counter_town.current_id(person_id) == NEW_NAME[:14]
    assert (counter_town.look_up(renewed), counter_town.look_up(renewed, "B-β1-0001")) == ("007", "0815")


def test_two_records_that_one_provider_links_both_are_left_to_staff(counter_town, old, renewed, clock):
    person_id = counter_town.register(old)
    counter_town.link(old, "007")
    clock.forward(hours=2)
    other = counter_town.register(renewed)
    counter_town.link(renewed, "0815")
    desk = counter_town.clerk()
    desk.open(OLD_NAME[:14], "renewal")
    desk.read("before", old)
    desk.read("after", renewed)
    assert code_of(desk.finish()) == "records-not-joinable"
    assert [review.code for review in counter_town.rows(Review)] == ["records-not-joinable"]
    assert (counter_town.holder(old), counter_town.holder(renewed)) == (person_id, other)
    assert (counter_town.look_up(old), counter_town.look_up(renewed)) == ("007", "0815")


def test_the_old_key_does_not_undo_what_it_signed_itself(counter_town, reserved, old):
    reserved.read("after", counter_town.reissued())
    reserved.finish()
    assert counter_town.undo(old) == "move-not-undoable"


@pytest.mark.parametrize("what", ["signed-out", "suspended", "role-taken"])
def test_a_clerk_who_may_no_longer_work_reads_no_card_into_the_visit(counter_town, reserved, what):
    bridge = Bridge(counter_town.app, *counter_town.reissued())
    bridge.claim(reserved.begin("after"))
    code = bridge.answer().json["completion_url"].partition("#")[2]
    if what == "signed-out":
        reserved.browser.post("/sign-out")
    with counter_town.app.app_context():
        staff = db.session.get(Staff, reserved.browser.staff_id)
        if what == "suspended":
            counter_town.services.staff.suspend(staff.staff_id)
        if what == "role-taken":
            staff.roles = [Role.OPERATOR]
            db.session.commit()
    expected = {
        "signed-out": "completion-refused",  # whose browser knows of no card session any more
        "suspended": "staff-suspended",
        "role-taken": "staff-sign-in-needed",
    }
    assert code_of(reserved.browser.post("/completion", code=code)) == expected[what]
    assert not counter_town.rows(Visit)[0].after


@pytest.mark.parametrize("purpose", ["register", "sign-in", "", "counter"])
def test_a_visit_begins_no_other_purpose(reserved, purpose):
    assert code_of(reserved.browser.post(f"{reserved.visit}/cards", purpose=purpose)) == "request-malformed"


@pytest.mark.parametrize("purpose", ["counter-before", "counter-after"])
def test_nobody_begins_the_counters_purposes_elsewhere(counter_town, citizen, purpose):
    citizen.get("/sign-in")
    citizen.post("/card-sessions", purpose=purpose, agree="yes")
    assert [row.purpose for row in counter_town.rows(CardSession)] == ["register"]


@pytest.mark.parametrize("person_id", ["", "x", "00000000-0000-0000-0000-000000000000"])
def test_a_visit_begins_for_nobody_else_than_who_was_found(counter_town, person_id):
    browser = counter_town.clerk().browser
    browser.get("/counter")
    assert code_of(browser.post("/counter/visits", person_id=person_id)) == "visit-not-found"


def test_a_move_retires_one_certificate_and_keeps_both(counter_town, reserved):
    reserved.read("after", counter_town.reissued())
    reserved.finish()
    assert sorted(row.retired_at is None for row in counter_town.rows(Certificate)) == [False, True]
