"""What a card signed on マイページ: said first, carried out once, shown again."""

import pytest

from portal.models import CarryOverCode, MyKeyIdRecord, Reservation, StopCode
from tests.portal.actors.card_holders import message, rows
from tests.portal.actors.town import CHOSEN, HANAKO, LIBRARY, SHOP, TARO

GONE = "mykey-id-not-registered"


@pytest.fixture
def card(town):
    return town.card()


@pytest.fixture
def hanako(town, card):
    return town.register(card, LIBRARY, SHOP)


def codes_on(page):
    """Return the codes that a page shows in groups."""
    return [word for word in page.words.split() if word.count("-") >= 3]


def test_the_carry_over_code_is_shown_printable_on_the_page_of_the_card_that_made_it(town, card, hanako):
    citizen = town.before(card, "carry-over")
    page = citizen.get("/acts")
    assert HANAKO[:14] in page.words
    assert codes_on(page) == []
    assert not rows(town.app, CarryOverCode)
    page = citizen.post("/acts")
    [code] = codes_on(page)
    assert "カードとは別の所に" in page.words
    assert any("data-print" in each for each in page.all("button"))
    assert codes_on(citizen.post("/acts")) == codes_on(citizen.get("/acts")) == [code]
    assert len(rows(town.app, CarryOverCode)) == 1
    assert citizen.get("/account").status == 200
    assert town.by_code(town.renewed(), code) == hanako


@pytest.mark.usefixtures("hanako")
def test_a_code_that_is_no_longer_in_force_is_not_shown_again(town, card):
    citizen = town.before(card, "carry-over")
    citizen.post("/acts")
    town.code_of(card)
    page = citizen.get("/acts")
    assert (codes_on(page), message(page)) == ([], "この引継ぎコードは、もう使えません。")


def test_a_link_is_taken_off_and_the_other_stays(town, card, hanako):
    town.look_up(card)
    citizen = town.before(card, "unlink", service_provider_id=LIBRARY)
    page = citizen.get("/acts")
    assert "見本図書館" in page.words
    assert LIBRARY in page.words
    assert town.look_up(card) not in ("service-id-not-registered", GONE)
    for _ in range(2):
        assert message(citizen.post("/acts")) == "連携を解除しました。"
    assert (town.look_up(card), len(town.look_up(card, SHOP))) == ("service-id-not-registered", 9)
    assert "見本図書館" not in citizen.get("/account").words.partition("使われた記録")[0]
    assert town.signed_in(hanako).get("/account").status == 200


@pytest.mark.parametrize("provider", ["C-γ1-0001", "<script>"])
@pytest.mark.usefixtures("hanako")
def test_a_link_that_is_not_there_has_no_button(town, card, provider):
    citizen = town.before(card, "unlink", service_provider_id=provider)
    page = citizen.get("/acts")
    assert provider in page.words
    assert len(page.all("button")) == 0
    assert "service-id-not-registered" in citizen.post("/acts").words


def test_a_cancelled_registration_ends_everything_and_signs_out(town, card, hanako):
    other_browser = town.signed_in(hanako)
    citizen = town.before(card, "cancel-registration")
    assert "次のサービスとの連携（2件）は、すべて解除されます。" in citizen.get("/acts").words
    for _ in range(2):
        page = citizen.post("/acts")
        assert message(page) == "マイキーIDの利用をやめました。"
        assert "サインアウトしました" in page.words
    assert not any(each.get("action") == "/sign-out" for each in page.all("form"))
    assert citizen.get("/account").status == other_browser.get("/account").status == 403
    assert town.look_up(card) == GONE
    assert not rows(town.app, StopCode)


def test_a_cancelled_id_is_never_free_and_the_same_card_comes_back_to_it(town, card, hanako):
    town.do("my_page", "cancel_registration", card, "cancel-registration")
    taro = town.card(TARO)
    assert town.do("provisional_registration", "reserve", taro, "register", HANAKO[:14]) == "mykey-id-taken"
    twin = town.card(HANAKO)
    assert town.do("registration", "register", twin, "register") == "mykey-id-conflict"
    assert town.register(card) == hanako
    assert town.current_id(hanako) == HANAKO[:14]
    assert town.look_up(card) == "service-id-not-registered"  # the links do not come back
    assert len(rows(town.app, MyKeyIdRecord)) == 1


def test_a_reservation_is_given_up_with_the_card(town, card, hanako):
    town.do("provisional_registration", "reserve", card, "register", CHOSEN)
    citizen = town.before(card, "cancel-reservation")
    assert CHOSEN in citizen.get("/acts").words
    assert rows(town.app, Reservation)[0].ended_at is None
    for _ in range(2):
        assert message(citizen.post("/acts")) == "仮登録を取り消しました。"
    assert rows(town.app, Reservation)[0].ending == "cancelled"
    taro = town.card(TARO)
    assert town.do("provisional_registration", "reserve", taro, "register", CHOSEN) == town.person_of(taro)
    assert town.current_id(hanako) == HANAKO[:14]


@pytest.mark.usefixtures("hanako")
def test_without_a_reservation_there_is_no_button(town, card):
    page = town.before(card, "cancel-reservation").get("/acts")
    assert "いまは、仮登録がありません。" in page.words
    assert page.all("button") == []


def test_a_stop_is_undone_by_the_card_which_gets_a_new_code(town, card, hanako):
    town.stop(hanako)
    assert town.look_up(card) == "mykey-id-stopped"
    citizen = town.before(card, "resume")
    citizen.get("/acts")
    assert town.look_up(card) == "mykey-id-stopped"
    page = citizen.post("/acts")
    [code] = codes_on(page)
    assert len(town.look_up(card)) == 9
    assert codes_on(citizen.post("/acts")) == [code]
    with town.app.app_context():
        town.services.stop_codes.stop(code.replace("-", ""))
    assert town.look_up(card) == "mykey-id-stopped"
    assert codes_on(citizen.get("/acts")) == []


@pytest.mark.parametrize(
    "purpose", ["carry-over", "link", "unlink", "cancel-registration", "cancel-reservation", "resume"]
)
def test_a_card_that_never_registered_is_told_so(town, purpose):
    citizen = town.before(town.card(TARO), purpose, service_provider_id=LIBRARY, service_id="000123")
    for page in (citizen.get("/acts"), citizen.post("/acts")):
        assert "card-not-registered" in page.words


@pytest.mark.parametrize("purpose", ["register", "renew", "sign-in"])
@pytest.mark.usefixtures("hanako")
def test_a_card_that_signed_for_another_page_has_nothing_here(town, card, purpose):
    citizen = town.before(card, purpose)
    assert "card-needed" in citizen.get("/acts").words
    assert "card-needed" in citizen.post("/acts").words


def test_five_minutes_after_completion_nothing_is_done(town, card, hanako):
    citizen = town.before(card, "cancel-registration")
    citizen.get("/acts")
    town.clock.forward(minutes=5)
    assert citizen.post("/acts").status == 410
    assert town.current_id(hanako) == HANAKO[:14]


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.usefixtures("hanako")
def test_the_page_before_the_button_says_that_the_status_was_not_checked(town, card, language):
    words = {"ja": "有効性確認は行われていません", "en": "not been checked"}[language]
    assert words in town.before(card, "carry-over", language).get("/acts").words
