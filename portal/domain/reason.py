"""The reason that a member of staff writes down for an act; the audit chain keeps it for ever."""

import unicodedata
from typing import NewType

from portal.domain.codes import Code
from portal.domain.errors import AskAgain

Reason = NewType("Reason", str)
LONGEST = 500


def read_reason(typed: str) -> Reason:
    """Return the reason in one line of at most 500 characters.

    Raises AskAgain: reason-missing; reason-malformed for a longer one, or one with control characters.
    """
    if not (line := " ".join(typed.split())):
        raise AskAgain(Code.REASON_MISSING)
    if len(line) > LONGEST or any(unicodedata.category(each) in ("Cc", "Cf", "Cs") for each in line):
        raise AskAgain(Code.REASON_MALFORMED)
    return Reason(line)


def read_note(typed: str) -> Reason | None:
    """Return such a line where one was written, and None of blanks alone. Raises AskAgain reason-malformed."""
    return read_reason(typed) if typed.split() else None
