"""The undo gives everything back: a stolen 引継ぎコード brings its thief nothing, and costs its holder nothing."""

import pytest

from portal.domain.continuity import Proof
from portal.extensions import db
from portal.models import IdUse, Move, Reservation, Review, ServiceLink, StopCode
from portal.transactions import acting
from tests.portal.actors.card_holders import message, rows
from tests.portal.actors.staff import signed_in_staff
from tests.portal.actors.town import CHOSEN, LIBRARY, SHOP, TARO

NONE, GONE = "service-id-not-registered", "mykey-id-not-registered"
WISH = "TAROSWISH12345"


class Theft:
    """A thief with a card of his own of the holder's birthday, and the holder's 引継ぎコード."""

    def __init__(self, town):
        self.town, self.old = town, town.card()
        self.person_id = town.register(self.old)
        town.link(self.old, LIBRARY, "000123")
        self.printed = town.stop_code_of(self.old)
        town.do("provisional_registration", "reserve", self.old, "register", CHOSEN)
        self.code = town.code_of(self.old)
        self.thiefs = town.renewed(TARO)

    def moves(self):
        assert self.town.by_code(self.thiefs, self.code) == self.person_id
        self.town.clock.forward(days=1)

    def undoes(self):
        assert self.town.do("renewal", "undo", self.old, "renew") == self.person_id

    def stop(self, code):
        """Stop by a code; tell whether the holder's ID is stopped then."""
        with self.town.app.app_context():
            self.town.services.stop_codes.stop(code)
        return self.town.look_up(self.old) == "mykey-id-stopped"

    def unlinks(self):
        self.town.do("my_page", "unlink", self.thiefs, "unlink", service_provider_id=LIBRARY)

    def aside(self):
        (move,) = rows(self.town.app, Move)
        return {why: {kind: len(each) for kind, each in found.items()} for why, found in move.aside.items()}


@pytest.fixture
def theft(town):
    return Theft(town)


def test_what_the_thief_removed_comes_back_and_what_he_added_works_nowhere(town, theft):
    theft.moves()
    theft.unlinks()
    town.link(theft.thiefs, LIBRARY, "thiefs")
    town.link(theft.thiefs, SHOP, "thiefs-too")
    town.ask(theft.thiefs, "A-α1-0001", "asked")
    theft.undoes()
    assert (town.look_up(theft.old), town.look_up(theft.old, SHOP)) == ("000123", NONE)
    assert {town.look_up(theft.thiefs, provider) for provider in (LIBRARY, SHOP)} == {GONE}
    assert [link.service_id for link in rows(town.app, ServiceLink)] == ["000123"]
    town.link(theft.old, SHOP, "thiefs-too")  # nobody's: anybody may have it


@pytest.mark.parametrize(
    ("stopped", "found"), [({}, "000123"), ({"stopped_at": "2026-11-23T03:00:00+00:00"}, "mykey-id-stopped")]
)
def test_a_record_that_was_kept_before_a_table_got_a_column_is_given_back(town, theft, stopped, found):
    theft.moves()
    with town.app.app_context(), acting(db.session):
        [move] = db.session.query(Move)
        people = [{name: row[name] for name in row if name != "stopped_by"} for row in move.before["person"]]
        move.before = move.before | {"person": [row | stopped for row in people]}
    theft.undoes()
    assert town.look_up(theft.old) == found
    told = "2026年11月23日に、停止コードで止まりました。"
    assert (told in town.signed_in(theft.person_id).get("/account").words) == bool(stopped)


def test_the_printed_stop_code_stops_again_and_the_thiefs_does_not(town, theft):
    theft.moves()
    thiefs_code = town.stop_code_of(theft.thiefs)
    theft.undoes()
    assert not theft.stop(thiefs_code)
    assert theft.stop(theft.printed)


def test_a_stop_between_move_and_undo_leaves_the_holder_with_a_code_that_works(town, theft):
    theft.moves()
    with town.app.app_context():
        town.services.stop_codes.stop(theft.printed)
    theft.undoes()
    assert town.look_up(theft.old) == "000123"
    assert theft.stop(theft.printed)


def test_the_reservation_is_the_holders_again_with_its_receipt_and_the_thiefs_is_nowhere(town, theft):
    (before,) = rows(town.app, Reservation)
    theft.moves()
    town.do("provisional_registration", "reserve", theft.thiefs, "register", WISH)
    thiefs = next(row for row in rows(town.app, Reservation) if row.mykey_id == WISH)
    theft.undoes()
    (after,) = rows(town.app, Reservation)
    assert (after.receipt_number, after.ended_at, after.ending) == (before.receipt_number, None, None)
    with town.app.app_context():
        found = town.services.visits.search
        assert [each.person.person_id for each in found(CHOSEN)] == [theft.person_id]
        assert found(WISH) == found(thiefs.receipt_number) == []
    other = town.card("7777CCCC7777DD07202002B")
    assert town.do("provisional_registration", "reserve", other, "register", WISH) == town.person_of(other)


def test_what_somebody_else_holds_by_now_is_told_to_holder_and_staff(town, theft):
    theft.moves()
    theft.unlinks()
    accomplice = town.card("7777CCCC7777DD07202002B")
    town.register(accomplice)
    town.link(accomplice, LIBRARY, "000123")
    town.do("provisional_registration", "cancel_by_card", theft.thiefs, "cancel-reservation")
    town.do("provisional_registration", "reserve", accomplice, "register", CHOSEN)
    theft.undoes()
    assert theft.aside() == {"added": {}, "taken": {"service_link": 1, "reservation": 1}}
    assert (town.look_up(theft.old), town.look_up(accomplice)) == (NONE, "000123")
    page = town.signed_in(theft.person_id).get("/account")
    assert "いまはほかの方のものになっていて" in page.words
    assert "000123" in page.words
    (review,) = rows(town.app, Review)
    assert (review.code, review.facts["taken"]) == ("put-aside", "2")


def test_holder_and_staff_see_what_was_put_aside_for_90_days(town, theft):
    theft.moves()
    town.link(theft.thiefs, SHOP, "thiefs-too")
    town.look_up(theft.thiefs)
    theft.undoes()
    assert theft.aside() == {"added": {"service_link": 1, "id_use": 2}, "taken": {}}
    browser, clerk = town.signed_in(theft.person_id), signed_in_staff(town.app)
    for page in (browser.get("/account"), clerk.post("/counter", typed="1C2410DF79DGEL")):
        assert "見本商店 thiefs-too" in page.words
        assert "使われた記録：2件" in page.words
    (move,) = browser.client.get("/account/data.json", base_url=browser.base).json["moves"]
    assert [each["what"] for each in move["aside"]["added"]["id_use"]] == ["linked", "looked-up"]
    assert "hash" not in str(move)
    for days, kept in ((89, True), (1, False)):
        town.clock.forward(days=days)
        with town.app.app_context():
            town.services.retention.forget()
        assert (rows(town.app, Move)[0].aside is not None) is kept


def test_an_undo_that_puts_nothing_aside_asks_nobody(town, theft):
    theft.moves()
    theft.undoes()
    assert (rows(town.app, Move)[0].aside, rows(town.app, Review)) == (None, [])


def test_what_a_move_keeps_goes_when_nobody_may_object_any_more(town, theft):
    theft.moves()
    assert rows(town.app, Move)[0].before
    town.clock.forward(days=29)
    with town.app.app_context():
        town.services.retention.forget()
    assert rows(town.app, Move)[0].before is None


def test_a_spent_code_stays_spent(town, theft):
    theft.moves()
    theft.undoes()
    assert town.by_code(town.renewed("7777CCCC7777DD07202002B"), theft.code) == "carry-over-code-wrong"


def test_two_records_part_with_everything_that_each_had(town, theft):
    """The new card registered for itself first, and two clerks joined the records."""
    fresh = town.renewed("7777CCCC7777DD07202002B")
    other = town.register(fresh, SHOP)
    code = town.stop_code_of(fresh)
    town.do("provisional_registration", "reserve", fresh, "register", WISH)
    uses = {use.use_id: use.person_id for use in rows(town.app, IdUse)}
    town.clock.forward(seconds=1)
    with town.app.app_context(), acting(db.session):
        old = town.services.people.known(town.verified(theft.old))
        town.services.continuity.move(old, town.verified(fresh), Proof.COUNTER_APPROVED)
    theft.undoes()
    assert {use.use_id: use.person_id for use in rows(town.app, IdUse)} == uses
    assert {row.person_id for row in rows(town.app, StopCode)} == {theft.person_id, other}
    live = {row.mykey_id: row.person_id for row in rows(town.app, Reservation) if row.ended_at is None}
    assert live == {CHOSEN: theft.person_id, WISH: other}
    assert town.look_up(theft.old) == "000123"
    with town.app.app_context():
        town.services.stop_codes.stop(code)
    assert town.look_up(fresh, SHOP) == "mykey-id-stopped"


def test_a_line_waits_until_the_time_to_object_is_over(town, theft):
    theft.moves()
    newest = town.renewed("7777CCCC7777DD07202002B")
    town.correspond(theft.thiefs, newest)
    page = town.before(newest, "renew").get("/renewal")
    assert (page.status, "move-may-be-undone" in page.words) == (409, True)
    assert town.do("renewal", "by_correspondence", newest, "renew") == "move-may-be-undone"
    town.clock.forward(days=30)
    citizen = town.before(newest, "renew")
    assert message(citizen.post("/renewal", way="correspondence")) == "正常に引き継がれました。"


def test_an_undone_move_to_a_chosen_id_leaves_it_waiting_for_the_counter_and_nobody_elses(town, theft):
    new = town.renewed(f"{CHOSEN}07202002B")
    with town.app.app_context(), acting(db.session):
        old = town.services.people.known(town.verified(theft.old))
        town.services.continuity.move(old, town.verified(new), Proof.COUNTER_APPROVED, chosen=CHOSEN)
    theft.undoes()
    with town.app.app_context():
        assert [each.reservation.mykey_id for each in town.services.visits.search(CHOSEN)] == [CHOSEN]
    other = town.card("7777CCCC7777DD07202002B")
    assert town.do("provisional_registration", "reserve", other, "register", CHOSEN) == "mykey-id-taken"
    town.clock.forward(days=91)
    assert town.do("provisional_registration", "reserve", other, "register", CHOSEN) == "mykey-id-taken"
