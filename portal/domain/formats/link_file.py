"""A file of links that a provider had before: CSV with MyKey ID and service ID, as a spreadsheet writes it."""

import csv
import io
from codecs import BOM_UTF8
from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

from portal.domain.codes import Code
from portal.domain.formats.spreadsheet import unguarded
from portal.domain.mykey_id import fold_id

HEADER = ["マイキーID", "サービスID"]
ENCODINGS = ("utf-8", "cp932")
LONGEST_LINE = 1024
"""Bytes; two IDs in quotes take less than a third of it."""
KEPT = timedelta(days=1)
"""A loaded file that nobody imports goes after this time."""


class LinkLine(NamedTuple):
    number: int
    mykey_id: str
    service_id: str


class Refused(NamedTuple):
    """Why a line cannot be taken."""

    number: int
    code: Code


class LinkFileMalformed(ValueError):
    """Say that the first line is not HEADER, in UTF-8 or in the Shift_JIS of Windows."""


def encoding_of(content: bytes) -> str:
    """Tell how a file is written: its Japanese header shows it. Raises LinkFileMalformed."""
    first = content.removeprefix(BOM_UTF8)[:LONGEST_LINE].partition(b"\n")[0]
    for encoding in ENCODINGS:
        if _cells(first, encoding) == HEADER:
            return encoding
    raise LinkFileMalformed


def read_lines(content: bytes) -> Iterator[LinkLine | Refused]:
    """Read the lines after the header one by one; empty ones are passed over. Raises LinkFileMalformed."""
    encoding = encoding_of(content)
    lines = enumerate(io.BytesIO(content.removeprefix(BOM_UTF8)), start=1)
    next(lines)
    for number, raw in lines:
        if not raw.strip():
            continue
        cells = _cells(raw, encoding) if len(raw) <= LONGEST_LINE else []
        if len(cells) == len(HEADER):
            yield LinkLine(number, fold_id(cells[0]), unguarded(cells[1]))
        else:
            yield Refused(number, Code.LINK_LINE_MALFORMED)


def _cells(raw: bytes, encoding: str) -> list[str]:
    """Return the cells of a line, none of one that is not whole by itself."""
    try:
        return next(csv.reader([raw.decode(encoding).rstrip("\r\n")], strict=True), [])
    except (UnicodeDecodeError, csv.Error):
        return []
