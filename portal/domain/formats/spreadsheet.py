"""CSV as spreadsheets write and read it: what they would run, what they put around a text, what they make of one."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence

BOM = "\ufeff"
_WOULD_RUN = ("=", "+", "-", "@", ";", "\N{MINUS SIGN}")
_DRESSED = re.compile(r"['‘’]+(.*)|=?\s*[\"“”]([^\"“”]*)[\"“”]", re.DOTALL)
_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_MONTH, _DAY = "(?:0?[1-9]|1[0-2])", "(?:0?[1-9]|[12][0-9]|3[01])"
_REWRITTEN = re.compile(
    rf"""
    -?[0-9]{{1,3}}(?:[.,][0-9]+E[+-]?|E[+-])[0-9]{{1,3}}|[0-9]{{5,}}\.0+|[0-9]{{1,3}}(?:,[0-9]{{3}})+    # 2.80212E+12
    |(?:(?:明治|大正|昭和|平成|令和)?[0-9元]{{1,4}}年)?{_MONTH}月(?:{_DAY}日)?                       # 1月2日 out of 1-2
    |(?:19|20)[0-9]{{2}}/{_MONTH}/{_DAY}(?:\s[0-9:]+)?|{_MONTH}/{_DAY}/(?:[0-9]{{2}}){{1,2}}
    |(?:19|20)[0-9]{{2}}-{_MONTH}-{_DAY}[\sT][0-9:.]+
    |[0-9]{{1,2}}-(?:{_MONTHS})(?:-[0-9]{{2,4}})?|(?:{_MONTHS})-[0-9]{{2,4}}
    |\#(?:N/A|[A-Z0/]+[!?]|\#+)|Err:[0-9]{{3}}|=.*\(.*\)   # an error, a column that was too narrow, a formula
    """,
    re.VERBOSE | re.IGNORECASE,
)


def guarded(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would run, in any width and after blanks, so that it is text."""
    first = unicodedata.normalize("NFKC", re.sub(r"^[\s']+", "", text)[:1])
    return f"'{text}" if first in _WOULD_RUN or text[:1] in ("\t", "\r", "\n") else text


def undressed(text: str) -> str:
    """Take off what a spreadsheet, or `guarded`, put around a text so that it stays one: '0012, ="0012", "0012"."""
    dressed = _DRESSED.fullmatch(text := text.strip())
    return undressed(dressed[1] or dressed[2] or "") if dressed else text


def is_plain(text: str) -> bool:
    """Tell whether a text is ASCII letters and digits alone, as nearly all are: nothing put around or made of it."""
    return text.isascii() and text.isalnum()


def is_rewritten(text: str) -> bool:
    """Tell whether a spreadsheet made something else of a number: its power of ten, a date, an error."""
    return not is_plain(text) and bool(_REWRITTEN.fullmatch(text))


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    """Write rows as CSV with CRLF, each cell guarded."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([guarded(str(cell)) for cell in row] for row in rows)
    return text.getvalue()
