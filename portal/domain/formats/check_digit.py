"""Check digits of service IDs, and the bar code NW-7 (JIS X 0503) in which many of them are printed."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

BAR_CODE = re.compile(r"([A-Da-d])([0-9\-$:/.+]+)([A-Da-d])")
"""NW-7 with its start and stop letters."""
_NW7 = "0123456789-$:/.+ABCD"
_MOST_OF_TWO_LETTERS = 6  # A is 16, which is none; D and D are 2 times 3


def _last_digit(rule: Callable[[list[int]], int]) -> Callable[[str], bool]:
    """Make the check whether the last digit of a service ID is what a rule makes of those before it."""

    def holds(service_id: str) -> bool:
        *before, last = [int(each) for each in service_id if each in "0123456789"] or [-1]
        return bool(before) and rule(before) == last

    return holds


def _modulus_10(before: list[int], weight: int) -> int:
    weighed = (digit * weight if place % 2 == 0 else digit for place, digit in enumerate(reversed(before)))
    return -sum(weighed) % 10


def _luhn(before: list[int]) -> int:
    weighed = (sum(divmod(digit * 2, 10)) if place % 2 == 0 else digit for place, digit in enumerate(reversed(before)))
    return -sum(weighed) % 10


def _modulus_11(before: list[int]) -> int:
    total = sum(digit * (2 + place % 6) for place, digit in enumerate(reversed(before)))
    return -total % 11 % 10


def _modulus_16(service_id: str) -> bool:
    """Tell whether the values of NW-7 add up to a multiple of 16, with any start and stop letters where it has none."""
    values, letters = [_NW7.find(each) for each in service_id], 2 if BAR_CODE.fullmatch(service_id) else 0
    missing = -sum(values) % 16
    right = missing == 0 if letters else missing <= _MOST_OF_TWO_LETTERS
    return right and len(values) - letters > 1 and min(values) >= 0


CHECK_DIGITS: Mapping[str, Callable[[str], bool]] = MappingProxyType(
    {
        "m10w3": _last_digit(lambda before: _modulus_10(before, 3)),
        "luhn": _last_digit(_luhn),
        "m11": _last_digit(_modulus_11),
        "7dr": _last_digit(lambda before: int("".join(map(str, before)) or 0) % 7),
        "m16": _modulus_16,
    }
)
"""Whether the last digit of a service ID is right: modulus 10 weight 3 (JAN), Luhn, modulus 11 weights 2 to 7 (10 is
written 0), the rest after 7, and modulus 16 of NW-7, whose last character is one of 16."""
