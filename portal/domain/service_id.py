"""サービスID: its form as each provider has it, its check digit, and how it is read from a card or a bar code."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from types import MappingProxyType

from portal.domain.formats.typed_code import LONGEST_TYPED

LONGEST = 64
LONGEST_PICTURE = 200
GREATEST = "\U0010ffff"
"""Greater than every character of a text, being none itself: programs keep it for their own use."""
_PICTURE = {"9": "[0-9]", "A": "[A-Z]", "X": "[0-9A-Z]"}
_FILLING = {"9": "1234567890", "A": "ABCDEFGHIJ", "X": "1234567890"}
_UID = re.compile(r"(?!08[0-9A-F]{6}$)(?:[0-9A-F]{8}|[0-9A-F]{14}|[0-9A-F]{16}|[0-9A-F]{20})")
"""4, 7 or 10 bytes of ISO 14443-3 A, but no random UID (4 bytes from 08 on); 8 bytes of FeliCa."""


def is_sound(text: str) -> bool:
    """Tell whether a text is 1 to 64 characters in NFC without control characters or outer spaces (bridge-protocol).

    What breaks lines or is never seen as a character of its own (Cf) counts as a control character.
    """
    return (
        1 <= len(text) <= LONGEST
        and text == text.strip() == unicodedata.normalize("NFC", text)
        and not any(unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") for character in text)
        and GREATEST not in text
    )


def accepts(picture: str | None, check_digit: str | None, service_id: str) -> bool:
    """Tell whether a text is a service ID as a provider has them; None for what it did not set."""
    return (
        is_sound(service_id)
        and (picture is None or fits(picture, service_id))
        and (check_digit is None or has_check_digit(check_digit, service_id))
    )


def is_uid(text: str) -> bool:
    """Tell whether a text is the UID of a service card, in upper-case hex (bridge-protocol, "Terminals")."""
    return bool(_UID.fullmatch(text))


def scanned(text: str, picture: str | None = None) -> str:
    """Fold what a scanner or a keyboard wrote: width, outer spaces, and the start and stop of NW-7 (JIS X 0503).

    What the picture lets pass with them keeps them.
    """
    folded = unicodedata.normalize("NFKC", text[:LONGEST_TYPED]).strip()
    if picture and fits(picture, folded):
        return folded
    code = re.fullmatch(r"[A-Da-d]([0-9\-$:/.+]+)[A-Da-d]", folded)
    return code[1] if code else folded


def fits(picture: str, service_id: str) -> bool:
    """Tell whether a service ID has one of the forms between |: 9 a digit, A one of A–Z, X either, all else itself."""
    forms = ("".join(_PICTURE.get(each, re.escape(each)) for each in form) for form in picture.split("|"))
    return any(re.fullmatch(form, service_id) for form in forms)


def _digits(service_id: str) -> list[int]:
    return [int(character) for character in service_id if character in "0123456789"]


def _modulus_10(digits: list[int], weight: int) -> int:
    weighed = (digit * weight if place % 2 == 0 else digit for place, digit in enumerate(reversed(digits)))
    return -sum(weighed) % 10


def _luhn(digits: list[int]) -> int:
    weighed = (sum(divmod(digit * 2, 10)) if place % 2 == 0 else digit for place, digit in enumerate(reversed(digits)))
    return -sum(weighed) % 10


def _modulus_11(digits: list[int]) -> int:
    total = sum(digit * (2 + place % 6) for place, digit in enumerate(reversed(digits)))
    return -total % 11 % 10


CHECK_DIGITS: Mapping[str, Callable[[list[int]], int]] = MappingProxyType(
    {
        "m10w3": lambda digits: _modulus_10(digits, 3),
        "luhn": _luhn,
        "m11": _modulus_11,
        "7dr": lambda digits: int("".join(map(str, digits)) or 0) % 7,
    }
)
"""The last digit of a service ID out of those before it: modulus 10 weight 3 (JAN), Luhn, modulus 11 weights 2 to 7
(10 is written 0), and the rest after 7."""


def example(picture: str, check_digit: str | None) -> str | None:
    """Make a service ID that a picture and a check digit let pass; None where there is none."""
    forms = picture.split("|")
    if len(picture) > LONGEST_PICTURE or not all(is_sound(form) for form in forms):
        return None
    made = (each for form in forms for each in _filled(form))
    return next((each for each in made if check_digit is None or has_check_digit(check_digit, each)), None)


def _filled(form: str) -> list[str]:
    """Fill a form ten times; the last place that takes a digit takes each one."""
    places = [_FILLING.get(each, each * 10)[place % 10] for place, each in enumerate(form)]
    last = max((place for place, each in enumerate(form) if each in "9X"), default=len(form))
    return ["".join([*places[:last], str(digit), *places[last + 1 :]][: len(form)]) for digit in range(10)]


def has_check_digit(kind: str, service_id: str) -> bool:
    """Tell whether the last digit is the check digit of the others."""
    *digits, last = _digits(service_id) or [-1]
    return bool(digits) and CHECK_DIGITS[kind](digits) == last
