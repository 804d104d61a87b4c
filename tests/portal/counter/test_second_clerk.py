"""Where the old card is gone: a second clerk approves, and the old key can undo the move for 30 days."""

from datetime import timedelta

import pytest

from portal.models import Move, Reservation, Visit
from tests.portal.actors.at_counter import CHOSEN, NEW_NAME, OLD_NAME
from tests.portal.actors.staff import code_of

DONE = "手続きが終わりました。"
HOUR = timedelta(hours=1)


@pytest.fixture
def gone(counter_town, old, renewed, clock):
    """Return the clerk with a visit for a renewal, whose old card is gone, and the new card read."""
    counter_town.register(old)
    clock.forward(days=1)
    desk = counter_town.clerk()
    desk.open(OLD_NAME[:14], "renewal")
    desk.read("after", renewed)
    return desk


def test_where_the_old_card_is_gone_another_clerk_approves(counter_town, gone, renewed):
    assert "前のカードを読み取っていません" in gone.look().words
    assert "別の職員の承認を待っています" in gone.finish("紛失届").words
    assert counter_town.last_entry()[0] == "clerk:visit:approval-asked"
    assert not counter_town.rows(Move)
    other = counter_town.clerk("窓口 太郎")
    assert gone.visit.rpartition("/")[2][:4] in other.browser.get("/counter").words
    assert "紛失届" in other.takes_over(gone).words
    assert DONE in other.finish("写真で確かめた").words
    event, facts = counter_town.last_entry()
    assert (event, facts["proof"]) == ("clerk:certificate:moved", "counter-approved")
    assert (facts["staff"], facts["asked_by"], facts["reason"]) == (other.staff_id, gone.staff_id, "写真で確かめた")
    assert counter_town.holder(renewed)


MISSING, MALFORMED = "理由が入っていません", "理由は500文字までの1行にしてください"


@pytest.mark.parametrize(("reason", "words"), [("", MISSING), ("\u3000", MISSING), ("a" * 60_000, MALFORMED)])
def test_who_asks_and_who_approves_write_a_reason(counter_town, gone, reason, words):
    assert words in gone.finish(reason).words
    assert counter_town.rows(Visit)[0].asked_by is None
    gone.finish()
    other = counter_town.clerk("窓口 太郎")
    other.takes_over(gone)
    assert words in other.finish(reason).words
    assert not counter_town.rows(Move)


def test_the_second_clerk_sees_and_the_audit_keeps_how_identity_was_confirmed(counter_town, gone):
    assert "資格確認書と年金手帳" in gone.identify("two-documents", "資格確認書と年金手帳").words
    gone.finish()
    assert counter_town.last_entry()[1]["identity"] == "two-documents"
    other = counter_town.clerk("窓口 太郎")
    assert "資格確認書と年金手帳" in other.takes_over(gone).words
    other.finish()
    facts = counter_town.last_entry()[1]
    assert (facts["identity"], facts["identity_note"]) == ("two-documents", "資格確認書と年金手帳")


def test_who_asked_may_take_it_back_and_it_is_written_down(counter_town, gone):
    gone.finish()
    other = counter_town.clerk("窓口 太郎")
    page = other.takes_over(gone)
    assert code_of(other.browser.post(f"{gone.visit}/cancellation")) == "visit-of-another-clerk"
    gone.browser.post(f"{gone.visit}/cancellation")
    assert counter_town.last_entry()[0] == "clerk:visit:cancelled"
    assert code_of(other.press(page)) == "visit-not-found"
    assert not counter_town.rows(Visit)


def test_the_page_that_waits_hears_of_the_approval(counter_town, gone):
    gone.finish()
    poll = gone.look().value("hx-get")
    assert gone.browser.client.get(poll, base_url=gone.browser.base).status_code == 204
    other = counter_town.clerk("窓口 太郎")
    other.takes_over(gone)
    other.finish()
    assert DONE in gone.browser.get(poll, **{"HX-Request": "true"}).words


def test_nobody_approves_what_he_asked_for_himself(counter_town, gone):
    page = gone.look()
    gone.press(page)
    assert code_of(gone.press(page)) == "approval-by-another"
    assert 'name="serial_number"' not in gone.look().response.text
    assert not counter_town.rows(Move)


def test_another_clerk_cannot_ask_in_the_place_of_the_one_who_opened(counter_town, gone):
    other = counter_town.clerk("窓口 太郎")
    page = gone.look()
    other.takes_over(gone)
    assert code_of(other.press(page)) == "visit-of-another-clerk"


@pytest.mark.parametrize("purpose", ["before", "after"])
def test_no_card_is_read_once_approval_was_asked(counter_town, gone, old, purpose):
    gone.finish()
    page = gone.read(purpose, old if purpose == "before" else counter_town.reissued("7K0M93QX5TBR2W", 2))
    assert code_of(page) == "visit-waits"
    assert 'counter-after"' not in gone.look().response.text


def test_an_approval_that_comes_twice_is_carried_out_once(counter_town, gone):
    gone.finish()
    other = counter_town.clerk("窓口 太郎")
    page = other.takes_over(gone)
    assert DONE in other.press(page).words
    assert code_of(other.press(page)) == "visit-ended"
    assert len(counter_town.rows(Move)) == 1


def approve(counter_town, gone):
    gone.finish()
    other = counter_town.clerk("窓口 太郎")
    other.takes_over(gone)
    assert DONE in other.finish().words


def test_the_old_key_undoes_an_approved_move_within_30_days(counter_town, gone, old, clock):
    approve(counter_town, gone)
    clock.forward(days=29)
    assert counter_town.undo(old) == counter_town.holder(old)
    assert counter_town.current_id(counter_town.holder(old)) == OLD_NAME[:14]
    assert counter_town.last_entry()[0] == "citizen:certificate:move-undone"


def test_the_old_key_does_not_undo_it_later(counter_town, gone, old, renewed, clock):
    approve(counter_town, gone)
    clock.forward(days=30)
    assert counter_town.undo(old) == "move-not-undoable"
    assert counter_town.holder(renewed)


def test_who_had_no_id_has_none_after_an_approved_move_is_undone(counter_town, old, clock):
    receipt = counter_town.reserve(old)
    clock.forward(days=1)
    desk = counter_town.clerk()
    desk.open(receipt)
    desk.read("after", counter_town.reissued())
    approve(counter_town, desk)
    assert counter_town.current_id(counter_town.rows(Visit)[0].person_id) == CHOSEN
    assert counter_town.undo(old) == counter_town.holder(old)
    assert counter_town.current_id(counter_town.holder(old)) is None


def test_the_reservation_of_an_approved_lost_card_is_completed_too(counter_town, old, clock):
    counter_town.register(old)
    receipt = counter_town.reserve(old)
    clock.forward(days=1)
    desk = counter_town.clerk()
    desk.open(receipt)
    desk.read("after", counter_town.reissued())
    approve(counter_town, desk)
    assert [row.ending for row in counter_town.rows(Reservation)] == ["completed"]
    assert counter_town.last_entry()[1]["proof"] == "counter-approved"


@pytest.fixture
def thiefs_visit(counter_town, old, renewed, clock):
    """Return a clerk's visit with two cards of a thief, one of which holds a record that was moved to it yesterday."""
    counter_town.register(old)
    counter_town.link(old, "007")
    clock.forward(hours=2)
    counter_town.move_elsewhere(old, renewed)
    clock.forward(days=1)
    desk = counter_town.clerk()
    desk.open(NEW_NAME[:14], "renewal")
    desk.read("before", renewed)
    desk.read("after", counter_town.reissued("7K0M93QX5TBR2W", 2, issued=timedelta(days=1)))
    return desk


def test_a_visit_that_would_end_the_time_to_object_says_so_and_asks_a_second_clerk(counter_town, thiefs_visit, old):
    page = thiefs_visit.look()
    assert "この手続きを終えると、前の引継ぎは元に戻せなくなります。" in page.words
    assert "別の職員の承認を待っています" in thiefs_visit.press(page).words
    assert code_of(thiefs_visit.press(page)) == "approval-by-another"
    assert counter_town.undo(old) == counter_town.holder(old)
    assert counter_town.look_up(old) == "007"


def test_two_clerks_end_the_time_to_object(counter_town, thiefs_visit, old):
    approve(counter_town, thiefs_visit)
    assert counter_town.last_entry()[1]["proof"] == "counter"
    assert counter_town.undo(old) == "move-not-undoable"
    page = counter_town.before(old, "renew").get("/renewal")
    assert code_of(page) == "certificate-replaced"


def test_an_undone_visit_gives_the_time_to_object_back(counter_town, old, renewed, clock):
    """The record went on from a stolen code's card to one that two clerks vouched for; each key objects."""
    counter_town.register(old)
    clock.forward(hours=2)
    counter_town.move_elsewhere(old, renewed)
    desk = counter_town.clerk()
    desk.open(NEW_NAME[:14], "renewal")
    desk.read("after", counter_town.reissued("7K0M93QX5TBR2W", 2, issued=timedelta(hours=2)))
    approve(counter_town, desk)
    assert counter_town.undo(old) == "move-not-undoable"
    assert counter_town.undo(renewed) == counter_town.holder(renewed)
    assert counter_town.undo(old) == counter_town.holder(old)
