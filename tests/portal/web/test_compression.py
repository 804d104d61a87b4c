"""The registration page on a slow line: what is sent, how often, and what is never compressed."""

import gzip
from types import SimpleNamespace

import pytest

from tests.conftest import sqlite_alone as database  # noqa: F401 (a fixture)
from tests.portal.actors.pages import Page

BASE = "https://id.example.jp"
SMALL = {"Accept-Encoding": "gzip, br"}


def get(app, address, **headers):
    with app.test_client().get(address, base_url=BASE, headers=headers or SMALL) as response:
        response.get_data()
    return response


def test_the_registration_page_takes_at_most_sixty_kilobytes_over_the_wire(app):
    page = get(app, "/register")
    shown = Page(SimpleNamespace(text=gzip.decompress(page.data).decode(), status_code=page.status_code))
    parts = [each["href"] for each in shown.all("link") if each["rel"] != "canonical"]
    parts += [each["src"] for each in shown.all("script") + shown.all("img")]
    answers = {address: get(app, address) for address in dict.fromkeys(parts)}
    assert len(answers) <= 7
    assert all(address.startswith("/static/") for address in answers)
    sizes = {address: len(answer.data) + len(str(answer.headers)) for address, answer in answers.items()}
    assert len(page.data) + len(str(page.headers)) + sum(sizes.values()) <= 60_000, sizes


@pytest.mark.parametrize(
    "address", ["/", "/card", "/static/css/portal.css", "/static/vendor/htmx/htmx.min.js", "/static/icons/favicon.svg"]
)
def test_what_is_open_to_everybody_is_compressed_for_who_takes_it(app, address):
    small, whole = get(app, address), get(app, address, **{"Accept-Encoding": "gzip;q=0"})
    assert gzip.decompress(small.data) == whole.data
    assert small.content_length == len(small.data) < len(whole.data)
    assert "Accept-Encoding" in str(small.vary)
    assert (small.content_encoding, whole.content_encoding) == ("gzip", None)


@pytest.mark.parametrize(
    "address",
    ["/audit?number=1&digest=0", "/register?agree=no", "/account", "/nowhere", "/static/icons/reception-192.png"],
)
def test_a_page_with_what_a_caller_chose_or_with_a_persons_own_is_not(app, address):
    assert get(app, address).content_encoding is None


def test_a_kept_file_that_was_compressed_is_found_unchanged(app):
    kept = get(app, "/static/css/portal.css")
    again = get(app, "/static/css/portal.css", **SMALL, **{"If-None-Match": kept.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
