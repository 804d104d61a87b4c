"""One figure of a bench: what it says, and where it comes from rounds how far they lie apart."""

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple, Self


class Figure(NamedTuple):
    """Words that hold the unit, and a number; a room may as well return a plain pair of the two."""

    words: str
    median: float
    low: float | None = None
    high: float | None = None

    @classmethod
    def of(cls, words: str, rounds: Sequence[float]) -> Self:
        """Return the median of the rounds with their range."""
        return cls(words, median(rounds), min(rounds), max(rounds))


def said(number: float | None) -> str:
    """Write a number with three digits, or more where it is large; nothing where there is none."""
    if number is None:
        return ""
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"  # noqa: PLR2004
