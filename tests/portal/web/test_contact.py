"""How the operator is reached: at the foot of each page, beside each error, and by the number that the log has too."""

import logging
import re

import pytest
from pydantic import ValidationError

from portal.config import Settings
from tests.conftest import sqlite_alone as database  # noqa: F401 (a fixture)
from tests.portal.actors.pages import Citizen

CONTACT = {
    "address": "例示市1-2-3",
    "telephone": "03-1234 5678",
    "hours": "平日 9時〜17時",
    "mail": "a@example.jp",
}


@pytest.fixture
def citizen(app_with):
    """Give a browser at a portal whose operator is reached in every way."""
    settings = {f"operator_{name}": value for name, value in CONTACT.items()}
    return Citizen(app_with(operator="例示市", card_telephone="0120-00-0000", **settings))


@pytest.mark.parametrize("address", ["/", "/stop", "/about", "/privacy", "/accessibility", "/no-such-page"])
def test_the_contact_is_on_every_page_and_what_is_not_the_states(citizen, address):
    page = citizen.get(address)
    footer = page.response.text.partition("<footer")[2]
    assert all(value in footer for value in ("運営：例示市", *CONTACT.values()))
    assert {"tel:03-12345678", "mailto:a@example.jp"} <= {each.get("href") for each in page.all("a")}
    assert "国の「マイキープラットフォーム」や「マイナポータル」のサイトではありません。" in footer


def test_an_error_has_the_contact_beside_a_number_that_the_log_has_too(citizen, caplog):
    with caplog.at_level(logging.INFO, "portal.web.errors"):
        page = citizen.get("/no-such-page")
    main = page.response.text.partition("<main")[2].partition("</main>")[0]
    [number] = re.findall(r">(\d{3}-\d{3})</strong>", main)
    assert CONTACT["telephone"] in main
    assert caplog.messages == [f"reference {number}: not-found (None)"]
    assert re.findall(r"\d{3}-\d{3} \(404", citizen.post("/no-such-page", part=True).response.text)


def test_what_is_our_own_fault_bears_the_number_beside_its_cause(citizen, caplog, monkeypatch):
    monkeypatch.setattr("portal.routes.citizen.about.render_template", None)
    with caplog.at_level(logging.INFO, "portal.web.errors"):
        page = citizen.get("/about")
    [number] = re.findall(r">(\d{3}-\d{3})</strong>", page.response.text)
    assert caplog.messages == [f"unexpected, reference {number}", f"reference {number}: internal (about.show)"]


def test_the_telephone_of_the_card_is_a_setting(citizen):
    page = citizen.get("/stop?received=yes")
    assert "tel:0120-00-0000" in {each.get("href") for each in page.all("a")}
    assert "停止コードがある方" not in page.words


@pytest.mark.parametrize("name", ["operator_telephone", "operator_mail", "card_telephone"])
@pytest.mark.parametrize("value", ["なし", "javascript:alert(1)", "a@b?subject=x", "<b>"])
def test_what_would_make_no_link_is_refused_by_name(name, value):
    with pytest.raises(ValidationError, match=name):
        Settings(origin="https://id.example.jp", **{name: value})
