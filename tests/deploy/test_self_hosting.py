"""What docs/self-hosting quotes from the pages, from the first operator's link to the first tap, is what they say."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
STEPS = ("8", "9", "10", "11", "12")


@pytest.mark.parametrize(
    ("document", "quotes", "of_page"),
    [("self-hosting.ja.md", "「(.*?)」|【(.*?)】", "id"), ("self-hosting.md", "“(.*?)”", "string")],
)
def test_each_quoted_word_is_on_a_page(document, quotes, of_page):
    with (ROOT / "portal/translations/en/LC_MESSAGES/messages.po").open("rb") as file:
        words = {getattr(message, of_page) for message in read_po(file)}
    text = (ROOT / "docs" / document).read_text("utf-8")
    steps = dict(re.findall(r"^(\d+)\. (.*?)(?=^\d+\. |^## )", text, re.MULTILINE | re.DOTALL))
    quoted = ["".join(found) for number in STEPS for found in re.findall(quotes, steps[number])]
    assert len(quoted) > len(STEPS)
    assert [each for each in quoted if not {each, f"{each}。"} & words] == []
