"""Every case of the field has its test: docs/field-cases.md names them."""

import re
from pathlib import Path

ROWS = re.findall(r"^\| (\d+) \|.*\| `(test_\w+)` \|$", Path("docs/field-cases.md").read_text("utf-8"), re.MULTILINE)


def test_the_rows_are_numbered_and_each_names_a_test_that_is_there():
    there = "".join(
        path.read_text("utf-8") for room in ("bridge", "pcsc") for path in Path("tests", room).rglob("*.py")
    )
    assert [int(number) for number, _ in ROWS] == list(range(1, 37))
    assert [name for _, name in ROWS if f"\ndef {name}(" not in there] == []
