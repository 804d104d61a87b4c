"""What an examination found, as lines to read, or as a report to copy: no certificate, no ID, no secret."""

import os
import platform
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

from reader_bridge import __version__
from reader_bridge.desktop.doctor import Finding
from reader_bridge.words.language import Words, plain


def lines(findings: Iterable[Finding], words: Words, marks: tuple[str, str, str] = ("OK", "--", "!!")) -> Iterator[str]:
    """Say each finding; `marks` for what is good, worth a word, and in the way."""
    for finding in findings:
        yield _line(finding, words, marks, plain)


def report(findings: Iterable[Finding], words: Words, now: datetime) -> Iterator[str]:
    """Say them for somebody else: with the program, the system, the time, and each finding's code."""
    yield f"reader-bridge {__version__}, Python {platform.python_version()}, {platform.platform()}"
    yield f"{now.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    for finding in findings:
        yield f"{_line(finding, words, ('OK', '--', '!!'), _without_ids)} [{finding.code}]"


def in_the_way(findings: Iterable[Finding]) -> bool:
    return any(not (finding.good or finding.note) for finding in findings)


def _line(finding: Finding, words: Words, marks: tuple[str, str, str], shown: Callable[[str], str]) -> str:
    good, note, wrong = marks
    mark = good if finding.good else note if finding.note else wrong
    detail = f" ({shown(finding.detail)})" if finding.detail else ""
    return f"[{mark}] {shown(finding.subject)}: {words.say(finding.code)}{detail}"


def _without_ids(text: str) -> str:
    """Leave out the home, which names the person, and what brackets in a reader's name hold: its serial number."""
    return re.sub(r"\([^)]*\)", "(…)", plain(text.replace(os.path.expanduser("~"), "~")))  # noqa: PTH111 (never raises)
