"""Where the old card is gone: a second clerk approves, and the old key can undo the move for 30 days."""

from datetime import timedelta

import pytest

from portal.models import Move, Reservation, Visit
from tests.portal.at_counter import CHOSEN, NEW_NAME, OLD_NAME
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
def gone(town, old, renewed, clock):
    """Return the clerk with a visit for a renewal, whose old card is gone, and the new card read."""
    town.register(old)
    clock.forward(days=1)
    desk = town.clerk()
    desk.open(OLD_NAME[:14], "renewal")
    desk.read("after", renewed)
    return desk


def test_a_reservation_that_ended_meanwhile_completes_nothing(town, old, clock):
    receipt = town.reserve(old)
    clock.forward(days=89, hours=23)
    desk = town.clerk()
    desk.open(receipt)
    desk.read("before", old)
    desk.read("after", town.reissued())
    for _ in range(3):
        clock.forward(minutes=25)
        desk.look()
    assert nothing_changed(town, desk) == "reservation-over"


def test_where_the_old_card_is_gone_another_clerk_approves(town, gone, renewed):
    assert "前のカードを読み取っていません" in gone.look().words
    assert "別の職員の承認を待っています" in gone.finish("紛失届").words
    assert town.last_entry()[0] == "clerk:visit:approval-asked"
    assert not town.rows(Move)
    other = town.clerk("窓口 太郎")
    assert gone.visit.rpartition("/")[2][:4] in other.browser.get("/counter").words
    assert "紛失届" in other.takes_over(gone).words
    assert DONE in other.finish("写真で確かめた").words
    event, facts = town.last_entry()
    assert (event, facts["proof"]) == ("clerk:certificate:moved", "counter-approved")
    assert (facts["staff"], facts["asked_by"], facts["reason"]) == (other.staff_id, gone.staff_id, "写真で確かめた")
    assert town.holder(renewed)


def test_nobody_approves_what_he_asked_for_himself(town, gone):
    page = gone.look()
    gone.press(page)
    assert code_of(gone.press(page)) == "approval-by-another"
    assert 'name="serial_number"' not in gone.look().response.text
    assert not town.rows(Move)


def test_another_clerk_cannot_ask_in_the_place_of_the_one_who_opened(town, gone):
    other = town.clerk("窓口 太郎")
    page = gone.look()
    other.takes_over(gone)
    assert code_of(other.press(page)) == "visit-of-another-clerk"


@pytest.mark.parametrize("purpose", ["before", "after"])
def test_no_card_is_read_once_approval_was_asked(town, gone, old, purpose):
    gone.finish()
    page = gone.read(purpose, old if purpose == "before" else town.reissued("7K0M93QX5TBR2W", 2))
    assert code_of(page) == "visit-waits"
    assert 'counter-after"' not in gone.look().response.text


def test_an_approval_that_comes_twice_is_carried_out_once(town, gone):
    gone.finish()
    other = town.clerk("窓口 太郎")
    page = other.takes_over(gone)
    assert DONE in other.press(page).words
    assert code_of(other.press(page)) == "visit-ended"
    assert len(town.rows(Move)) == 1


def approve(town, gone):
    gone.finish()
    other = town.clerk("窓口 太郎")
    other.takes_over(gone)
    assert DONE in other.finish().words


def test_the_old_key_undoes_an_approved_move_within_30_days(town, gone, old, clock):
    approve(town, gone)
    clock.forward(days=29)
    assert town.undo(old) == town.holder(old)
    assert town.current_id(town.holder(old)) == OLD_NAME[:14]
    assert town.last_entry()[0] == "citizen:certificate:move-undone"


def test_the_old_key_does_not_undo_it_later(town, gone, old, renewed, clock):
    approve(town, gone)
    clock.forward(days=30)
    assert town.undo(old) == "move-not-undoable"
    assert town.holder(renewed)


def test_who_had_no_id_has_none_after_an_approved_move_is_undone(town, old, clock):
    receipt = town.reserve(old)
    clock.forward(days=1)
    desk = town.clerk()
    desk.open(receipt)
    desk.read("after", town.reissued())
    approve(town, desk)
    assert town.current_id(town.rows(Visit)[0].person_id) == CHOSEN
    assert town.undo(old) == town.holder(old)
    assert town.current_id(town.holder(old)) is None


def test_the_reservation_of_an_approved_lost_card_is_completed_too(town, old, clock):
    town.register(old)
    receipt = town.reserve(old)
    clock.forward(days=1)
    desk = town.clerk()
    desk.open(receipt)
    desk.read("after", town.reissued())
    approve(town, desk)
    assert [row.ending for row in town.rows(Reservation)] == ["completed"]
    assert town.last_entry()[1]["proof"] == "counter-approved"
