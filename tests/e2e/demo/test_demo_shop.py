"""サービスID登録 and 照会 in the demo: the reception app in one window, the provider's card reader in another."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.axe import look_at
from tests.e2e.demo.customer import HANAKO_S, LIBRARY_CARD, NEW_LIBRARY_CARD, SHOP_CARD, Customer
from tests.e2e.demo.running import RunningDemo

SENT = "ポータルに送りました。"


@pytest.fixture
def customer(newcomer_at, demo):
    return Customer(newcomer_at(demo), demo)


def test_a_citizen_links_and_looks_up_at_library_and_shop_and_a_bound_page_and_links_outlast_a_restart(
    newcomer_at, tmp_path
):
    with RunningDemo(tmp_path) as demo:
        newcomer = newcomer_at(demo).begin().insert("hanako").type_pin("1234")
        newcomer.press_register().sees(("", "正常に登録されました。"))
        for place, provider, card in (
            ("shop", "見本商店", SHOP_CARD),
            ("library", "見本図書館", LIBRARY_CARD),
        ):
            customer = Customer(newcomer, demo).go_to(place).open_app()
            expect(customer.app.locator("header")).to_contain_text(provider)
            customer.link("hanako", card).look_up("hanako", card.uid)
            customer.app.close()
        cookies = newcomer.context.cookies()
    with RunningDemo(tmp_path) as demo:
        newcomer = newcomer_at(demo)
        newcomer.context.add_cookies(cookies)
        customer = Customer(newcomer, demo).go_to("library").open_app().look_up("hanako", LIBRARY_CARD.uid)
        customer.read("card").tap("hanako").sees(HANAKO_S).read("service-card").tap(NEW_LIBRARY_CARD.name)
        customer.press("登録").press("新しいサービスIDに替える").sees("正常に登録されました。")


def test_a_card_that_the_portal_refuses_says_so_in_both_windows(customer):
    customer.go_to("library").open_app()
    for card, told, shown in (
        ("expired", "有効期間", "有効期間"),
        ("taro", "マイキーIDがまだ登録されていません。", "マイキーID"),
    ):
        customer.read("card").tap(card, told).sees(shown)


def test_a_code_is_shown_until_it_is_spent_and_another_one_is_made_on_demand(customer):
    customer.go_to("shop")
    first = customer.code()
    customer.open_app().reader.reload()
    expect(customer.reader.locator(".page-code")).to_have_count(0)
    customer.reader.get_by_role("button", name="新しい登録コードを作る").click()
    assert customer.code() != first


def test_the_banner_names_the_readers_of_the_shops(demo):
    assert re.search(r"受付アプリ.*\n.*reception app.*\n\n +http://localhost:\d+/shop\n", demo.said)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_axe_finds_nothing_on_a_shop_s_reader(newcomer_at, demo, language):
    customer = Customer(newcomer_at(demo, language), demo).go_to("library")
    look_at(customer.reader)
    customer.tap("hanako", "")
    expect(customer.reader.locator(".tapped strong")).to_be_visible()
    look_at(customer.reader)
    expect(customer.reader.locator(".tapped")).to_be_focused()
    assert customer.reader.locator("html").get_attribute("lang") == language
    customer.reader.get_by_role("link", name="日本語").click()
    expect(customer.reader.locator("h1")).to_have_text("図書館のカードリーダー")
