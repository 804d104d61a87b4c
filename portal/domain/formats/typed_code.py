"""Codes that people read and type, such as the pairing code (bridge-protocol)."""

import unicodedata

LONGEST_TYPED = 256
"""Characters that are ever normalised: a long row of accents takes time with its square, and all threads wait. What is
longer is refused whole, never cut."""
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def code_of(random: bytes, length: int) -> str:
    """Make a code from random bytes; 8 bytes more than it needs keep the bias below 2**-60."""
    number, code = int.from_bytes(random), ""
    for _ in range(length):
        number, digit = divmod(number, len(ALPHABET))
        code += ALPHABET[digit]
    return code


def fold_code(typed: str) -> str:
    """Fold what was typed: width, case, then all but letters and digits dropped; a text that is too long is none."""
    narrow = unicodedata.normalize("NFKC", typed) if len(typed) <= LONGEST_TYPED else ""
    return "".join(c for c in narrow.upper() if c.isascii() and c.isalnum())


def grouped(code: str) -> str:
    """Show a code in groups of four: K7QF-4PXW."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))
