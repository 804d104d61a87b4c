"""The link into a business system in a real browser: a tab for each press, or one window that follows each tap."""

import pytest
from playwright.sync_api import expect
from werkzeug.wrappers import Response

from tests.e2e.live import Live
from tests.e2e.tablets import TOUCH, Tablet
from tests.portal.actors.town import HANAKO, LIBRARY, TARO


@pytest.fixture
def desk(serve):
    """Serve a business system, at another site than the portal, that notes how it is asked for a patron."""
    asked, live = (
        [],
        Live(lambda **_: Response("<!doctype html><title>desk</title>", mimetype="text/html"), host="localhost"),
    )
    serve.served.append(live)
    live.before = lambda environ: asked.append(environ) if environ["PATH_INFO"] == "/patron" else None
    live.asked = asked
    return live


@pytest.fixture
def inquiry(portal, town, new_browser, desk):
    """Bind a tablet whose look-ups lead to the desk, and wait for a card."""

    def leading(*, one_window):
        tablet = Tablet(portal, town, new_browser(portal, **TOUCH).new_page(), stays_armed=True)
        return tablet.lead(f"{desk.origin}/patron?barcode={{service_id}}", one_window=one_window)

    return leading


@pytest.fixture
def cards(town):
    """Give the cards of two patrons."""
    made = {"000123": town.card(HANAKO), "000999": town.card(TARO)}
    for service_id, card in made.items():
        town.register(card)
        town.link(card, LIBRARY, service_id)
    return made


def test_a_press_opens_a_tab_that_cannot_tell_who_opened_it(inquiry, desk, cards, portal):
    heard, tablet = [], inquiry(one_window=False)
    portal.before = lambda environ: heard.append(f"{environ['REQUEST_URI']} {environ.get('HTTP_REFERER')}")
    for number, (service_id, card) in enumerate(cards.items(), start=1):
        tablet.tap(card)
        expect(tablet.page.locator(".found__value")).to_have_text(service_id)
        assert len(desk.asked) == number - 1
        with tablet.page.context.expect_page() as opened:
            tablet.press("[data-handoff]")
        opened.value.wait_for_url(f"{desk.origin}/patron?barcode={service_id}")
        assert opened.value.evaluate("window.opener") is None
    assert [environ.get("HTTP_REFERER") for environ in desk.asked] == [None, None]
    assert heard
    assert not any(service_id in line for line in heard for service_id in cards)


def test_one_window_follows_each_tap_by_itself(inquiry, desk, cards):
    tablet = inquiry(one_window=True)
    with tablet.page.context.expect_page() as opened:
        tablet.tap(cards["000123"])
    window = opened.value
    window.wait_for_url(f"{desk.origin}/patron?barcode=000123")
    assert window.evaluate("window.opener !== null")  # the risk that its operator is told
    tablet.tap(cards["000999"])
    window.wait_for_url(f"{desk.origin}/patron?barcode=000999")
    tablet.page.reload()  # shows the same patron once more, and opens nothing
    tablet.tap(cards["000123"])
    window.wait_for_url(f"{desk.origin}/patron?barcode=000123")
    assert len(tablet.page.context.pages) == 2
    asked = [(environ["QUERY_STRING"][-6:], environ.get("HTTP_REFERER")) for environ in desk.asked]
    assert asked == [("000123", None), ("000999", None), ("000123", None)]
