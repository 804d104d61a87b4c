import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from portal.domain.formats.link_file import HEADER

PORTAL = Path(__file__).parents[1] / "portal"
TRANSLATIONS = PORTAL / "translations"
ENGLISH = TRANSLATIONS / "en" / "LC_MESSAGES" / "messages.po"


def words_in_the_portal():
    with (TRANSLATIONS / "babel.cfg").open(encoding="utf-8") as mapping:
        methods, options = parse_mapping_cfg(mapping)
    keywords = {**DEFAULT_KEYWORDS, "lazy_gettext": None, "_l": None}
    return {found[2] for found in extract_from_dir(PORTAL, methods, options, keywords)}


def english() -> Catalog:
    with ENGLISH.open("rb") as file:
        return read_po(file, locale="en")


def entries(catalogue):
    return [message for message in catalogue if message.id]


def test_every_japanese_word_has_its_english():
    translated = {message.id for message in entries(english()) if message.string}
    assert words_in_the_portal() - translated == set()


def test_no_english_is_left_of_words_that_are_gone():
    assert {message.id for message in entries(english())} - words_in_the_portal() == set()


def test_no_translation_is_a_guess():
    assert [message.id for message in entries(english()) if message.fuzzy] == []


def test_english_keeps_every_placeholder():
    assert [error for message in entries(english()) for error in message.check()] == []


def test_english_holds_no_japanese():
    told = {m.id: m.string.replace(",".join(HEADER), "") for m in entries(english())}  # a file's first line is as it is
    kana = [japanese for japanese, said in told.items() if any("\u3041" <= letter <= "\u30ff" for letter in said)]
    assert kana == []


def test_compiled_catalogue_is_the_one_in_the_source():
    compiled = io.BytesIO()
    write_mo(compiled, english())
    assert ENGLISH.with_suffix(".mo").read_bytes() == compiled.getvalue()
