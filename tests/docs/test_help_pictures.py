"""The pictures of the documents: those that are named are there, no others are, and `make pictures` knows each."""

import re
from pathlib import Path

import pytest

from tests.e2e.help_pictures import FOLDER, LANGUAGES, PICTURES, WINDOW

DOCUMENTS = sorted(Path("docs").glob("*.md"))
SHOWN = re.compile(r"!\[([^]]*)\]\((pictures/help/[^)]+)\)")
LARGEST, ALL_TOGETHER = 60 * 1024, 2_500_000


def shown_in(document):
    return SHOWN.findall(document.read_text("utf-8"))


def test_every_picture_there_is_stands_in_a_document_and_is_one_of_make_pictures():
    named = {Path("docs", address) for document in DOCUMENTS for _, address in shown_in(document)}
    made = {FOLDER / f"{name}.{language}.png" for name in (*PICTURES, *WINDOW) for language in LANGUAGES}
    assert named == set(FOLDER.iterdir()) == made


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_a_document_shows_pictures_of_its_language_with_words_for_who_does_not_see_them(document):
    language = "ja" if document.suffixes[0] in (".ja", ".easy") else "en"
    for words, address in shown_in(document):
        assert words
        assert address.endswith(f".{language}.png")


def test_the_pictures_are_small():
    sizes = {picture: picture.stat().st_size for picture in FOLDER.iterdir()}
    assert [picture for picture, size in sizes.items() if size > LARGEST] == []
    assert sum(sizes.values()) < ALL_TOGETHER
