"""From the card's last answer to the page that the citizen goes on with, in a real Chromium."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from queue import Queue
from tempfile import TemporaryDirectory
from time import monotonic
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from flask import Flask
from playwright.sync_api import Page, sync_playwright
from waitress.server import create_server

from bench.figure import Figure
from demo.authority import Authority
from demo.virtual_card import VirtualCard
from demo.virtual_card.readers import VirtualReaders
from portal import create_app
from portal.config import Settings
from portal.migrations.schema_version import upgrade
from reader_bridge.conversation.session import converse
from reader_bridge.conversation.ui import Consent
from reader_bridge.portal.client import PortalClient
from reader_bridge.portal.origin import Origin
from reader_bridge.portal.replies import Claim
from reader_bridge.portal.settings import Origins
from reader_bridge.portal.settings import Settings as BridgeSettings
from tests.e2e.browser import ARGUMENTS, PROGRAM

ROUNDS = 9


class TimedCard(VirtualCard):
    """Remember when it gave its last answer."""

    answered = 0.0

    def respond(self, command: bytes) -> bytes:
        answer = super().respond(command)
        self.answered = monotonic()
        return answer


class ConversationUI:
    """A citizen who types the PIN at once; `url` gets the page to open."""

    def __init__(self) -> None:
        self.url: Queue[str] = Queue()

    def ask_pin(self, _consent: Consent) -> str:
        return "1234"

    def completion_url(self, url: str) -> None:
        self.url.put(url)

    def reading(self) -> None:
        pass

    def claimed(self, _claim: Claim) -> None:
        pass

    def sending(self) -> None:
        pass

    def stopped(self) -> bool:
        return False

    def problem(self, code: str | None) -> None:
        raise AssertionError(code)

    failed = problem


def run() -> list[Figure]:
    """Return medians in seconds."""
    with _portal() as (origin, card), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PROGRAM, args=ARGUMENTS)
        page = browser.new_page(base_url=origin)
        rounds = [(_page_load(page), _last_answer_to_page(page, origin, card)) for _ in range(ROUNDS)]
        browser.close()
    floor, spent = zip(*rounds, strict=True)
    return [
        Figure.of("floor: seconds for one page of the portal in Chromium", floor),
        Figure.of("seconds from the card's last answer to the page after completion (target 0.3)", spent),
    ]


def _page_load(page: Page) -> float:
    begin = monotonic()
    page.goto("/card")
    return monotonic() - begin


def _last_answer_to_page(page: Page, origin: str, card: TimedCard) -> float:
    page.goto("/register")
    page.check("input[name=agree]")
    page.click("form.form button[type=submit]")
    link = page.get_attribute("a[href^='mykey-bridge:']", "href") or ""
    readers, ui = VirtualReaders(), ConversationUI()
    readers.insert(card)
    known = Origins(BridgeSettings(http_origins=frozenset({origin}), known_origins=frozenset({origin})))
    client, handle = PortalClient(Origin.parse(origin)), parse_qs(urlsplit(link).query)["handle"][0]
    bridge = threading.Thread(target=converse, args=(client, readers, ui), kwargs={"origins": known, "handle": handle})
    bridge.start()
    url = ui.url.get(timeout=30)
    page.goto(url)
    page.wait_for_url("**/registration")
    bridge.join()
    return monotonic() - card.answered


@contextmanager
def _portal() -> Iterator[tuple[str, TimedCard]]:
    year = datetime.now(UTC).year
    begin, end = datetime(year - 1, 1, 1, tzinfo=UTC), datetime(year + 4, 1, 1, tzinfo=UTC)
    authority, key = Authority.create(not_before=begin, not_after=end), rsa.generate_private_key(65537, 2048)
    certificate = authority.issue(public_key=key.public_key(), not_before=begin, not_after=end)
    der, authority_der = (each.public_bytes(Encoding.DER) for each in (certificate, authority.certificate))
    with TemporaryDirectory() as folder:
        (Path(folder) / "trust").mkdir()
        (Path(folder) / "trust" / "demo.pem").write_bytes(authority.pem())
        server = create_server(Flask("port"), listen="127.0.0.1:0", threads=8)
        settings = Settings(origin=f"http://127.0.0.1:{server.effective_port}", instance=Path(folder))
        upgrade(settings.database)
        server.application = create_app(settings, demo_reader="http://127.0.0.1:1/")
        threading.Thread(target=server.run, daemon=True).start()
        yield settings.origin, TimedCard(certificate=der, key=key, authority_certificate=authority_der)
        server.close()
