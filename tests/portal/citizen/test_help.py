"""The help: every document as a page, in each language, and every link of it leads somewhere."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from portal.domain.codes import Code
from portal.web import documents
from portal.web.language import LANGUAGE_COOKIE, LANGUAGES
from tests.conftest import sqlite_alone as database  # noqa: F401 (a fixture)
from tests.portal.actors.pages import Citizen

DOCS = Path(__file__).parents[3] / "docs"
NAMES = sorted(file.name.removesuffix(".ja.md") for file in DOCS.glob("*.ja.md"))


@pytest.fixture
def read(app):
    """Read a page in a language."""

    def reading(address, language="ja"):
        reader = Citizen(app)
        reader.client.set_cookie(LANGUAGE_COOKIE, language, domain="id.example.jp")
        return reader.get(address)

    return reading


def links(page):
    return [each["href"] for each in page.all("a") if "href" in each]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_leads_to_every_document_that_is_there(read, language):
    page = read("/help", language)
    assert {f"/help/{name}" for name in NAMES} <= set(links(page))
    assert sorted(documents.names()) == NAMES, "a document that no reader finds"
    assert sorted(name for _, names in documents.READERS for name in names) == NAMES


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_a_document_is_a_page_whose_links_and_pictures_are_there(app, read, name, language):
    page = read(f"/help/{name}", language)
    assert page.status == 200
    ids = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    for link in links(page):
        address, _, anchor = unquote(link).partition("#")
        if not address:
            assert anchor in ids, link
        elif address.startswith("/help"):
            there = read(address, language)
            assert there.status == 200
            assert not anchor or f'id="{anchor}"' in there.response.text, link
    for picture in page.all("img"):
        assert picture["alt"] or picture["src"].startswith("/static/icons/")
        with app.test_client().get(picture["src"], base_url="https://id.example.jp") as sent:
            assert sent.status_code == 200
    assert not re.search(r"[《》]", page.words)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_link_of_every_error_reaches_its_entry(read, language):
    ids = [attributes["id"] for _, attributes in read("/help/errors", language).tags if "id" in attributes]
    assert {code.value for code in Code} - set(ids) == set()
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("address", ["/help/architecture", "/help/threat-model", "/help/nothing", "/help/..%2fREADME"])
def test_no_other_file_is_shown(read, address):
    assert read(address).status == 404


def test_english_readers_are_told_where_a_document_is_in_japanese_alone(read):
    page = read("/help/terms", "en")
    assert {"lang": "ja"} in page.all("h1")
    assert "Japanese" in page.words


def test_lines_join_as_each_language_writes(tmp_path, app, monkeypatch):
    (tmp_path / "terms.ja.md").write_text("# 題\n\n行の\n`終わり`と\n*強い*\nwords\nhere\n", "utf-8")
    monkeypatch.setattr(documents, "FOLDER", tmp_path)
    with app.test_request_context("/help/terms", base_url="https://id.example.jp"):
        body = documents.document.__wrapped__("terms", "ja").body
    assert '行の<code translate="no">終わり</code>と<em>強い</em>\nwords\nhere' in body


def test_html_in_a_document_stays_text_and_what_is_not_for_people_is_no_link(tmp_path, app, monkeypatch):
    text = "# T\n\n<script>x</script> [floors](architecture.md) [up](../x) [e](errors.md#internal) [j](javascript:x)\n"
    (tmp_path / "errors.ja.md").write_text("# E\n")
    (tmp_path / "terms.ja.md").write_text(text + "\n## A B\n\n## a, b\n", "utf-8")
    monkeypatch.setattr(documents, "FOLDER", tmp_path)
    with app.test_request_context("/help/terms", base_url="https://id.example.jp"):
        found = documents.document.__wrapped__("terms", "ja")
    assert "&lt;script&gt;" in found.body
    assert re.findall('<a href="([^"]*)"', found.body) == ["/help/errors#internal"]
    assert "floors" in found.body
    assert found.sections == (("a-b", "A B"), ("a-b-1", "a, b"))


def test_a_picture_is_kept_by_the_browser_and_no_other_file_is_sent(app, tmp_path, monkeypatch):
    (tmp_path / "pictures" / "help").mkdir(parents=True)
    (tmp_path / "pictures" / "help" / "a.png").write_bytes(b"png")
    (tmp_path / "terms.ja.md").write_text("# x")
    monkeypatch.setattr(documents, "FOLDER", tmp_path)
    with app.test_client().get("/help/pictures/a.png", base_url="https://id.example.jp") as sent:
        assert (sent.status_code, sent.mimetype, sent.data) == (200, "image/png", b"png")
        assert "no-store" not in sent.headers["Cache-Control"]
    for other in ("b.png", "../../terms.ja.md", "..%2f..%2fterms.ja.md"):
        assert app.test_client().get(f"/help/pictures/{other}", base_url="https://id.example.jp").status_code == 404
