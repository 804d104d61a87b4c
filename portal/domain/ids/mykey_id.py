"""A MyKey ID that a citizen chooses: how it is folded, and what is wrong with it."""

from functools import cache
from pathlib import Path
from string import ascii_uppercase, digits

from portal.domain.codes import Code

LENGTH = 14
ALPHABET = frozenset(ascii_uppercase + digits)
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}  # full-width forms of ! to ~
_BLANK = dict.fromkeys(map(ord, " \t\r\n\u00a0\u3000"))


def fold_id(typed: str) -> str:
    """Fold lower case, full width and blanks; what is no ASCII after that stays, to be refused."""
    if typed.isascii() and typed.isalnum():  # as nearly all are
        return typed.upper()
    narrow = typed.translate(_WIDE).translate(_BLANK)
    return narrow.upper() if narrow.isascii() else "".join(c.upper() if c.isascii() else c for c in narrow)


def is_whole(mykey_id: str) -> bool:
    """Tell whether a folded text is 14 characters of the alphabet, chosen or not."""
    return len(mykey_id) == LENGTH and ALPHABET.issuperset(mykey_id)


def problem_of_id(mykey_id: str) -> Code | None:
    """Name what is wrong with a folded ID by itself, or return None.

    The one function for the live check, the form and the counter; whether it is taken, only the database knows.
    """
    if not ALPHABET.issuperset(mykey_id):
        return Code.MYKEY_ID_ALPHABET
    if len(mykey_id) != LENGTH:
        return Code.MYKEY_ID_LENGTH
    if len(set(mykey_id)) == 1 or any(word in mykey_id for word in reserved_words()):
        return Code.MYKEY_ID_RESERVED_WORD
    return None


@cache
def reserved_words() -> tuple[str, ...]:
    """Return the words that no chosen ID may hold: they would pass for an office, or for the system itself."""
    return tuple(Path(__file__).with_name("reserved_words.txt").read_text(encoding="ascii").split())
