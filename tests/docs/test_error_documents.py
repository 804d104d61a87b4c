"""docs/errors: an entry for every stable code of both programs, with the words that people see."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from portal.domain.codes import Code
from portal.web.problems import PROBLEMS, any_request, card, citizen
from reader_bridge.words.error_sentences import ERRORS
from reader_bridge.words.portal_refusals import PORTAL_REFUSALS

ROOT = Path(__file__).parents[2]
BRIDGE = set(ERRORS) | set(PORTAL_REFUSALS)
OF_CITIZENS = {code.value for wing in (any_request, card, citizen) for code in wing.ROWS} - {Code.PUT_ASIDE}
FILES = {"ja": "errors.ja.md", "en": "errors.md", "ja@easy": "errors.easy.md"}
NEXT = {"ja": "- 次にすること：", "en": "- Next: ", "ja@easy": "- 次《つぎ》に する こと："}
each_language = pytest.mark.parametrize("language", FILES)
each_whole_one = pytest.mark.parametrize("language", ["ja", "en"])


def entries(language):
    """Return the text of each entry by its code, in the order of the document; the Markdown's escapes are taken off."""
    text = (ROOT / "docs" / FILES[language]).read_text("utf-8").replace("\\", "")
    return re.findall(r"^### (.+)\n\n((?:(?!#).*\n)*)", text, re.MULTILINE)


def said(language):
    """Return how a language says what the portal's code has in Japanese."""
    if language == "ja":
        return lambda words: words
    with (ROOT / "portal" / "translations" / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return {message.id: message.string for message in read_po(file)}.get


@each_whole_one
def test_every_code_of_both_programs_has_one_entry(language):
    codes = [code for code, _ in entries(language)]
    assert len(codes) == len(set(codes))
    assert set(codes) == {code.value for code in Code} | BRIDGE


def test_every_code_that_a_citizen_meets_has_an_entry_in_plain_japanese():
    codes = {code for code, _ in entries("ja@easy")}
    assert OF_CITIZENS <= codes <= {code.value for code in PROBLEMS}


@each_language
def test_an_entry_begins_with_the_words_on_the_screen_and_says_more(language):
    in_language = said(language)
    for code, text in entries(language):
        title, _, rest = text.removeprefix("**").partition("**\n")
        if code in set(PROBLEMS):
            assert title == in_language(PROBLEMS[Code(code)].title._args[0]), code
        elif code in ERRORS:
            assert title == ERRORS[code][language == "en"]
        assert title, code
        assert len(rest) > 15, code
        assert NEXT[language] in rest or code in BRIDGE, code


def test_the_documents_name_the_same_codes_in_the_same_order():
    assert [code for code, _ in entries("ja")] == [code for code, _ in entries("en")]
    plain = [code for code, _ in entries("ja@easy")]
    assert plain == [code for code, _ in entries("ja") if code in plain]
