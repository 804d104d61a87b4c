"""The documents for people: each is there in the languages it promises, and easy words have their readings."""

import re
from pathlib import Path

import pytest

DOCS = Path("docs")
PEOPLE = ("citizen", "clerk", "shop", "library", "operations", "troubleshooting")
DOCUMENTS = sorted(each for each in DOCS.glob("*.md") if each.name.partition(".")[0] in PEOPLE)
EASY = ("citizen", "troubleshooting")
READ = re.compile(r"[々〆ヶ一-龠]+《[ぁ-ゖー]+》")
KANJI = re.compile("[々〆ヶ一-龠]")


def test_each_document_is_japanese_and_english_and_those_for_citizens_are_easy_too():
    wanted = {f"{name}{language}.md" for name in PEOPLE for language in (".ja", "")}
    assert {document.name for document in DOCUMENTS} == wanted | {f"{name}.easy.md" for name in EASY}


@pytest.mark.parametrize("name", EASY)
def test_every_kanji_of_an_easy_document_has_its_reading(name):
    lines = (DOCS / f"{name}.easy.md").read_text("utf-8").splitlines()
    assert [line for line in lines if KANJI.search(READ.sub("", line))] == []
