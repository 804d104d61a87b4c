"""The municipal counter, through its pages: from 仮登録 to 本登録, and a record that goes on to a new card."""

import pytest

from portal.models import Certificate, Move, MyKeyIdRecord, Reservation, Visit
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
    assert (facts["identity"], facts["identity_note"]) == ("driving-licence", None)
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


SLIP = "https://id.example.jp/counter#{0}"


@pytest.mark.parametrize(
    "typed",
    ["{0}", " {1} ", "abcd1234efgh56", "ＡＢＣＤ－１２３４ＥＦＧＨ５６", SLIP, f" {SLIP}\t", SLIP.replace("#", "＃")],
)
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


def test_in_the_demo_the_visit_leads_to_where_the_card_is_renewed(counter_town, old):
    counter_town.register(old)
    desk = counter_town.clerk()
    desk.open(OLD_NAME[:14], "renewal")
    assert 'href="http://127.0.0.1:1/#renewal"' in desk.read("before", old).response.text


def test_two_default_ids_that_share_14_characters_are_both_shown(counter_town, old):
    counter_town.register(old)
    counter_town.register(counter_town.card(f"{OLD_NAME[:14]}13101001A", 1))
    words = counter_town.clerk().find(OLD_NAME[:14]).words
    assert words.count("カード更新の手続きを始める") == 2
    assert "07202002B" in words
    assert "13101001A" in words
    assert "どちらの方かは、カードで確かめます。" in words


def test_a_stopped_person_is_resumed_when_the_visit_is_carried_out(counter_town, old, renewed, clock):
    person_id = counter_town.register(old)
    counter_town.link(old, "007")
    counter_town.stop(person_id)
    clock.forward(days=1)
    desk = counter_town.clerk()
    assert "いま、止まっています。" in desk.open(OLD_NAME[:14], "renewal").words
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
    assert "理由が入っていません" in desk.resume(" ").words
    assert "停止を解除しました。" in desk.resume("本人が来た").words
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


def test_one_step_is_shown_with_one_blue_button_and_an_earlier_one_on_demand(counter_town, old, renewed, clock):
    counter_town.register(old)
    clock.forward(days=1)
    desk, seen = counter_town.clerk(), []
    desk.open(OLD_NAME[:14], "renewal")
    for look in (desk.look, lambda: desk.read("before", old), lambda: desk.read("after", renewed)):
        page = look()
        blue = [tag for _, tag in page.tags if "button--primary" in tag.get("class", "")]
        seen.append(
            (page.value("data-step"), len(blue), len([tag for _, tag in page.tags if "step=" in tag.get("href", "")]))
        )
    assert seen == [("old-card", 1, 2), ("new-card", 1, 2), ("check", 1, 3)]
    assert desk.browser.get(f"{desk.visit}?step=identity").value("data-step") == "identity"
    assert desk.browser.get(f"{desk.visit}?step=done").value("data-step") == "check"


@pytest.mark.parametrize(
    ("identity", "note", "words"),
    [
        ("", "免許", "本人確認の方法が選ばれていません。"),
        ("library-card", "免許", "本人確認の方法が選ばれていません。"),
        ("two-documents", "\u3000", "書類の名前が入っていません。"),
        ("passport", "免許\x07", "理由は500文字までの1行にしてください。"),
    ],
)
def test_how_identity_was_confirmed_is_asked_again_beside_the_field_and_keeps_what_was_typed(
    counter_town, old, identity, note, words
):
    counter_town.register(old)
    desk = counter_town.clerk()
    desk.open(OLD_NAME[:14], "renewal")
    page = desk.identify(identity, note)
    assert (page.status, words in page.words) == (422, True)
    assert [tag["id"] for _, tag in page.tags if "autofocus" in tag] == [
        "identity-error" if "本人" in words else "note"
    ]
    assert next(tag.get("value") for tag in page.all("input") if tag.get("id") == "note") == note
    assert counter_town.rows(Visit)[0].identity == "driving-licence"


def test_a_card_that_is_refused_leaves_the_clerk_on_the_visits_page(counter_town, old):
    counter_town.register(old)
    desk = counter_town.clerk()
    desk.open(OLD_NAME[:14], "renewal")
    page = desk.read("before", counter_town.card("7K0M93QX5TBR2W07202002B", 2))
    assert (code_of(page), page.value("data-step")) == ("card-not-registered", "old-card")
    assert desk.look().status == 200


def test_what_is_refused_of_a_form_leaves_the_clerk_on_the_visits_page_too(counter_town, old):
    counter_town.register(old)
    desk, other = counter_town.clerk(), counter_town.clerk("窓口 太郎")
    desk.open(OLD_NAME[:14], "renewal")
    other.takes_over(desk)
    page = other.browser.post(f"{desk.visit}/cancellation")
    assert (code_of(page), page.value("data-step")) == ("visit-of-another-clerk", "old-card")


def test_the_waiting_page_of_a_card_leads_back_to_the_visit(counter_town, old):
    counter_town.register(old)
    desk = counter_town.clerk()
    desk.open(OLD_NAME[:14], "renewal")
    desk.begin("before")
    waiting = desk.browser.address
    desk.browser.post(f"{waiting}/cancel")
    assert [link["href"] for link in desk.browser.page.all("a") if link.get("href") == desk.visit]


def test_the_queue_finds_a_visit_again_and_shows_what_was_done_today(counter_town, old, renewed, clock):
    counter_town.register(old)
    desk, other = counter_town.clerk(), counter_town.clerk("窓口 太郎")

    def row(who=desk):
        text = who.browser.get("/counter").response.text
        return text.partition("<tbody>")[2].partition("</tbody>")[0] if "<tbody>" in text else ""

    assert row() == ""
    desk.open(OLD_NAME[:14], "renewal")
    assert (desk.visit in row(), "前のカード" in row(), "窓口 花子" in row(), row(other)) == (True, True, True, "")
    clock.forward(hours=1)
    desk.browser.sign_in()
    desk.read("before", old)
    desk.read("after", renewed)
    desk.finish()
    other.browser.sign_in()
    assert ("完了" in row(other), desk.visit in row(other)) == (True, False)
    clock.forward(hours=12)
    desk.browser.sign_in()
    assert row() == ""


@pytest.mark.parametrize(
    ("typed", "words"), [("", "番号を入れるか、QRコードを読み取ってください。"), ("NOBODY", "見つかりませんでした。")]
)
def test_a_search_that_finds_nobody_says_so_beside_the_field(counter_town, typed, words):
    page = counter_town.clerk().find(typed)
    field = next(tag for tag in page.all("input") if tag.get("id") == "typed")
    assert (words in page.words, field["aria-describedby"], "autofocus" in field) == (True, "typed-error", True)


def test_the_sheet_of_paper_has_cases_to_practise_in_a_demo(counter_town):
    words = counter_town.clerk().browser.get("/counter/guide").words
    assert ("前のカードなしで進む" in words, "練習する5つの例" in words) == (True, True)
