"""A real Chromium, portals that listen, and cards for a bridge that is not ours."""

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from playwright.sync_api import expect, sync_playwright

from portal.web.language import EASY, LANGUAGE_COOKIE
from tests.conftest import VALID, a_database
from tests.portal.actors.town import Town

from .browser import ARGUMENTS, HEADLESS, PATIENCE, Watch, new_context
from .live import Live


@pytest.fixture(scope="session")
def playwright():
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(playwright):
    browser = playwright.chromium.launch(executable_path=HEADLESS, args=ARGUMENTS)
    yield browser
    browser.close()


@pytest.fixture
def database(request, tmp_path):
    """Journeys run on SQLite, unless one asks for the other."""
    yield from a_database(getattr(request, "param", "sqlite"), request, tmp_path)


@pytest.fixture
def serve(app_with):
    """Serve a portal at a free port of loopback."""
    served = []

    def serve_portal(**options):
        served.append(Live(app_with, **options))
        return served[-1]

    serve_portal.served = served
    yield serve_portal
    for live in served:
        live.stop()


@pytest.fixture
def portal(serve):
    return serve()


@pytest.fixture
def town(portal, authority, keys, clock):
    """Let the town's people act at the portal that listens."""
    return Town(portal.app, authority, keys, clock)


@pytest.fixture
def new_browser(chromium, serve):
    """Open a browser of its own cookies; in the end nothing may have complained or called elsewhere."""
    opened = []

    def open_browser(portal, language="ja", **options):
        locale = "ja" if language == EASY else language
        context = new_context(chromium, base_url=portal.origin, locale=locale, **options)
        if language == EASY:
            context.add_cookies([{"name": LANGUAGE_COOKIE, "value": EASY, "url": portal.origin}])
        opened.append((context, Watch(context)))
        return context

    yield open_browser
    for context, _ in opened:
        context.close()
    for _, watch in opened:
        watch.check([live.port for live in serve.served])


@pytest.fixture
def browser(new_browser, portal):
    return new_browser(portal)


@pytest.fixture
def page(browser):
    return browser.new_page()


@pytest.fixture(scope="session")
def card_of():
    """Make what the other bridge takes for a card."""

    def card(certificate, key):
        numbers = key.private_numbers()
        der = certificate.public_bytes(Encoding.DER)
        return {"certificate": der, "modulus": numbers.public_numbers.n, "exponent": numbers.d}

    return card


@pytest.fixture(scope="session")
def card(authority, keys, card_of):
    return card_of(authority.issue(public_key=keys[0].public_key(), **VALID), keys[0])
