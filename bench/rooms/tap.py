"""From a card at a terminal's reader to the service ID on the terminal's page, in a real Chromium."""

import random
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from urllib.request import Request, urlopen

from flask import Flask
from playwright.sync_api import Page, sync_playwright
from waitress.server import create_server

from bench.figure import Figure
from bench.setting.crowd import Crowd, gather
from bench.setting.serving import database, production
from portal import create_app
from portal.config import Settings
from portal.serving.server import SERVER
from tests.e2e.browser import ARGUMENTS, PROGRAM

ROUNDS, PEOPLE = 25, 1000
FOUND = ".found__value"


def run() -> list[Figure]:
    """Return seconds; each tap comes at another moment between two polls."""
    with _portal() as (origin, crowd), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PROGRAM, args=ARGUMENTS)
        page = browser.new_page(base_url=origin)
        page.context.add_cookies([{"name": "mykey-terminal", "value": crowd.token, "url": origin}])
        rounds = [(_page_load(page), _tap_to_page(page, origin, crowd, der)) for der in crowd.certificates[:ROUNDS]]
        browser.close()
    floor, spent = zip(*rounds, strict=True)
    return [
        Figure.of("floor: seconds for one page of the terminal in Chromium", floor),
        Figure.of("seconds from the reader's answer to the service ID on the page (target 0.3)", spent),
    ]


def _page_load(page: Page) -> float:
    begin = monotonic()
    page.goto("/reception/inquiry")
    return monotonic() - begin


def _tap_to_page(page: Page, origin: str, crowd: Crowd, der: bytes) -> float:
    """Press 【読取】, and bring a certificate as the terminal's bridge does."""
    page.click('.read form:has([value="inquiry"]) button')
    page.wait_for_selector(".read--asks")
    sleep(random.uniform(0.2, 0.4))  # noqa: S311
    headers = {"Authorization": f"Bearer {crowd.token}", "Content-Type": "application/json"}
    body = f'{{"certificate": "{b64encode(der).decode()}"}}'.encode()
    begin = monotonic()
    with urlopen(Request(f"{origin}/api/v1/taps", body, headers)):  # noqa: S310 - our own portal
        page.wait_for_selector(FOUND)
    return monotonic() - begin


@contextmanager
def _portal() -> Iterator[tuple[str, Crowd]]:
    with TemporaryDirectory() as folder, database("SQLite", Path(folder)) as url:
        instance = Path(folder) / "instance"
        _, authority = production(instance, url)
        crowd = gather(url, instance, authority, PEOPLE)
        server = create_server(Flask("port"), listen="127.0.0.1:0", **SERVER)
        settings = Settings(
            origin=f"http://127.0.0.1:{server.effective_port}", instance=instance, database_url=url, revocation="none"
        )
        server.application = create_app(settings, demo_reader="http://127.0.0.1:1/")
        threading.Thread(target=server.run, daemon=True).start()
        yield settings.origin, crowd
        server.close()
