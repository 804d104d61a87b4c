"""The municipal counter in a real Chromium: the clerk's browser, the citizen's cards, and our own bridge."""

import pytest
from playwright.sync_api import expect

from tests.e2e.clerks_desk import ClerksDesk
from tests.e2e.staff import sign_in_staff
from tests.portal.actors.at_counter import CHOSEN, NEW_NAME, OLD_NAME

DONE = "手続きが終わりました。"


@pytest.fixture
def desk_of(portal, new_browser):
    """Sit a clerk at a browser of their own."""

    def sit_down(name="窓口 花子", language="ja"):
        page = new_browser(portal, language).new_page()
        sign_in_staff(portal, page, name)
        return ClerksDesk(page)

    return sit_down


def test_a_reservation_becomes_the_mykey_id_at_the_counter(town, desk_of, clock):
    old, new = town.card(), town.reissued()
    town.register(old)
    town.link(old, "007")
    receipt = town.reserve(old)
    clock.forward(days=1)
    desk = desk_of()
    desk.page.goto(f"/counter#{receipt}")
    desk.begin("本登録の手続きを始める")
    desk.read("前のカードを読み取る", old)
    desk.read("新しいカードを読み取る", new)
    desk.sees("本登録にする")
    desk.finish("本登録にする")
    expect(desk.page.get_by_role("status")).to_have_text(DONE)
    expect(desk.page.locator(".identifier")).to_have_text(CHOSEN)
    assert town.look_up(new) == "007"
    assert town.look_up(old) == "mykey-id-not-registered"


def test_a_default_id_goes_over_to_the_renewed_card(town, desk_of, clock):
    old, new = town.card(), town.reissued(NEW_NAME)
    person_id = town.register(old)
    clock.forward(days=1)
    desk = desk_of()
    desk.search(OLD_NAME[:14].lower())
    desk.begin("カード更新の手続きを始める")
    desk.read("前のカードを読み取る", old)
    desk.read("新しいカードを読み取る", new)
    desk.finish("引き継ぐ")
    desk.sees(DONE)
    assert town.current_id(person_id) == NEW_NAME[:14]


def test_where_the_old_card_is_lost_another_clerk_approves_at_another_browser(town, desk_of, clock):
    person_id = town.register(town.card())
    clock.forward(days=1)
    desk, other = desk_of(), desk_of("窓口 太郎")
    desk.search(OLD_NAME[:14])
    desk.begin("カード更新の手続きを始める")
    desk.page.get_by_role("link", name="前のカードなしで進む").click()
    desk.read("新しいカードを読み取る", town.reissued(NEW_NAME))
    desk.finish("承認を頼む", "紛失届")
    desk.sees("別の職員の承認を待っています。")
    other.page.goto("/counter")
    other.page.locator("#waiting + table a").click()
    other.sees("紛失届")
    other.finish("承認する", "写真で確かめた")
    other.sees(DONE)
    desk.sees(DONE)  # by itself
    assert town.current_id(person_id) == NEW_NAME[:14]


def test_the_demos_button_is_absent_where_the_authority_is_elsewhere(town, desk_of, clock):
    receipt = town.reserve(town.card())
    clock.forward(days=1)
    desk = desk_of()
    desk.search(receipt)
    desk.begin("本登録の手続きを始める")
    expect(desk.page.get_by_role("button", name="デモの認証局")).to_have_count(0)
