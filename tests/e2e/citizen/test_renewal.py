"""A record goes on to a new card, is stopped and resumed, and ends: in a real browser, with a bridge not ours."""

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import launch_link, ready, see_state
from tests.e2e.our_bridge import follow, virtual_card
from tests.portal.actors.town import CHOSEN, HANAKO, LIBRARY, NEW


@pytest.fixture
def read(page, keys):
    """Read a card on the waiting page, and come to the page after it."""

    def by(certificate):
        see_state(page, "started")
        page.goto(follow(launch_link(page), virtual_card(certificate, keys[0])))
        page.wait_for_url(lambda url: "/completion" not in url)

    return by


@pytest.fixture
def sign_in(page, read):
    def by(certificate):
        page.goto("/sign-in")
        page.click("main form button")
        read(certificate)
        page.wait_for_url("**/account")

    return by


def make_code(page, read, certificate):
    """Make an 引継ぎコード, from マイページ to its page."""
    page.click('form:has([value="carry-over"]) button')
    read(certificate)
    expect(page.locator(".identifier")).to_contain_text(HANAKO[:4])
    page.click('form[action="/acts"] button')
    expect(page.locator(".code__value")).to_be_visible()
    ready(page)
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.emulate_media(media="print")
    assert page.pdf(format="A4").count(b"/Type /Page\n") == 1
    page.emulate_media(media="screen")
    return page.locator(".code__value").inner_text()


def renew(page, read, certificate, code):
    """Carry the record over to a new card, by way of the start page."""
    page.goto("/")
    page.click('main a[href="/renew"]')
    page.click("main form button")
    read(certificate)
    page.fill("#carry_over_code", code.lower())
    page.click('form[action="/renewal"] button')
    expect(page.get_by_role("status")).to_have_text("正常に引き継がれました。")


def test_a_default_id_goes_over_to_the_new_card_by_the_code_of_the_old_one(page, town, read, sign_in):
    old = town.card()
    town.register(old, LIBRARY)
    service_id = town.look_up(old)
    sign_in(old)
    code = make_code(page, read, old)
    new = town.renewed()
    renew(page, read, new, code)
    expect(page.locator(".identifier")).to_have_text(NEW[:14])
    expect(page.locator("main")).to_contain_text("引き継いだサービスID：1件")
    page.click('main a[href="/account"]')
    expect(page.locator(".identifier")).to_have_text(NEW[:14])
    assert (town.look_up(new), town.look_up(old)) == (service_id, "mykey-id-not-registered")


def test_a_chosen_id_stays_on_the_new_card_and_the_old_one_can_take_it_back(page, town, read):
    old = town.card()
    town.choose(town.register(old, LIBRARY))
    service_id, code = town.look_up(old), town.code_of(old)
    new = town.renewed()
    renew(page, read, new, code)
    expect(page.locator(".identifier")).to_have_text(CHOSEN)
    assert town.look_up(new) == service_id
    page.goto("/renew")
    page.click("main form button")
    read(old)
    page.click('form[action="/renewal"] button')
    expect(page.get_by_role("status")).to_have_text("登録を、読み取ったカードに戻しました。")
    assert (town.look_up(old), town.look_up(new)) == (service_id, "mykey-id-not-registered")


def resume(page, read, certificate):
    """Let a stopped ID work again, from マイページ to the page with the new 停止コード."""
    page.click('form:has([value="resume"]) button')
    read(certificate)
    page.click('form[action="/acts"] button')
    return page.locator(".code__value").inner_text()


def test_a_lost_card_is_stopped_and_the_card_that_was_found_resumes(page, town, read, sign_in):
    card = town.card()
    town.register(card, LIBRARY)
    service_id = town.look_up(card)
    code = town.stop_code_of(card)
    page.goto("/stop")
    page.fill("#stop_code", code)
    page.click('form[action="/stop"] button')
    assert town.look_up(card) == "mykey-id-stopped"
    sign_in(card)
    expect(page.locator("main")).to_contain_text("マイキーIDは止まっています")
    assert resume(page, read, card).replace("-", "") != code
    assert town.look_up(card) == service_id


def test_a_link_that_a_terminal_asked_for_is_made_by_card_and_pin(page, town, read, sign_in):
    card = town.card()
    town.register(card)
    town.ask(card, LIBRARY, "000123")
    sign_in(card)
    page.click('form:has([value="link"]) button')
    read(card)
    expect(page.locator("main")).to_contain_text("000123")
    assert town.look_up(card) == "service-id-not-registered"
    page.click('form[action="/acts"] button')
    expect(page.locator("#message")).to_have_text("サービスIDを登録しました。")
    page.click('main a[href="/account"]')
    expect(page.locator("#waiting-links")).to_have_count(0)
    assert town.look_up(card) == "000123"


def test_a_registration_is_cancelled_with_the_card_and_told_what_ends(page, town, read, sign_in):
    card = town.card()
    town.register(card, LIBRARY)
    sign_in(card)
    page.click('a[href="/account/cancellation"]')
    expect(page.locator("main")).to_contain_text("見本図書館")
    page.click("main form button")
    read(card)
    assert town.look_up(card) != "mykey-id-not-registered"
    page.click('form[action="/acts"] button')
    expect(page.get_by_role("status")).to_have_text("マイキーIDの利用をやめました。")
    assert town.look_up(card) == "mykey-id-not-registered"
    page.goto("/account")
    expect(page.locator("h1")).to_have_text("サインインしていません。")


def test_a_default_id_goes_over_by_a_correspondence_that_operators_confirmed(page, town, read):
    old = town.card()
    town.register(old, LIBRARY)
    service_id, new = town.look_up(old), town.renewed()
    town.correspond(old, new)
    page.goto("/renew")
    page.click("main form button")
    read(new)
    page.click('form[action="/renewal"] button')
    expect(page.get_by_role("status")).to_have_text("正常に引き継がれました。")
    expect(page.locator(".identifier")).to_have_text(NEW[:14])
    assert (town.look_up(new), town.look_up(old)) == (service_id, "mykey-id-not-registered")
