"""What was refused leads to its entry in the help: on error pages, beside forms, on pages of staff."""

import re

import pytest

from portal.domain.codes import Code
from portal.web import documents
from tests.conftest import sqlite_alone as database  # noqa: F401 (a fixture)
from tests.portal.actors.pages import Citizen

TEMPLATES = documents.FOLDER.parent / "templates"
PAGES = sorted(TEMPLATES.rglob("*.html"))
WHILE_TYPING = {
    f"{each}.html" for each in ("citizen/registration/_check", "operation/providers/_check", "operation/_field_check")
}
BESIDE_ONE = {f"counter/visits/{each}.html" for each in ("_identity", "_new_card")}
BESIDE_ONE |= {
    "card/certificate_viewer/_reasons.html",
    "operation/terminals/_set_up.html",
    "operation/staff_list/_words.html",
    "providers/reception/_message.html",  # a tablet stays in its app
}
"""Parts of a page that has the link."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(TEMPLATES).as_posix())
def test_what_shows_a_problem_links_to_its_entry(page):
    text = page.read_text("utf-8")
    shows = re.search(r"\b(problem|refusal|refused|wrong_digits|in_the_way|error)\.(title|line|next_step)\b", text)
    if shows and page.relative_to(TEMPLATES).as_posix() not in WHILE_TYPING | BESIDE_ONE:
        assert re.search(r"\b(why|code_link|refused)\(|extends \"operation/(list|layout).html\"", text)


def test_an_error_page_links_to_the_entry_of_its_code(app):
    links = [each.get("href") for each in Citizen(app).get("/no-such-page").all("a")]
    assert f"/help/errors#{Code.NOT_FOUND}" in links


def test_under_another_name_the_link_leads_to_the_portals_own(app):
    page = app.test_client().get("/", base_url="https://evil.example").text
    assert 'href="https://id.example.jp/help/errors#host-unknown"' in page
