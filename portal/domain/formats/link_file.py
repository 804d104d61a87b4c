"""A file of links that a provider had before: CSV with MyKey ID and service ID, as a spreadsheet writes it."""

import csv
import re
import unicodedata
from codecs import BOM_UTF8
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple

from portal.domain.codes import Code
from portal.domain.formats.spreadsheet import BOM, is_rewritten, undressed
from portal.domain.ids.mykey_id import fold_id
from portal.domain.ids.service_id import visible

HEADER = ["マイキーID", "サービスID"]
_WRITTEN = [(encoding, delimiter) for encoding in ("utf-8", "cp932") for delimiter in ",;"]
_BLANK = [""]
LONGEST_LINE = 1024
"""Bytes; two IDs in quotes take less than a third of it."""
MOST_JOINED = 5
"""Lines that a cell in quotes may go on over."""
KEPT = timedelta(days=1)
"""A loaded file that nobody imports goes after this time."""
_BEFORE_HEADER = re.compile(rb'[\s,;]*|"?sep=."?\s*')


class LinkLine(NamedTuple):
    """A line as it came, and the two cells that were read from it; what is refused has a code."""

    number: int
    came: str
    mykey_id: str = ""
    service_id: str = ""
    code: Code | None = None

    @property
    def is_folded(self) -> bool:
        """Tell whether what is kept differs from what came."""
        return self.came != f"{self.mykey_id},{self.service_id}"


class LinkFileMalformed(ValueError):
    """Say that the first line is not HEADER, in UTF-8 or in the Shift_JIS of Windows."""


def lines_of(content: bytes) -> list[bytes]:
    """Part a file into lines, as Windows, Unix and the Macintosh end them; an end mark of DOS is none."""
    content = content.removeprefix(BOM_UTF8).rstrip(b"\x1a\0")
    end = b"\n" if b"\n" in content else b"\r"
    return content.removesuffix(end).split(end)


def is_blank(line: bytes) -> bool:
    """Tell whether a line is one of those without a character that spreadsheets write below a table."""
    return not line.strip(b' ,;"\t\r')


def read_lines(content: bytes) -> Iterator[LinkLine]:
    """Read the lines after the header one by one; blank ones, and the header again, are passed over.

    Raises LinkFileMalformed.
    """
    lines = lines_of(content)
    place, encoding, delimiter = _opened(lines)
    while place < len(lines):
        number, first = place + 1, lines[place]
        taken, cells = (1, _BLANK) if is_blank(first) else _row(lines[place : place + MOST_JOINED], encoding, delimiter)
        place += taken
        if cells != _BLANK and not _is_header(cells):
            yield _line(number, cells, first[:LONGEST_LINE].decode(encoding, "replace").strip())


def _opened(lines: Sequence[bytes]) -> tuple[int, str, str]:
    """Find where the lines after the header begin, and how the file is written, which the Japanese header shows."""
    place, raw = next(((place, raw) for place, raw in enumerate(lines) if not _BEFORE_HEADER.fullmatch(raw)), (0, b""))
    for encoding, delimiter in _WRITTEN:
        if len(raw) <= LONGEST_LINE and _is_header(_cells(raw, encoding, delimiter)):
            return place + 1, encoding, delimiter
    raise LinkFileMalformed


def _is_header(cells: Sequence[str]) -> bool:
    if "".join(cells).isascii():
        return False
    return ["".join(unicodedata.normalize("NFKC", each).split()).upper() for each in cells] == HEADER


def _row(lines: Sequence[bytes], encoding: str, delimiter: str) -> tuple[int, list[str]]:
    """Return how many lines are one row, and its cells: none where no number of lines is a whole row."""
    for taken in range(1, len(lines) + 1):
        joined = b"\n".join(lines[:taken])
        if len(joined) <= LONGEST_LINE and (cells := _cells(joined, encoding, delimiter)):
            return taken, cells
    return 1, []


def _cells(raw: bytes, encoding: str, delimiter: str) -> list[str]:
    """Return the cells of a row without empty ones after the second, none of what is not whole by itself."""
    try:
        text = raw.decode(encoding).strip("\r\n" + BOM)
        cells = next(csv.reader([text], delimiter=delimiter, skipinitialspace=True, strict=True), [])
    except (UnicodeDecodeError, csv.Error):
        return []
    while len(cells) > len(HEADER) and not cells[-1].strip():
        cells.pop()
    return cells if any(each.strip() for each in cells) else _BLANK


def _line(number: int, cells: Sequence[str], raw: str) -> LinkLine:
    if len(cells) != len(HEADER):
        return LinkLine(number, visible(raw), code=Code.LINK_LINE_MALFORMED)
    mykey_id, service_id = undressed(fold_id(cells[0])), cells[1]
    code = Code.SERVICE_ID_REWRITTEN if is_rewritten(mykey_id) else None
    return LinkLine(number, visible(",".join(cells)), mykey_id, service_id, code)
