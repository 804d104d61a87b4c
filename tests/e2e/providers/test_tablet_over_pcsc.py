"""A gym's day on a tablet: operator, `reader-bridge terminal`, cards in a virtual reader over PC/SC, and Chromium."""

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from playwright.sync_api import expect

from demo.virtual_card import ServiceCard, VirtualCard
from examples.circulation_desk import Desk
from portal.serving.worker import Worker
from tests.e2e.gym_counter import GYM, MYKEY_ID, REGISTER, Counter
from tests.e2e.tablets import TOUCH, Tablet
from tests.pcsc.conftest import daemon, pcsc  # noqa: F401 - the same reader
from tests.pcsc.desk.terminal_bridge import SENT, TerminalBridge
from tests.portal.providers.test_circulation_desk import at_the_desk
from tests.waiting import wait_until

FIRST, SECOND = "0123456789ABCDEF", "04A1B2C3"


def felica(uid=FIRST):
    return ServiceCard(bytes.fromhex(uid), felica=True)


def mifare(uid=SECOND):
    return ServiceCard(bytes.fromhex(uid), felica=False)


@pytest.fixture
def certificate(town):
    certificate = town.card()
    town.register(certificate)
    return certificate


@pytest.fixture
def card(certificate, authority, keys):
    der, root = (each.public_bytes(Encoding.DER) for each in (certificate, authority.certificate))
    return VirtualCard(certificate=der, key=keys[0], authority_certificate=root)


@pytest.fixture
def bridge(portal, pcsc, tmp_path):  # noqa: F811
    bridge = TerminalBridge(portal.origin, tmp_path, pcsc)
    yield bridge
    bridge.end()


@pytest.fixture
def desk(portal, clock):
    """Give the example's desk at a port, and let the portal send its messages as `mykey serve` does."""
    desk, sending = Desk("whsec_AAAA", lambda: clock().timestamp()), Worker(portal.app)
    with at_the_desk(desk) as desk.port:
        sending.start()
        yield desk
        sending.stop()


@pytest.fixture
def at_the_counter(portal, town, pcsc, bridge, desk, new_browser):  # noqa: ARG001, F811
    """Enrol a terminal from its operator's page on; return its counter, and the secret is the desk's."""

    def enrolled(language="ja"):
        counter = Counter(portal, pcsc, language, new_browser)
        secret, codes = counter.set_up(desk.port)
        desk.key = Desk(secret).key
        counter.enrol(bridge, codes)
        return counter

    return enrolled


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_card_is_linked_linked_again_replaced_looked_up_and_handed_over(
    language, at_the_counter, card, desk, portal, town, certificate
):
    counter = at_the_counter(language)
    words = counter.words
    counter.begin(card)
    counter.read("service-card")
    counter.tap(card)
    counter.see(words.no_service_card, "refused-at-step-2")
    counter.tap(felica())
    counter.see(FIRST, "both-read")
    counter.press(REGISTER)
    counter.see(words.registered, "registered")
    counter.over()
    counter.link(card, felica(), FIRST)
    counter.see(words.already, "already-the-same")
    expect(counter.page.locator('[name="replaces"]')).to_have_count(0)
    counter.over()
    counter.link(card, mifare(), SECOND)
    counter.see(words.already, "already")
    counter.press('form:has([name="replaces"]) button')
    counter.see(words.replaced, "replaced")
    counter.over()
    counter.inquire()
    counter.tap(card)
    expect(counter.page.locator(".found__value")).to_have_text(SECOND)
    counter.see(words.found, "found")
    wait_until(lambda: desk.patron == SECOND)
    desk.patron = None
    with town.app.app_context():
        token = town.services.enrolment.enrol_bridge(town.services.terminals.add(GYM, "貸出機")[1].bridge)[1]
    der = certificate.public_bytes(Encoding.DER)
    assert desk.ask(portal.origin, token, der) == desk.patron == SECOND


def test_no_tap_counts_unless_the_page_asks_and_a_revoked_terminal_says_so(
    at_the_counter, card, bridge, portal, town, new_browser, clock
):
    counter, other = at_the_counter(), Tablet(portal, town, new_browser(portal, **TOUCH).new_page())
    running = bridge.running
    other.read()
    counter.tap(card)  # 【読取】 is not pressed here, and there another terminal's page asks
    running.waits_for(SENT, 1)
    counter.page.reload()
    expect(counter.page.locator("#reception-state")).not_to_contain_text(MYKEY_ID)
    expect(other.page.locator(".read--asks")).to_be_visible()
    counter.read()
    clock.forward(seconds=31)
    counter.see(counter.words.late, "late")
    counter.tap(card)
    running.waits_for(SENT, 2)
    counter.page.reload()
    expect(counter.page.locator("#reception-state")).not_to_contain_text(MYKEY_ID)
    for _ in range(2):
        counter.read()
    counter.tap(card)
    counter.see(MYKEY_ID)
    counter.read("service-card")
    counter.revoke()
    expect(counter.page.locator("h1")).to_have_text(counter.words.revoked)
    counter.look("revoked")
    counter.tap(felica())
    assert running.process.wait(timeout=20) == 3
