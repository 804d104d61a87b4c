"""Every case of the field has its test: docs/field-cases.md names them."""

import re
from pathlib import Path

from reader_bridge.words.states import ALL_SENTENCES

CASES = Path("docs/field-cases.md").read_text("utf-8")
ROWS = re.findall(r"^\| (\d+) \|.*\| `(test_\w+)` \|$", CASES, re.MULTILINE)


def test_the_rows_are_numbered_and_each_names_a_test_that_is_there():
    there = "".join(
        path.read_text("utf-8") for room in ("bridge", "pcsc") for path in Path("tests", room).rglob("*.py")
    )
    assert [int(number) for number, _ in ROWS] == list(range(1, 43))
    assert [name for _, name in ROWS if f"\ndef {name}(" not in there] == []


def test_each_sentence_that_a_trouble_is_said_to_have_is_there():
    table = CASES.partition("## What is said")[2].partition("|---|---|\n")[2].partition("\n## ")[0]
    named = set(re.findall("`([a-z0-9-]+)`", table)) - {"doctor"}
    assert len(named) > 20
    assert named <= {*ALL_SENTENCES}
