import io
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from portal.domain.formats.link_file import HEADER
from portal.web.easy_japanese import READ

PORTAL = Path(__file__).parents[1] / "portal"
TRANSLATIONS = PORTAL / "translations"
KANJI = re.compile("[々〆ヶ一-龠]")
every_other = pytest.mark.parametrize("locale", ["en", "ja@easy"])


def words_in_the_portal():
    with (TRANSLATIONS / "babel.cfg").open(encoding="utf-8") as mapping:
        methods, options = parse_mapping_cfg(mapping)
    keywords = {**DEFAULT_KEYWORDS, "lazy_gettext": None, "_l": None}
    return {found[2] for found in extract_from_dir(PORTAL, methods, options, keywords)}


def source(locale):
    return TRANSLATIONS / locale / "LC_MESSAGES" / "messages.po"


def catalogue(locale) -> Catalog:
    with source(locale).open("rb") as file:
        return read_po(file, locale=locale)


def entries(locale):
    return [message for message in catalogue(locale) if message.id]


def told(locale):
    """Give what is said in a language; a file's first line is as it is."""
    return {each.id: each.string.replace(",".join(HEADER), "") for each in entries(locale)}


@every_other
def test_every_japanese_word_is_said(locale):
    said = {message.id for message in entries(locale) if message.string}
    assert words_in_the_portal() - said == set()


@every_other
def test_nothing_is_left_of_words_that_are_gone(locale):
    assert {message.id for message in entries(locale)} - words_in_the_portal() == set()


@every_other
def test_no_translation_is_a_guess(locale):
    assert [message.id for message in entries(locale) if message.fuzzy] == []


@every_other
def test_every_placeholder_is_kept(locale):
    assert [error for message in entries(locale) for error in message.check()] == []


def test_english_holds_no_japanese():
    assert [each for each, said in told("en").items() if any("\u3041" <= letter <= "\u30ff" for letter in said)] == []


def test_easy_japanese_has_a_reading_over_each_kanji_and_no_other():
    left = {each: READ.sub("", said) for each, said in told("ja@easy").items()}
    assert [each for each, said in left.items() if KANJI.search(said) or re.search("[《》]", said)] == []


@every_other
def test_compiled_catalogue_is_the_one_in_the_source(locale):
    compiled = io.BytesIO()
    write_mo(compiled, catalogue(locale))
    assert source(locale).with_suffix(".mo").read_bytes() == compiled.getvalue()
