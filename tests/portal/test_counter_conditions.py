"""What stops a visit: each condition of rules 1, 3 and 4, and each mistake at the counter."""

from datetime import timedelta

import pytest

from demo.authority import Authority
from portal.domain.roles import Role
from portal.extensions import db
from portal.models import CardSession, Certificate, Move, MyKeyIdRecord, Review, Staff, Visit
from portal.pki.revocation import RevocationStatus
from tests.conftest import NOW
from tests.portal.at_counter import CHOSEN, NEW_NAME, OLD_NAME
from tests.portal.bridges import Bridge
from tests.portal.staff import code_of

DONE = "手続きが終わりました。"
HOUR = timedelta(hours=1)


@pytest.fixture
def old(town):
    return town.card()


@pytest.fixture
def renewed(town):
    return town.reissued(NEW_NAME)


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
def revoke(town, monkeypatch):
    return lambda card: monkeypatch.setattr(town.rooms.verifier, "_revocation", Calls(card[0]))


@pytest.fixture
def reserved(town, old, clock):
    """Return the clerk with a visit for a reservation a day later, and the old card read."""
    town.register(old)
    town.link(old, "007")
    receipt = town.reserve(old)
    clock.forward(days=1)
    desk = town.clerk()
    desk.open(receipt)
    desk.read("before", old)
    return desk


def nothing_changed(town, desk):
    """Hold that the press of the button is refused and that nobody's record is another than before."""
    before = [(row.mykey_id, row.person_id, row.retired_at) for row in town.rows(MyKeyIdRecord)]
    code = code_of(desk.press(desk.look()))
    assert [(row.mykey_id, row.person_id, row.retired_at) for row in town.rows(MyKeyIdRecord)] == before
    assert not town.rows(Move)
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
def test_a_certificate_that_does_not_meet_a_condition_completes_nothing(town, reserved, changes, code):
    page = reserved.read("after", town.reissued(**changes))
    assert shown(page) == code
    assert nothing_changed(town, reserved) == code


def test_the_old_card_read_as_the_new_one_completes_nothing(town, reserved, old):
    assert shown(reserved.read("after", old)) == "certificate-not-newer"
    assert nothing_changed(town, reserved) == "certificate-not-newer"


def test_without_the_new_card_nothing_is_carried_out(town, reserved):
    assert nothing_changed(town, reserved) == "new-card-missing"


def test_a_certificate_that_expires_before_the_button_completes_nothing(town, reserved, clock):
    new = town.reissued(not_after=clock() + timedelta(minutes=10))
    assert "本登録にする" in reserved.read("after", new).words
    clock.forward(minutes=11)
    assert shown(reserved.look()) == "certificate-expired"
    assert nothing_changed(town, reserved) == "certificate-expired"


def test_a_certificate_revoked_before_the_button_completes_nothing(town, reserved, revoke):
    new = town.reissued()
    reserved.read("after", new)
    revoke(new)
    assert shown(reserved.look()) == "certificate-revoked"
    assert nothing_changed(town, reserved) == "certificate-revoked"


def test_a_certificate_whose_authority_is_trusted_no_longer_completes_nothing(town, reserved, instance, stranger):
    reserved.read("after", town.reissued())
    (instance / "trust" / "demo.pem").write_bytes(stranger.pem())
    assert shown(reserved.look()) == "certificate-not-trusted"
    assert nothing_changed(town, reserved) == "certificate-not-trusted"


def test_a_reservation_that_was_cancelled_meanwhile_completes_nothing(town, reserved):
    reserved.read("after", town.reissued())
    with town.app.app_context():
        town.rooms.reservations.cancel(town.rows(Visit)[0].person_id)
    assert shown(reserved.look()) == "reservation-over"
    assert nothing_changed(town, reserved) == "reservation-over"


def test_somebody_elses_card_is_not_the_old_card(town, reserved):
    other = town.card("7K0M93QX5TBR2W07202002B", 2)
    assert code_of(reserved.read("before", other)) == "card-not-registered"
    town.register(other)
    assert code_of(reserved.read("before", other)) == "visit-of-another-person"


def test_the_old_card_of_somebody_else_reads_into_no_visit(town, old, clock):
    town.register(old)
    other = town.card("7K0M93QX5TBR2W07202002B", 2)
    town.register(other)
    clock.forward(days=1)
    desk = town.clerk()
    desk.open(OLD_NAME[:14], "renewal")
    desk.read("before", other)
    assert not town.rows(Visit)[0].before_read_at


def test_another_clerk_can_neither_read_a_card_into_the_visit_nor_carry_it_out(town, reserved):
    page = reserved.read("after", town.reissued())
    other = town.clerk("窓口 太郎")
    other.takes_over(reserved)
    refused = [
        other.browser.post(f"{other.visit}/cards", purpose="counter-after"),
        other.press(page),
        other.resume(),
    ]
    assert {code_of(answer) for answer in refused} == {"visit-of-another-clerk"}
    assert not town.rows(Move)


def test_a_card_session_of_one_clerk_is_not_read_by_another_who_takes_the_browser(town, reserved):
    bridge = Bridge(town.app, *town.reissued())
    bridge.claim(reserved.begin("after"))
    code = bridge.answer().json["completion_url"].partition("#")[2]
    thief = town.clerk("窓口 太郎").browser
    reserved.browser.authenticator = thief.authenticator
    reserved.browser.sign_in()
    assert code_of(reserved.browser.post("/completion", code=code)) == "visit-of-another-clerk"
    assert not town.rows(Visit)[0].after


@pytest.mark.parametrize("address", ["cards", "completion", "resumption"])
def test_a_visit_out_of_time_takes_nothing(town, reserved, clock, address):
    page = reserved.read("after", town.reissued())
    for _ in range(9):
        clock.forward(minutes=29)
        reserved.browser.get("/counter")
    serial = page.value("value")
    fields = {"purpose": "counter-after", "reason": "x", "serial_number": serial}
    assert code_of(reserved.browser.post(f"{reserved.visit}/{address}", **fields)) == "visit-ended"
    assert code_of(reserved.look()) == "visit-ended"


def test_a_page_older_than_the_reading_carries_out_nothing(town, reserved):
    page = reserved.read("after", town.reissued())
    reserved.read("after", town.reissued(key=2))
    assert code_of(reserved.press(page)) == "visit-changed"
    assert not town.rows(Move)
    assert DONE in reserved.finish().words


@pytest.mark.parametrize("reason", ["", " ", "　"])
def test_without_a_reason_nothing_is_carried_out(town, reserved, reason):
    page = reserved.read("after", town.reissued())
    assert "理由が書かれていません" in reserved.press(page, reason).words
    assert not town.rows(Move)


@pytest.mark.parametrize("purpose", ["before", "after"])
def test_a_harvested_certificate_reads_into_no_visit(town, reserved, keys, purpose):
    certificate, _ = town.reissued()
    for signs in (keys[2], None):
        bridge = Bridge(town.app, certificate, signs or keys[2])
        bridge.claim(reserved.begin(purpose))
        answer = bridge.answer(**({} if signs else {"signature": ""}))
        assert answer.status_code in (400, 422)
        assert answer.json["code"] in ("signature-invalid", "token-malformed")
    assert not town.rows(Visit)[0].after


def test_a_record_that_went_on_between_reading_and_button_goes_no_further(town, reserved, old):
    third = town.reissued(NEW_NAME, 2, issued=HOUR)
    town.move_elsewhere(old, third)
    reserved.read("after", town.reissued(issued=timedelta(hours=2)))
    assert shown(reserved.look()) == "certificate-replaced"
    assert code_of(reserved.finish()) == "certificate-replaced"
    assert code_of(reserved.resume()) == "certificate-replaced"
    assert town.holder(third)


def test_a_thief_whose_move_is_undone_meanwhile_carries_out_nothing(town, old, renewed, clock):
    """The thief's card signs as the old one; the owner's own card takes the record back; then comes the button."""
    person_id = town.register(old)
    clock.forward(days=1)
    town.move_elsewhere(old, renewed)
    thief = town.clerk()
    thief.open(NEW_NAME[:14], "renewal")
    thief.read("before", renewed)
    assert town.undo(old) == person_id
    thief.read("after", town.card("7K0M93QX5TBR2W07202002B", 2, issued=2 * HOUR))
    assert shown(thief.look()) == "certificate-replaced"
    assert code_of(thief.finish()) == "certificate-replaced"
    assert town.holder(old) == person_id


def test_a_certificate_of_another_town_with_somebodys_chosen_id_is_left_to_staff(town, reserved):
    new = town.reissued()
    reserved.read("after", new)
    assert DONE in reserved.finish().words
    stranger = town.card("7K0M93QX5TBR2W07202002B", 2)
    person_id = town.register(stranger)
    desk = town.clerk("窓口 太郎")
    desk.open("7K0M93QX5TBR2W", "renewal")
    desk.read("before", stranger)
    desk.read("after", town.card(f"{CHOSEN}13101001A", 0, issued=2 * HOUR))
    assert code_of(desk.finish()) == "mykey-id-conflict"
    assert [review.code for review in town.rows(Review)] == ["mykey-id-conflict"]
    assert town.last_entry()[0] == "portal:review:opened"
    assert town.holder(stranger) == person_id
    assert town.current_id(person_id) == "7K0M93QX5TBR2W"
    assert town.look_up(new) == "007"


def test_a_fresh_registration_of_the_new_card_is_joined(town, old, renewed, clock):
    person_id = town.register(old)
    town.link(old, "007")
    clock.forward(hours=2)
    town.register(renewed)
    town.link(renewed, "0815", "B-β1-0001")
    desk = town.clerk()
    desk.open(OLD_NAME[:14], "renewal")
    desk.read("before", old)
    desk.read("after", renewed)
    assert DONE in desk.finish().words
    assert town.holder(renewed) == person_id
    assert town.current_id(person_id) == NEW_NAME[:14]
    assert (town.look_up(renewed), town.look_up(renewed, "B-β1-0001")) == ("007", "0815")


def test_two_records_that_one_provider_links_both_are_left_to_staff(town, old, renewed, clock):
    person_id = town.register(old)
    town.link(old, "007")
    clock.forward(hours=2)
    other = town.register(renewed)
    town.link(renewed, "0815")
    desk = town.clerk()
    desk.open(OLD_NAME[:14], "renewal")
    desk.read("before", old)
    desk.read("after", renewed)
    assert code_of(desk.finish()) == "records-not-joinable"
    assert [review.code for review in town.rows(Review)] == ["records-not-joinable"]
    assert (town.holder(old), town.holder(renewed)) == (person_id, other)
    assert (town.look_up(old), town.look_up(renewed)) == ("007", "0815")


def test_the_old_key_does_not_undo_what_it_signed_itself(town, reserved, old):
    reserved.read("after", town.reissued())
    reserved.finish()
    assert town.undo(old) == "move-not-undoable"


@pytest.mark.parametrize("what", ["signed-out", "suspended", "role-taken"])
def test_a_clerk_who_may_no_longer_work_reads_no_card_into_the_visit(town, reserved, what):
    bridge = Bridge(town.app, *town.reissued())
    bridge.claim(reserved.begin("after"))
    code = bridge.answer().json["completion_url"].partition("#")[2]
    if what == "signed-out":
        reserved.browser.post("/sign-out")
    with town.app.app_context():
        staff = db.session.get(Staff, reserved.browser.staff_id)
        if what == "suspended":
            town.rooms.staff.suspend(staff)
        if what == "role-taken":
            staff.roles = [Role.OPERATOR]
            db.session.commit()
    expected = {"signed-out": "staff-sign-in-needed", "suspended": "staff-suspended", "role-taken": "role-missing"}
    assert code_of(reserved.browser.post("/completion", code=code)) == expected[what]
    assert not town.rows(Visit)[0].after


@pytest.mark.parametrize("purpose", ["register", "sign-in", "", "counter"])
def test_a_visit_begins_no_other_purpose(reserved, purpose):
    assert code_of(reserved.browser.post(f"{reserved.visit}/cards", purpose=purpose)) == "request-malformed"


@pytest.mark.parametrize("purpose", ["counter-before", "counter-after"])
def test_nobody_begins_the_counters_purposes_elsewhere(town, citizen, purpose):
    citizen.get("/sign-in")
    citizen.post("/card-sessions", purpose=purpose, agree="yes")
    assert [row.purpose for row in town.rows(CardSession)] == ["register"]


@pytest.mark.parametrize("person_id", ["", "x", "00000000-0000-0000-0000-000000000000"])
def test_a_visit_begins_for_nobody_else_than_who_was_found(town, person_id):
    browser = town.clerk().browser
    browser.get("/counter")
    assert code_of(browser.post("/counter/visits", person_id=person_id)) == "visit-not-found"


def test_a_move_retires_one_certificate_and_keeps_both(town, reserved):
    reserved.read("after", town.reissued())
    reserved.finish()
    assert sorted(row.retired_at is None for row in town.rows(Certificate)) == [False, True]
