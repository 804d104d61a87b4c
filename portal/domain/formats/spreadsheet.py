"""CSV as spreadsheets write and read it: a cell that would be run is written as text, and read back as it was."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

BOM = "\ufeff"
_WOULD_RUN = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")  # some spreadsheets take the wide ones too


def guarded(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would run, and before what looks like that already."""
    return f"'{text}" if _WOULD_RUN.match(text) else text


def unguarded(text: str) -> str:
    """Take the apostrophe of `guarded` off again, and no other one."""
    return text[1:] if text.startswith("'") and _WOULD_RUN.match(text) else text


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    """Write rows as CSV with CRLF, each cell guarded."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([guarded(str(cell)) for cell in row] for row in rows)
    return text.getvalue()
