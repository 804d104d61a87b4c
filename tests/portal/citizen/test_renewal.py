"""継続性 by the citizen: each condition, with what it stops."""

from datetime import UTC, datetime, timedelta

import pytest

from portal.models import CarryOverCode, MyKeyIdRecord, Review
from tests.portal.actors.card_holders import message, rows
from tests.portal.actors.town import AFTER_RENEWAL, CHOSEN, EXPIRES, HANAKO, LIBRARY, NEW, SHOP, TARO

MOVED = "正常に引き継がれました。"
GONE = "mykey-id-not-registered"


def reviews(town):
    return [review.code for review in rows(town.app, Review)]


def test_a_default_id_goes_over_to_the_new_random_string_with_every_service_id(town):
    old = town.card()
    person_id = town.register(old, LIBRARY, SHOP)
    before = {provider: town.look_up(old, provider) for provider in (LIBRARY, SHOP)}
    code = town.code_of(old)
    new = town.renewed()
    citizen = town.before(new, "renew")
    assert citizen.get("/renewal").value("name") is not None
    page = citizen.post("/renewal", way="code", carry_over_code=code)
    assert (page.status, message(page)) == (200, MOVED)
    assert NEW[:14] in page.words
    assert "引き継いだサービスID：2件" in page.words
    assert town.current_id(person_id) == NEW[:14]
    assert {provider: town.look_up(new, provider) for provider in (LIBRARY, SHOP)} == before
    assert {town.look_up(old, provider) for provider in (LIBRARY, SHOP)} == {GONE}
    assert NEW[:14] in citizen.get("/account").words


def test_a_chosen_id_stays_with_every_service_id(town):
    old = town.card()
    person_id = town.register(old, LIBRARY)
    town.choose(person_id)
    before, code = town.look_up(old), town.code_of(old)
    new = town.renewed()
    page = town.before(new, "renew").post("/renewal", way="code", carry_over_code=code.lower())
    assert CHOSEN in page.words
    assert "自分で設定したマイキーIDは、変わりません。" in page.words
    assert (town.current_id(person_id), town.look_up(new), town.look_up(old)) == (CHOSEN, before, GONE)


def test_the_button_pressed_again_shows_the_same(town):
    old = town.card()
    town.register(old)
    code = town.code_of(old)
    citizen = town.before(town.renewed(), "renew")
    pages = [citizen.post("/renewal", way="code", carry_over_code=code) for _ in range(2)]
    assert [message(page) for page in pages] == [MOVED, MOVED]
    assert len(rows(town.app, MyKeyIdRecord)) == 2


@pytest.mark.parametrize("typed", ["", "WRONG", "A" * 24, "x" * 5000, "<b>", "\x00"])
def test_a_wrong_code_is_asked_for_again_and_keeps_what_was_typed(town, typed):
    old = town.card()
    town.register(old)
    code = town.code_of(old)
    citizen = town.before(town.renewed(), "renew")
    page = citizen.post("/renewal", way="code", carry_over_code=typed)
    assert page.status == 422
    assert "この引継ぎコードは使えません。" in page.words
    field = next(each for each in page.all("input") if each.get("name") == "carry_over_code")
    assert field.get("value", "") == typed[:64]
    assert (field["aria-invalid"], field["aria-describedby"]) == ("true", "carry_over_code-error")
    assert message(citizen.post("/renewal", way="code", carry_over_code=code)) == MOVED


def test_a_stolen_code_moves_nothing_to_a_thiefs_card_issued_before_it(town):
    old, thiefs = town.card(), town.card(TARO)
    person_id = town.register(old)
    code = town.code_of(old)
    assert town.by_code(thiefs, code) == "certificate-older-than-code"
    assert town.current_id(person_id) == HANAKO[:14]


def test_a_certificate_issued_in_the_very_moment_of_the_code_is_too_old(town):
    old = town.card()
    town.register(old)
    code = town.code_of(old)
    same = town.card(NEW, AFTER_RENEWAL, not_before=town.clock())
    assert town.by_code(same, code) == "certificate-older-than-code"


def test_a_stolen_code_with_a_thiefs_new_card_of_another_birthday_goes_to_staff(town):
    old = town.card()
    person_id = town.register(old, LIBRARY)
    code = town.code_of(old)
    thiefs = town.renewed(TARO, AFTER_RENEWAL.replace(day=16))
    citizen = town.before(thiefs, "renew")
    page = citizen.post("/renewal", way="code", carry_over_code=code)
    assert (page.status, "職員" in page.words) == (409, True)
    assert reviews(town) == ["renewal-days-differ"]
    assert (town.current_id(person_id), town.look_up(thiefs)) == (HANAKO[:14], GONE)


def stolen(town):
    """Let a thief of the same birthday move the record."""
    old = town.card()
    town.register(old, LIBRARY)
    code = town.code_of(old)
    thiefs = town.renewed(TARO)
    assert town.by_code(thiefs, code) == town.person_of(old)
    return old, thiefs


def test_a_thief_of_the_same_birthday_is_undone_by_the_old_key_within_30_days(town):
    old, thiefs = stolen(town)
    assert town.look_up(thiefs) != GONE
    town.clock.forward(days=29)
    citizen = town.before(old, "renew")
    assert "前のカードに戻す" in citizen.get("/renewal").words
    page = citizen.post("/renewal", way="undo")
    assert message(page) == "登録を、読み取ったカードに戻しました。"
    assert HANAKO[:14] in page.words
    assert town.look_up(old) != GONE
    assert town.look_up(thiefs) == GONE
    assert town.do("registration", "register", thiefs, "register") == "certificate-replaced"


def test_after_30_days_the_old_key_undoes_nothing(town):
    old, thiefs = stolen(town)
    town.clock.forward(days=30)
    page = town.before(old, "renew").get("/renewal")
    assert (page.status, "certificate-replaced" in page.words) == (409, True)
    assert town.do("renewal", "undo", old, "renew") == "move-not-undoable"
    assert town.look_up(thiefs) != GONE


def test_a_move_is_undone_once_and_by_its_own_old_key_alone(town):
    old, thiefs = stolen(town)
    strangers = town.card(NEW)
    town.register(strangers)
    for certificate in (strangers, thiefs):
        assert town.do("renewal", "undo", certificate, "renew") == "move-not-undoable"
    assert town.do("renewal", "undo", old, "renew") == town.person_of(old)
    assert town.do("renewal", "undo", old, "renew") == "move-not-undoable"


@pytest.mark.parametrize(
    ("service", "act", "purpose"),
    [("carry_over", "make_code", "carry-over"), ("my_page", "cancel_registration", "cancel-registration")],
)
def test_the_thief_does_nothing_that_the_old_key_could_not_take_back(town, service, act, purpose):
    old, thiefs = stolen(town)
    assert town.do(service, act, thiefs, purpose) == "move-may-be-undone"
    assert town.do("renewal", "undo", old, "renew") == town.person_of(old)
    assert town.look_up(old) != GONE


def test_what_waits_for_the_old_key_may_be_done_after_30_days(town):
    _, thiefs = stolen(town)
    town.clock.forward(days=30)
    assert town.do("carry_over", "make_code", thiefs, "carry-over") == town.person_of(thiefs)


def test_a_code_serves_once(town):
    old = town.card()
    town.register(old)
    code = town.code_of(old)
    town.by_code(town.renewed(), code)
    assert town.by_code(town.renewed(TARO), code) == "carry-over-code-wrong"
    assert not rows(town.app, CarryOverCode)


def test_a_newer_code_voids_the_one_before(town):
    old = town.card()
    person_id = town.register(old)
    first, second = town.code_of(old), town.code_of(old)
    new = town.renewed()
    assert town.by_code(new, first) == "carry-over-code-wrong"
    assert town.by_code(new, second) == person_id


@pytest.mark.parametrize(("days", "code_is"), [(364, "good"), (365, "carry-over-code-wrong")])
def test_a_code_is_good_for_a_year(town, days, code_is):
    old = town.card()
    person_id = town.register(old)
    code = town.code_of(old)
    town.clock.forward(days=days - 1, hours=23)
    assert town.by_code(town.renewed(), code) == (person_id if code_is == "good" else code_is)


def test_ten_tries_an_hour_by_card_session(town):
    old = town.card()
    town.register(old)
    code = town.code_of(old)
    citizen = town.before(town.renewed(), "renew")
    for _ in range(10):
        assert citizen.post("/renewal", way="code", carry_over_code="WRONG").status == 422
    page = citizen.post("/renewal", way="code", carry_over_code=code)
    assert (page.status, "carry-over-tries-used-up" in page.words) == (429, True)


def test_ten_tries_an_hour_by_address_whatever_the_card_session(town):
    old = town.card()
    town.register(old)
    code = town.code_of(old)
    new = town.renewed()
    statuses = [town.before(new, "renew").post("/renewal", carry_over_code="WRONG").status for _ in range(10)]
    assert statuses == [422] * 10
    assert town.before(new, "renew").post("/renewal", carry_over_code=code).status == 429


def test_a_code_attaches_nothing_to_a_certificate_that_belongs_to_somebody(town):
    old = town.card()
    person_id = town.register(old)
    code = town.code_of(old)
    new = town.renewed()
    town.register(new)
    assert town.before(new, "renew").get("/renewal").all("input") == []  # nothing to type: the record is in order
    assert town.by_code(new, code) == "certificate-known"
    assert town.current_id(person_id) == HANAKO[:14]


def test_a_code_moves_nothing_to_a_string_that_somebody_chose(town):
    taro = town.register(town.card(TARO))
    town.choose(taro, NEW[:14])
    old = town.card()
    town.register(old)
    code = town.code_of(old)
    assert town.by_code(town.renewed(NEW), code) == "mykey-id-conflict"
    assert reviews(town) == ["mykey-id-conflict"]


@pytest.mark.parametrize(("old_ends", "new_ends"), [((2028, 2, 29), (2033, 2, 28)), ((2028, 2, 28), (2032, 2, 29))])
def test_who_was_born_on_february_29_renews_like_anybody(town, old_ends, new_ends):
    old = town.card(HANAKO, datetime(*old_ends, 14, 59, 59, tzinfo=UTC))
    person_id = town.register(old)
    code = town.code_of(old)
    new = town.renewed(not_after=datetime(*new_ends, 14, 59, 59, tzinfo=UTC))
    assert town.by_code(new, code) == person_id


def test_february_29_is_not_march_1(town):
    old = town.card(HANAKO, datetime(2028, 2, 29, 14, 59, 59, tzinfo=UTC))
    town.register(old)
    code = town.code_of(old)
    assert town.by_code(town.renewed(not_after=datetime(2033, 3, 1, 14, tzinfo=UTC)), code) == "renewal-days-differ"


def test_two_default_ids_that_share_14_characters_stay_two_people(town):
    one, other = town.card("1C2410DF79DGEL07202002B"), town.card("1C2410DF79DGEL13221003A")
    people = [town.register(one, LIBRARY), town.register(other, LIBRARY)]
    ids = [town.look_up(one), town.look_up(other)]
    code = town.code_of(one)
    new = town.renewed("1C2410DF79DGEL01101001C")
    assert town.by_code(new, code) == people[0]
    assert [town.look_up(new), town.look_up(other), town.look_up(one)] == [*ids, GONE]


def test_a_renewal_keeps_a_stop_and_a_reservation(town):
    old = town.card()
    person_id = town.register(old, LIBRARY)
    town.do("provisional_registration", "reserve", old, "register", CHOSEN)
    town.stop(person_id)
    code = town.code_of(old)
    new = town.renewed()
    town.by_code(new, code)
    assert town.look_up(new) == "mykey-id-stopped"
    with town.app.app_context():
        assert town.services.people.active_reservation(person_id).mykey_id == CHOSEN


def test_a_card_that_signed_for_something_else_renews_nothing(town):
    old = town.card()
    town.register(old)
    code = town.code_of(old)
    new = town.renewed()
    for purpose in ("register", "carry-over", "resume"):
        assert town.before(new, purpose).post("/renewal", way="code", carry_over_code=code).status in (403, 404, 410)
    assert town.look_up(new) == GONE


def test_a_card_in_order_is_told_so(town):
    card = town.card()
    town.register(card)
    page = town.before(card, "renew").get("/renewal")
    assert "引継ぎはいりません" in page.words


def test_the_page_before_the_card_names_the_three_ways_and_begins_renew(town):
    citizen = town.browser()
    page = citizen.get("/renew")
    assert all(
        way in page.words for way in ("引継ぎコードを使う", "市区町村の窓口で行う", "2枚のカードの確認が済んでいるとき")
    )
    page = citizen.post("/card-sessions", purpose="renew")
    assert page.value("data-card-session") == "started"


def test_an_expired_card_takes_nothing_over(town):
    old = town.card(HANAKO, EXPIRES)
    town.register(old)
    code = town.code_of(old)
    new = town.renewed()
    town.clock.now = AFTER_RENEWAL + timedelta(seconds=1)
    page = town.before(new, "renew").post("/renewal", carry_over_code=code)
    assert (page.status, "certificate-expired" in page.words) == (422, True)
