"""継続性: what shows that two certificates are one person's."""

from datetime import datetime, timedelta
from enum import StrEnum

from portal.domain.formats.japanese_date import JST

UNDO = timedelta(days=30)
"""How long the old key can undo a move that it did not sign."""
ASIDE = timedelta(days=90)
"""How long what came between a move and its undo is shown."""
CODE_LIFETIME = timedelta(days=365)
LINE_LIFETIME = timedelta(days=365)
VISIT_LIFETIME = timedelta(hours=4)
"""The longest that one visit at the counter takes; both cards are read in it."""
REMINDERS = (timedelta(days=7), timedelta(days=30), timedelta(days=90))
"""So long before a certificate expires, its holder's page says so, each time more plainly."""


class Proof(StrEnum):
    COUNTER = "counter"
    COUNTER_APPROVED = "counter-approved"
    CARRY_OVER = "carry-over"
    CORRESPONDENCE = "correspondence"

    @property
    def of_counter(self) -> bool:
        return self in (Proof.COUNTER, Proof.COUNTER_APPROVED)

    @property
    def may_be_undone(self) -> bool:
        """Tell whether the old key took no part, so that it may still object."""
        return self in (Proof.COUNTER_APPROVED, Proof.CARRY_OVER)


def reminder(not_after: datetime, now: datetime) -> timedelta | None:
    """Return the shortest of REMINDERS within which a certificate expires; None while there is more time."""
    return next((each for each in REMINDERS if not_after - now <= each), None)


def same_birthday(one: datetime, other: datetime) -> bool:
    """Tell whether two certificates expire on the same day of the year in Japan, as those of one person do."""
    return _day(one) == _day(other)


def _day(moment: datetime) -> tuple[int, int]:
    local = moment.astimezone(JST)
    return (2, 28) if (local.month, local.day) == (2, 29) else (local.month, local.day)
