"""axe finds nothing on マイページ, before and after its acts, and on the pages of a renewal."""

import pytest
from playwright.sync_api import expect

from tests.e2e.citizen.test_accessibility import look, page  # noqa: F401 (fixtures)
from tests.portal.actors.town import AFTER_RENEWAL, CHOSEN, LIBRARY, NEW, SHOP, TARO
from tests.portal.citizen.test_undo import Theft


@pytest.fixture
def at(page, portal):  # noqa: F811
    """Give the browser the session of one who stands before a page."""

    def page_of(citizen, address):
        cookie = next(each for each in citizen.client._cookies.values() if each.key == "mykey")
        page.context.add_cookies([{"name": "mykey", "value": cookie.value, "url": portal.origin}])
        page.goto(address)

    return page_of


def test_my_page_and_what_a_card_signs_there(page, town, at, look):  # noqa: F811
    card = town.card()
    person_id = town.register(card, LIBRARY)
    town.ask(card, SHOP, "000123")
    town.do("provisional_registration", "reserve", card, "register", CHOSEN)
    town.code_of(card)
    town.stop(person_id)
    for address in ("/account", "/account/stop", "/account/cancellation"):
        at(town.signed_in(person_id), address)
        look()
    at(town.before(card, "link", service_provider_id=SHOP, service_id="000124"), "/acts")  # nothing to confirm
    look()
    for purpose in ("carry-over", "resume", "link", "unlink", "cancel-reservation", "cancel-registration"):
        at(town.before(card, purpose, service_provider_id=SHOP, service_id="000123"), "/acts")
        look()
        page.click('form[action="/acts"] button')
        page.wait_for_selector(".message-line--success")
        look()


def test_my_page_after_an_undo_and_beside_another_browser(page, town, at, look):  # noqa: F811
    theft = Theft(town)
    theft.moves()
    town.link(theft.thiefs, SHOP, "thiefs-too")
    theft.undoes()
    town.signed_in(theft.person_id)
    at(town.signed_in(theft.person_id), "/account")
    expect(page.locator(".notice--information")).to_contain_text("thiefs-too")
    expect(page.locator('form[action="/account/sessions"] button')).to_be_visible()
    look()


def test_a_renewal(page, town, at, look):  # noqa: F811
    page.goto("/renew")
    look()
    old = town.card()
    town.register(old, LIBRARY)
    code = town.code_of(old)
    new = town.renewed()
    at(town.before(new, "renew"), "/renewal")
    look()
    page.click('form[action="/renewal"] button')
    page.wait_for_selector(".error-text")
    look()
    page.fill("#carry_over_code", code)
    page.click('form[action="/renewal"] button')
    page.wait_for_selector(".message-line--success")
    look()
    at(town.before(new, "renew"), "/renewal")
    look()
    at(town.before(old, "renew"), "/renewal")
    look()
    next_one = town.renewed(TARO, AFTER_RENEWAL)
    town.correspond(new, next_one)
    at(town.before(next_one, "renew"), "/renewal")
    look()
    assert town.current_id(town.person_of(new)) == NEW[:14]
