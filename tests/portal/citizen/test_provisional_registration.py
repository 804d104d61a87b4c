"""仮登録: an ID of one's own, from the field to the slip (classes 57 to 59 of the bad input)."""

from datetime import timedelta

import pytest

from portal.domain.ids.mykey_id import reserved_words
from portal.extensions import db
from portal.models import Certificate, MyKeyIdRecord, Person, Reservation, Review, StopCode, TakenString
from tests.conftest import NOW, VALID
from tests.portal.actors.bridges import Bridge
from tests.portal.actors.card_holders import at_the_forms, completed, message, rows
from tests.portal.actors.pages import Citizen

CHOSEN = "YAMADAHANA1122"
OTHER = "SUZUKITARO0099"
REGISTERED, RESERVED, REFUSED = "正常に登録されました。", "正常に仮登録されました。", "仮登録ができません"
HANAKO, TARO = "1C2410DF79DGEL07202002B", "9Z8Y7X6W5V4U3T13221003A"


@pytest.fixture
def card_of(authority, keys):
    """Make a card once for each common name; another date makes another card."""
    made = {}

    def make(common_name=HANAKO, **dates):
        key = (common_name, *dates.values())
        return made.setdefault(
            key, made.get(key) or authority.issue(common_name, public_key=keys[0].public_key(), **VALID | dates)
        )

    return make


@pytest.fixture
def read(app, card_of):
    """Put somebody's card through a reading; they stand before both forms."""

    def by(common_name=HANAKO, **dates):
        [citizen] = at_the_forms(app, [card_of(common_name, **dates)])
        return citizen

    return by


def reserve(citizen, mykey_id=CHOSEN):
    return citizen.post("/registration/reservation", mykey_id=mykey_id)


def services(app):
    return app.extensions["mykey"]


def person_of(app, common_name):
    return next(each.person_id for each in rows(app, Certificate) if common_name.startswith(each.random_string))


def cancel_registration(app, certificate):
    with app.app_context():
        services(app).my_page.cancel_registration(completed(app, certificate, "cancel-registration"))


def cancel_reservation(app, certificate):
    with app.app_context():
        services(app).provisional_registration.cancel_by_card(completed(app, certificate, "cancel-reservation"))


def complete_at_counter(app, person_id, mykey_id):
    """Let a chosen ID be somebody's, as the counter does."""
    with app.app_context():
        people = services(app).people
        people.choose(person_id, mykey_id, None)
        people.give(person_id, mykey_id, "", "test")
        db.session.commit()


def test_an_unknown_card_is_asked_first_whether_it_is_the_first(complete, app, card):
    citizen = Citizen(app)
    page = complete(who=citizen, with_bridge=Bridge(app, *card))
    assert {"はじめて", "前のカードで登録済み"} <= set(page.words.replace(" ", "").split("\n"))
    assert {"/registration?first=yes", "/renew"} <= {link.get("href") for link in page.all("a")}
    assert page.all("form") == []
    assert "(1) 既定のランダム文字列" in citizen.get("/registration?first=yes").words


def test_a_registered_card_is_not_asked_and_sees_its_id_and_form_2(read):
    citizen = read()
    citizen.post("/registration")
    again = read()
    page = again.get("/registration")
    assert "もう登録されています" in message(page)
    assert "1C2410DF79DGEL" in page.words
    assert "(2) マイキーIDをご自身で設定する場合(仮登録)" in page.words


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_page_has_the_words_of_the_draft_to_the_letter(read):
    words = "".join(read().page.words.split())
    for sentence in (
        "(1)既定のランダム文字列をマイキーIDとする場合(本登録)",
        "あなたのランダム文字列は、以下のとおりです。",
        "これをマイキーIDとして使用する場合は、【登録】ボタンを押してください。",
        "メッセージ欄に、「正常に登録されました。」と表記された場合、登録作業は終了です。店舗等にてサービスIDと連携させて、ご利用ください。",
        "ランダム文字列：1C2410DF79DGEL",
        "ご自身で希望するマイキーIDを設定したい場合は、【(2)】に進んでください。",
        "(2)マイキーIDをご自身で設定する場合(仮登録)",
        "ご自身でマイキーIDを設定いただき、【仮登録】ボタンを押してください。",
        "メッセージ欄に「正常に仮登録されました。」と表記された場合、仮登録作業が終了です。マイナンバーカードを持って、市区町村窓口で登録手続きを行ってください。手続きが完了次第、店舗等にてサービスIDと連携させて、ご利用ください。",
        "重複等のエラーにより、メッセージ欄に「仮登録ができません」とのメッセージが表記される場合、異なるマイキーIDを設定し、再度【仮登録】ボタンを押していただくか、上記(1)の方法でご登録ください。",
        "マイキーID設定：※半角英大文字A-Z、半角数字0-9の36種類、14ケタで設定願います。",
    ):
        assert sentence in words


def test_a_chosen_id_waits_for_the_counter_and_works_nowhere(read, app):
    page = reserve(read())
    assert message(page) == RESERVED
    [reservation] = rows(app, Reservation)
    assert (reservation.mykey_id, reservation.expires_at) == (CHOSEN, NOW + timedelta(days=90))
    number = reservation.receipt_number
    for shown in (CHOSEN, f"{number[:4]}-{number[4:8]}-{number[8:]}", "2027年2月21日", "市区町村窓口"):
        assert shown in page.words
    assert not rows(app, MyKeyIdRecord)


def test_who_reserved_is_signed_in(read):
    citizen = read()
    reserve(citizen)
    assert citizen.get("/account").status == 200


@pytest.mark.parametrize("typed", ["yamadahana1122", "ＹＡＭＡＤＡｈａｎａ１１２２", "  YAMADA\u3000HANA 1122\t"])
def test_57_lower_case_full_width_and_blanks_are_folded(read, app, typed):
    assert message(reserve(read(), typed)) == RESERVED
    assert [each.mykey_id for each in rows(app, Reservation)] == [CHOSEN]


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "14文字ではありません。"),
        ("YAMADAHANA112", "14文字ではありません。"),
        ("YAMADAHANA11223", "14文字ではありません。"),
        ("YAMADA-HANA112", "使えない文字が入っています。"),
        ("YAMADAHANA112\u0662", "使えない文字が入っています。"),  # a digit, says Unicode
        ("YAMADAHANA112②", "使えない文字が入っています。"),
        ("Y\u0410MADAHANA1122", "使えない文字が入っています。"),  # a Cyrillic A
        ("YAMADAHANA112\x00", "使えない文字が入っています。"),
        ("ヤマダハナコ12345678", "使えない文字が入っています。"),
        ("AAAAAAAAAAAAAA", "使えない言葉が入っています。"),
        ("1C2410DF79DGEL", "あなたのカードのランダム文字列と同じです。"),
        ("<b>'; DROP --1", "使えない文字が入っています。"),
        *((f"{word}0123456789AB"[:14], "使えない言葉が入っています。") for word in reserved_words()),
    ],
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_57_an_id_that_cannot_be_is_asked_for_again(read, app, typed, reason):
    citizen = read()
    page = reserve(citizen, typed)
    assert (message(page), reason in page.words) == (REFUSED, True)
    assert {"#mykey_id", "#default-id"} <= {link.get("href") for link in page.all("a")}
    assert next(field["value"] for field in page.all("input") if field.get("id") == "mykey_id") == typed
    assert not rows(app, Person)
    assert message(reserve(citizen)) == RESERVED


def test_57_somebody_elses_default_id_is_taken_and_nothing_says_whose(read, app):
    read(TARO).post("/registration")
    page = reserve(read(), TARO[:14])
    assert (message(page), "もう使われています" in page.words) == (REFUSED, True)
    assert len(rows(app, Person)) == 1


def test_57_a_retired_id_is_taken_for_ever(read, app, card_of, clock):
    read(TARO).post("/registration")
    cancel_registration(app, card_of(TARO))
    clock.forward(days=400)
    assert message(reserve(read(), TARO[:14])) == REFUSED


def test_57_a_chosen_id_is_taken(read, app):
    reserve(read(TARO))
    complete_at_counter(app, person_of(app, TARO), CHOSEN)
    assert message(reserve(read())) == REFUSED


def test_57_a_reserved_id_is_taken(read, app):
    reserve(read(TARO))
    assert message(reserve(read())) == REFUSED
    assert len(rows(app, Person)) == len(rows(app, Reservation)) == 1


def test_57_an_o_is_no_zero_and_both_are_two_ids(read):
    assert message(reserve(read(TARO), "KOBAYASHI00001")) == RESERVED
    assert message(reserve(read(), "KOBAYASHIO0001")) == RESERVED


def test_59_a_default_id_in_use_goes_on_working_beside_a_reservation(read, app):
    read().post("/registration")
    page = reserve(read())
    assert message(page) == RESERVED
    [person] = rows(app, Person)
    with app.app_context():
        assert services(app).people.current_id(person.person_id).mykey_id == HANAKO[:14]


def test_59_who_reserved_may_register_the_default_id_meanwhile(read, app):
    reserve(read())
    citizen = read()
    assert f"いま仮登録しているマイキーID： {CHOSEN}" in citizen.page.words
    assert message(citizen.post("/registration")) == REGISTERED
    [reservation] = rows(app, Reservation)
    assert (reservation.ended_at, len(rows(app, Person))) == (None, 1)


def test_59_who_has_a_chosen_id_may_reserve_another_but_not_the_same(read, app):
    reserve(read())
    complete_at_counter(app, person_of(app, HANAKO), CHOSEN)
    assert message(reserve(read())) == REFUSED
    assert message(reserve(read(), OTHER)) == RESERVED


def test_the_same_id_again_is_the_same_reservation(read, app):
    reserve(read())
    assert message(reserve(read())) == RESERVED
    assert len(rows(app, Reservation)) == 1


def test_a_replaced_id_is_free_for_others_at_once(read, app):
    reserve(read())
    reserve(read(), OTHER)
    assert message(reserve(read(TARO))) == RESERVED
    assert sorted((each.mykey_id, each.ending) for each in rows(app, Reservation) if each.ending) == [
        (CHOSEN, "replaced")
    ]


def test_a_reservation_is_replaced_three_times_in_its_period_and_no_more(read, clock):
    ids = [f"SQUATTER{number:06}" for number in range(5)]
    assert [message(reserve(read(), mykey_id)) for mykey_id in ids] == [RESERVED] * 4 + [REFUSED]
    clock.forward(days=91)
    assert message(reserve(read(), ids[4])) == RESERVED


def test_squatting_by_reserving_and_replacing_holds_one_id_at_a_time(read, app):
    for mykey_id in (CHOSEN, OTHER, CHOSEN):
        page = reserve(read(), mykey_id)
    assert (message(page), "前にあなたが仮登録したもの" in page.words) == (REFUSED, True)
    assert [each.string for each in rows(app, TakenString)] == [OTHER]


def test_a_cancelled_id_is_free_for_others_at_once_and_for_the_same_person_after_90_days(read, app, card_of, clock):
    reserve(read())
    cancel_reservation(app, card_of())
    assert message(reserve(read())) == REFUSED
    clock.forward(days=89)
    assert message(reserve(read())) == REFUSED
    clock.forward(days=1)
    assert message(reserve(read())) == RESERVED
    cancel_reservation(app, card_of())
    assert message(reserve(read(TARO))) == RESERVED


def test_an_expired_id_is_free_for_others_and_needs_nobody_for_it(read, app, clock):
    citizen = read()
    reserve(citizen)
    clock.forward(days=89, hours=23)
    assert message(reserve(read(TARO))) == REFUSED
    clock.forward(hours=1)
    assert message(reserve(read())) == REFUSED  # his own: not before another 90 days
    assert message(reserve(read(TARO))) == RESERVED
    with app.app_context():
        assert services(app).provisional_registration.slip(person_of(app, HANAKO)) is None


def test_a_card_issued_before_wins_its_own_string_and_the_holder_is_told(read, app):
    holder = read()
    assert message(reserve(holder, TARO[:14])) == RESERVED
    assert message(read(TARO).post("/registration")) == REGISTERED
    [reservation] = rows(app, Reservation)
    assert reservation.ending == "displaced"
    for page in (read().page, holder.get("/account")):
        assert "仮登録していたマイキーIDは、使えなくなりました。" in page.words
        assert TARO[:14] in page.words


def test_a_card_issued_after_the_reservation_of_its_string_goes_to_staff(read, app, clock):
    reserve(read(), TARO[:14])
    clock.forward(days=2)
    page = read(TARO, not_before=NOW + timedelta(days=1)).post("/registration")
    assert (page.status, "仮登録されています" in page.words) == (409, True)
    assert [review.code for review in rows(app, Review)] == ["mykey-id-reserved"]
    assert len(rows(app, Person)) == 1


def test_of_two_tabs_with_one_card_the_first_button_counts_and_both_show_it(read, app):
    citizen = read()
    token = citizen.page.csrf_token
    reserve(citizen)
    page = citizen.post("/registration", csrf_token=token)
    assert message(page) == RESERVED
    assert not rows(app, MyKeyIdRecord)


def test_the_button_pressed_again_from_the_page_before_shows_the_same(read, app):
    citizen = read()
    token = citizen.page.csrf_token
    reserve(citizen)
    again = citizen.post("/registration/reservation", csrf_token=token, mykey_id=OTHER)
    assert (message(again), CHOSEN in again.words) == (RESERVED, True)
    assert len(rows(app, Reservation)) == 1


def test_what_was_refused_is_gone_with_the_card_session(read):
    citizen = read()
    reserve(citizen, "SYSTEM")
    assert message(citizen.get("/registration?first=yes")) == REFUSED
    assert message(citizen.post("/registration")) == REGISTERED


def test_without_a_card_there_is_nothing_to_reserve_or_to_check(app):
    citizen = Citizen(app)
    citizen.get("/sign-in")
    assert checked(citizen, CHOSEN)[0] == 403
    assert reserve(citizen).status == 403


def test_five_minutes_after_completion_nothing_is_reserved(read, app, clock):
    citizen = read()
    clock.forward(minutes=5)
    assert reserve(citizen).status == 410
    assert checked(citizen, CHOSEN)[0] == 410
    assert not rows(app, Person)


def checked(citizen, typed):
    page = citizen.post("/registration/check", part=True, mykey_id=typed)
    return page.status, page.response.text


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (CHOSEN, "いま選べます"),
        ("ｙａｍａｄａ hana 1122", "いま選べます"),
        ("YAMADA", "14文字ではありません"),
        ("YAMADA HANAKO!", "使えない文字"),
        ("SYSTEM01234567", "使えない言葉"),
        (HANAKO[:14], "ランダム文字列と同じ"),
        (TARO[:14], "もう使われています"),
        (OTHER, "もう使われています"),
    ],
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_live_check_tells_what_saving_would(read, typed, told):
    read(TARO).post("/registration")
    reserve(read(TARO), OTHER)
    citizen = read()
    status, fragment = checked(citizen, typed)
    assert (status, told in fragment, "<html" in fragment) == (200, True, False)
    saved = reserve(citizen, typed)
    assert (message(saved) == RESERVED, told in saved.words) in ((True, False), (False, True))


@pytest.mark.parametrize(
    ("typed", "counts"),
    [("ABC", "あと11文字"), ("ＡＢ c", "あと11文字"), ("A" * 13, "あと1文字"), ("ABC-", None), ("A1" * 8, None)],
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_live_check_counts_what_can_still_become_right(read, typed, counts):
    _, fragment = checked(read(), typed)
    assert (counts in fragment) if counts else ("あと" not in fragment)
    assert "error-text" in fragment  # shown when the field is left


def test_the_live_check_shows_the_folded_id_in_groups(read):
    _, fragment = checked(read(), "ｙａｍａｄａ hana 1122")
    assert "この文字で仮登録します" in fragment
    assert "<span>YAMA</span><span>DAHA</span><span>NA11</span><span>22</span>" in fragment


def test_the_live_check_is_silent_about_an_empty_field_and_escapes_what_is_typed(read):
    citizen = read()
    assert checked(citizen, " ")[1].strip() == ""
    assert "<script" not in checked(citizen, "<script>alert(1)</script>")[1]


def test_the_live_check_calls_ones_own_reservation_free(read):
    reserve(read())
    assert "いま選べます" in checked(read(), CHOSEN)[1]


def test_62_the_live_check_answers_sixty_times_a_minute(read):
    citizen = read()
    assert {checked(citizen, typed)[0] for _ in range(60) for typed in (CHOSEN, "")} == {200}
    status, fragment = checked(citizen, CHOSEN)
    assert (status, "受け付けを止めています" in fragment) == (429, True)
    other = read(TARO)
    assert checked(other, CHOSEN)[0] == 429  # from the same address
    other.client.environ_base["REMOTE_ADDR"] = "192.0.2.1"
    assert checked(other, CHOSEN)[0] == 200
    again = read()  # the same card, in another card session
    again.client.environ_base["REMOTE_ADDR"] = "192.0.2.2"
    assert checked(again, CHOSEN)[0] == 429


def test_form_and_live_check_share_their_questions(read):
    reserve(read(TARO), CHOSEN)
    citizen = read()
    for number in range(29):
        assert reserve(citizen, CHOSEN).status == checked(citizen, f"SUZUKITARO{number:04}")[0] == 200
    assert reserve(citizen, CHOSEN).status == 200
    assert (reserve(citizen, CHOSEN).status, checked(citizen, CHOSEN + "X")[0]) == (429, 200)


def test_the_live_check_of_a_page_that_was_refused_says_no_other_thing_than_the_page(read):
    for mykey_id in (CHOSEN, OTHER, CHOSEN):
        reserve(citizen := read(), mykey_id)
    assert "前にあなたが仮登録したもの" in checked(citizen, CHOSEN)[1]
    assert "もう使われています" not in checked(citizen, OTHER)[1]


def test_the_live_check_ends_with_the_card_session(read):
    citizen = read()
    citizen.post("/registration")
    assert checked(citizen, CHOSEN)[0] == 410


@pytest.mark.parametrize("form", ["/registration", "/registration/reservation"])
def test_the_stop_code_is_shown_on_the_page_of_the_card_session_that_made_it_alone(read, app, form):
    citizen = read()
    page = citizen.post(form, mykey_id=CHOSEN)
    [row] = rows(app, StopCode)
    [code] = [word for word in page.words.split() if word.count("-") == 3]
    assert services(app).stop_codes._hash(code.replace("-", "")) == row.code_hash
    assert code in citizen.get("/registration").words
    again = read().post("/registration/reservation", mykey_id=OTHER)
    assert (code in again.words, "停止コード" in again.words) == (False, False)


def test_the_slip_shows_what_the_counter_needs_and_where_the_chain_stood(read, app):
    citizen = read()
    code = next(word for word in reserve(citizen).words.split() if word.count("-") == 3)
    page = citizen.get("/account/slip")
    [reservation] = rows(app, Reservation)
    number = reservation.receipt_number
    with app.app_context():
        head = services(app).audit.head()
    for shown in (f"{number[:4]}-{number[4:8]}-{number[8:]}", CHOSEN, "2027年2月21日", "https://id.example.jp/audit"):
        assert shown in page.words
    assert head.digest in "".join(page.words.split())
    assert code not in page.words
    [drawing] = [svg for svg in page.all("svg") if svg.get("class") == "qr"]
    assert "style" not in drawing


def test_there_is_no_slip_without_a_reservation_or_without_signing_in(read, app):
    citizen = read()
    citizen.post("/registration")
    assert citizen.get("/account/slip").status == 404
    assert Citizen(app).get("/account/slip").status == 403


def test_a_result_whose_reservation_is_gone_leads_to_the_account(read, app, card_of):
    citizen = read()
    reserve(citizen)
    cancel_reservation(app, card_of())
    citizen.get("/registration")
    assert citizen.address == "/account"
