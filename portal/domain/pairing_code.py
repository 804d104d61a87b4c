"""The pairing code: eight characters that a citizen carries from the page to the bridge (bridge-protocol)."""

import unicodedata

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_pairing_code(random: bytes) -> str:
    """Make a code of eight characters from 16 random bytes (the bias of the last step is below 2**-60)."""
    number, code = int.from_bytes(random), ""
    for _ in range(8):
        number, digit = divmod(number, len(ALPHABET))
        code += ALPHABET[digit]
    return code


def fold(typed: str) -> str:
    """Fold what was typed: width, case, then all but letters and digits dropped."""
    return "".join(c for c in unicodedata.normalize("NFKC", typed).upper() if c.isascii() and c.isalnum())


def grouped(code: str) -> str:
    """Show a code in two groups: K7QF-4PXW."""
    return f"{code[:4]}-{code[4:]}"
