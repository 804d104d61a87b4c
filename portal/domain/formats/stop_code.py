"""停止コード: sixteen characters, the last of which checks the others, so that a typing error is told in the field."""

from portal.domain.codes import Code
from portal.domain.errors import AskAgain
from portal.domain.formats.typed_code import ALPHABET, fold_code

LENGTH = 16
_WITH_LAST = f"{ALPHABET}U"
"""U is in last place alone. With it there are 31, a prime: no wrong character and no swap of two leaves the sum as it
was, since 3 gives each of the sixteen places a weight of its own (ISO/IEC 7064, a pure system)."""


def with_check(characters: str) -> str:
    """Return characters of a code with the one that checks them."""
    total = 0
    for each in characters:
        total = (total + ALPHABET.index(each)) * 3 % len(_WITH_LAST)
    return characters + _WITH_LAST[(1 - total) % len(_WITH_LAST)]


def read_stop_code(typed: str) -> str:
    """Return a code that may be somebody's, however it is typed.

    Raises AskAgain stop-code-mistyped. It tells nothing about whose codes there are: anybody can compute the check.
    """
    code = fold_code(typed)
    if len(code) != LENGTH or not set(code[:-1]) <= set(ALPHABET) or with_check(code[:-1]) != code:
        raise AskAgain(Code.STOP_CODE_MISTYPED)
    return code
