"""Tryton, an ERP with a till, takes a service ID by configuration alone: a link to its web client."""

import os
import subprocess

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import new_context
from tests.e2e.providers.test_handoff_link import cards  # noqa: F401 (a fixture)
from tests.e2e.systems.running import INSTALLED, running
from tests.e2e.tablets import TOUCH, Tablet
from tests.ports import reserved_port

PROGRAMS, PASSWORD = INSTALLED / "tryton" / "bin", "For-the-test-alone"
CUSTOMERS = {"000123": "見本 花子", "123": "見本 次郎", "0001234": "見本 三郎", "000999": "見本 太郎"}
TEMPLATE = "{origin}/#shop/model/party.party;domain=%5B%5B%22code%22%2C%22%3D%22%2C%22{{service_id}}%22%5D%5D"
CONFIGURATION = """\
[database]
uri = sqlite://
path = {folder}
[web]
listen = localhost:{port}
root = {client}
"""

SET_UP = """\
pool.get("party.party").create({customers})
steps = pool.get("ir.module.config_wizard.item")
steps.write(steps.search([]), {{"state": "done"}})
transaction.commit()
"""


@pytest.fixture(scope="module")
def tryton(tmp_path_factory):
    """Serve a Tryton with four customers, three of whose numbers are hardly different."""
    folder, port = tmp_path_factory.mktemp("tryton"), reserved_port()
    configuration = folder / "trytond.conf"
    client = INSTALLED / "node_modules" / "tryton-sao"
    configuration.write_text(CONFIGURATION.format(folder=folder, port=port, client=client))
    (folder / "shop.sqlite").touch()
    (folder / "password").write_text(PASSWORD)
    shop, environment = ("-c", configuration, "-d", "shop"), os.environ | {"TRYTONPASSFILE": str(folder / "password")}
    new = [PROGRAMS / "trytond-admin", *shop, "-u", "party", "--activate-dependencies", "--email", "admin@example.jp"]
    subprocess.run(new, check=True, env=environment, stdin=subprocess.DEVNULL)
    customers = [{"name": name, "code": code} for code, name in CUSTOMERS.items()]
    set_up = SET_UP.format(customers=customers)
    subprocess.run([PROGRAMS / "trytond-console", *shop], check=True, input=set_up, text=True)
    origin = f"http://localhost:{port}"
    with running(PROGRAMS / "trytond", *shop, url=f"{origin}/"):
        yield origin


@pytest.fixture
def browser(chromium, portal):
    """Open a browser that nobody watches: Tryton's own pages complain."""
    context = new_context(chromium, base_url=portal.origin, locale="en", **TOUCH)
    context.set_default_timeout(60_000)
    yield context
    context.close()


@pytest.fixture
def reception(portal, town, browser, tryton):
    """Bind a terminal to a tab of a browser in which somebody is signed in to Tryton."""

    def bound(*, one_window):
        desk = browser.new_page()
        desk.goto(f"{tryton}/#shop")
        desk.fill(".login-dialog #login", "admin")
        desk.press(".login-dialog #login", "Enter")
        desk.fill("input[type=password]", PASSWORD)
        desk.press("input[type=password]", "Enter")
        expect(desk.locator("#menu")).to_contain_text("Parties", timeout=60_000)
        desk.close()
        tablet = Tablet(portal, town, browser.new_page(), stays_armed=True)
        return tablet.lead(TEMPLATE.format(origin=tryton), one_window=one_window)

    return bound


def see_alone(window, service_id):
    """Hold that the system shows this customer, by the whole number, and no other."""
    table = window.locator(".tab-pane.active table.tree tbody tr:visible")
    expect(table).to_have_count(1, timeout=60_000)
    expect(table).to_contain_text(CUSTOMERS[service_id])
    expect(table).to_contain_text(service_id)


def test_a_press_shows_the_customer_who_tapped_and_no_other(reception, cards):  # noqa: F811
    tablet = reception(one_window=False)
    for service_id, card in cards.items():
        tablet.tap(card)
        expect(tablet.page.locator(".found__value")).to_have_text(service_id)
        with tablet.page.context.expect_page() as opened:
            tablet.press("[data-handoff]")
        see_alone(opened.value, service_id)


def test_one_window_shows_each_customer_in_turn(reception, cards):  # noqa: F811
    tablet = reception(one_window=True)
    with tablet.page.context.expect_page() as opened:
        tablet.tap(cards["000123"])
    see_alone(opened.value, "000123")
    for service_id in ("000999", "000123"):
        tablet.tap(cards[service_id])
        see_alone(opened.value, service_id)
    assert len(tablet.page.context.pages) == 2
