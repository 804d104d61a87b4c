"""The municipal counter, through its pages: from 仮登録 to 本登録, and a record that goes on to a new card."""

import pytest

from portal.models import Certificate, Move, MyKeyIdRecord, Reservation
from tests.conftest import NOW
from tests.portal.actors.at_counter import CHOSEN, NEW_NAME, OLD_NAME
from tests.portal.actors.staff import code_of

DONE = "手続きが終わりました。"


def test_a_reservation_becomes_the_mykey_id_with_both_cards_read(counter_town, old, clock):
    person_id = counter_town.register(old)
    counter_town.link(old, "007")
    receipt = counter_town.reserve(old)
    clock.forward(days=1)
    desk, new = counter_town.clerk(), counter_town.reissued()
    assert CHOSEN in desk.open(receipt).words
    assert "新しいカードを読み取る" in desk.read("before", old).words
    assert "本登録にする" in desk.read("after", new).words
    assert DONE in desk.finish("運転免許証").words
    assert counter_town.current_id(person_id) == CHOSEN
    [before] = [row for row in counter_town.rows(MyKeyIdRecord) if row.retired_at]
    assert before.mykey_id == OLD_NAME[:14]
    [reservation] = counter_town.rows(Reservation)
    assert (reservation.ending, reservation.ended_at) == ("completed", clock())
    event, facts = counter_town.last_entry()
    assert event == "clerk:reservation:completed"
    assert facts["visit"] == desk.visit.rpartition("/")[2]
    assert (facts["staff"], facts["reason"], facts["revocation"]) == (desk.staff_id, "運転免許証", "not-checked")
    assert facts["proof"] == "counter"


def test_the_service_ids_are_looked_up_with_the_new_card_and_no_longer_with_the_old_one(counter_town, old, clock):
    counter_town.register(old)
    counter_town.link(old, "007")
    counter_town.link(old, "0815", provider="B-β1-0001")
    receipt = counter_town.reserve(old)
    clock.forward(days=1)
    desk, new = counter_town.clerk(), counter_town.reissued()
    desk.open(receipt)
    desk.read("before", old)
    desk.read("after", new)
    assert (counter_town.look_up(old), counter_town.look_up(new)) == ("007", "mykey-id-not-registered")
    desk.finish()
    assert (counter_town.look_up(new), counter_town.look_up(new, "B-β1-0001")) == ("007", "0815")
    assert counter_town.look_up(old) == "mykey-id-not-registered"


def test_who_had_only_a_reservation_has_a_mykey_id_after_the_counter(counter_town, old, clock):
    receipt = counter_town.reserve(old)
    clock.forward(days=1)
    desk, new = counter_town.clerk(), counter_town.reissued()
    assert "まだありません" in desk.open(receipt).words
    desk.read("before", old)
    desk.read("after", new)
    assert DONE in desk.finish().words
    assert [row.mykey_id for row in counter_town.rows(MyKeyIdRecord)] == [CHOSEN]
    assert counter_town.current_id(counter_town.holder(new)) == CHOSEN


def test_a_default_id_goes_over_to_the_new_random_string(counter_town, old, renewed, clock):
    person_id = counter_town.register(old)
    counter_town.link(old, "007")
    clock.forward(days=1)
    desk = counter_town.clerk()
    desk.open(OLD_NAME[:14], "renewal")
    desk.read("before", old)
    assert "新しいカードに引き継ぐ" in desk.read("after", renewed).words
    assert DONE in desk.finish().words
    assert counter_town.current_id(person_id) == NEW_NAME[:14]
    assert (counter_town.look_up(renewed), counter_town.look_up(old)) == ("007", "mykey-id-not-registered")
    assert counter_town.last_entry()[0] == "clerk:certificate:moved"


def test_a_chosen_id_stays_when_the_card_is_renewed(counter_town, old, clock):
    receipt = counter_town.reserve(old)
    clock.forward(days=1)
    desk, second = counter_town.clerk(), counter_town.reissued()
    desk.open(receipt)
    desk.read("before", old)
    desk.read("after", second)
    desk.finish()
    counter_town.link(second, "007")
    third = counter_town.card(NEW_NAME, 2, issued=clock() - NOW)
    desk.open(CHOSEN, "renewal")
    desk.read("before", second)
    desk.read("after", third)
    assert DONE in desk.finish().words
    assert counter_town.current_id(counter_town.holder(third)) == CHOSEN
    assert counter_town.look_up(third) == "007"


def test_a_reservation_waits_on_while_a_renewed_card_takes_the_record_over(counter_town, old, renewed, clock):
    counter_town.register(old)
    receipt = counter_town.reserve(old)
    clock.forward(days=1)
    desk = counter_town.clerk()
    desk.open(receipt, "renewal")
    desk.read("before", old)
    desk.read("after", renewed)
    assert DONE in desk.finish().words
    [reservation] = counter_town.rows(Reservation)
    assert reservation.ended_at is None


def test_the_clerk_stays_signed_in_under_a_new_session_id(counter_town, old):
    receipt = counter_town.reserve(old)
    desk = counter_town.clerk()
    desk.open(receipt)
    client, seen = desk.browser.client, []
    for _ in range(2):
        seen.append(client.get_cookie("__Host-mykey", "id.example.jp").value)
        assert "窓口の手続き" in desk.read("before", old).words
    assert len({*seen, client.get_cookie("__Host-mykey", "id.example.jp").value}) == 3
    assert desk.browser.get("/staff").status == 200
    assert desk.browser.get("/account").status == 403
    assert desk.browser.get("/registration").status == 403


@pytest.mark.parametrize("typed", ["{0}", " {1} ", "abcd1234efgh56", "ＡＢＣＤ－１２３４ＥＦＧＨ５６"])
def test_the_search_takes_a_receipt_number_and_each_id_however_it_is_typed(counter_town, old, typed):
    counter_town.register(old)
    receipt = counter_town.reserve(old)
    page = counter_town.clerk().find(typed.format(receipt, OLD_NAME[:14]))
    assert "本登録の手続きを始める" in page.words


def test_the_slips_code_leads_to_the_search(counter_town, old):
    receipt = counter_town.reserve(old)
    desk = counter_town.clerk()
    [form] = [form for form in desk.browser.get("/counter").all("form") if "data-from-fragment" in form]
    assert (form["action"], form["method"], form["data-from-fragment"]) == ("/counter", "post", "typed")
    assert CHOSEN in desk.find(receipt).words


def test_the_search_finds_nobody_by_an_id_that_is_over(counter_town, old, renewed, clock):
    counter_town.register(old)
    counter_town.reserve(old)
    clock.forward(days=91)
    desk = counter_town.clerk()
    assert "見つかりませんでした" in desk.find(CHOSEN).words
    desk.open(OLD_NAME[:14], "renewal")
    desk.read("before", old)
    desk.read("after", renewed)
    desk.finish()
    assert "見つかりませんでした" in desk.find(OLD_NAME[:14]).words
    assert "カード更新の手続きを始める" in desk.find(NEW_NAME[:14]).words


def test_two_default_ids_that_share_14_characters_are_both_shown(counter_town, old):
    counter_town.register(old)
    counter_town.register(counter_town.card(f"{OLD_NAME[:14]}13101001A", 1))
    words = counter_town.clerk().find(OLD_NAME[:14]).words
    assert words.count("カード更新の手続きを始める") == 2
    assert "07202002B" in words
    assert "13101001A" in words


def test_a_stopped_person_is_resumed_when_the_visit_is_carried_out(counter_town, old, renewed, clock):
    person_id = counter_town.register(old)
    counter_town.link(old, "007")
    counter_town.stop(person_id)
    clock.forward(days=1)
    desk = counter_town.clerk()
    assert "停止コードで止めています" in desk.open(OLD_NAME[:14], "renewal").words
    desk.read("before", old)
    desk.read("after", renewed)
    desk.finish()
    assert counter_town.look_up(renewed) == "007"


def test_a_stopped_person_is_resumed_with_the_card_alone(counter_town, old):
    person_id = counter_town.register(old)
    counter_town.link(old, "007")
    counter_town.stop(person_id)
    assert counter_town.look_up(old) == "mykey-id-stopped"
    desk = counter_town.clerk()
    desk.open(OLD_NAME[:14], "renewal")
    assert "カードが、まだ読み取られていません" in desk.resume().words
    desk.read("before", old)
    assert "理由が書かれていません" in desk.resume(" ").words
    assert "停止コードで止めています" not in desk.resume("本人が来た").words
    assert counter_town.look_up(old) == "007"
    event, facts = counter_town.last_entry()
    assert (event, facts["reason"], facts["staff"]) == ("clerk:mykey-id:resumed", "本人が来た", desk.staff_id)


def test_a_visit_that_was_carried_out_shows_its_end_and_is_carried_out_once(counter_town, old, renewed, clock):
    counter_town.register(old)
    clock.forward(days=1)
    desk = counter_town.clerk()
    desk.open(OLD_NAME[:14], "renewal")
    desk.read("before", old)
    page = desk.read("after", renewed)
    desk.press(page)
    assert DONE in desk.look().words
    assert code_of(desk.press(page)) == "visit-ended"
    assert len(counter_town.rows(Move)) == 1
    assert len(counter_town.rows(Certificate)) == 2
