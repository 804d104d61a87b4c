"""本登録 and 仮登録: who uses 14 characters, how long a reservation holds, and who stops an ID."""

from datetime import datetime, timedelta
from enum import StrEnum

from portal.domain.codes import Code

CHANGES = 3
"""How often a reservation may be replaced within its period."""


class StringUse(StrEnum):
    """What 14 characters are taken for."""

    DEFAULT = "default"
    CHOSEN = "chosen"
    RESERVED = "reserved"


class ReservationEnding(StrEnum):
    COMPLETED = "completed"
    REPLACED = "replaced"
    CANCELLED = "cancelled"
    DISPLACED = "displaced"
    """By the holder of a card that bore the string before."""


class StoppedBy(StrEnum):
    """How a MyKey ID was stopped."""

    STOP_CODE = "stop-code"
    MY_PAGE = "my-page"
    COUNTER = "counter"


def may_reserve_again(
    mykey_id: str, past: list[tuple[str, datetime, datetime]], now: datetime, period: timedelta
) -> Code | None:
    """Name what forbids one more reservation, or return None.

    `past` holds ID, beginning and end of each earlier reservation of this person.
    """
    if any(earlier == mykey_id and now < end + period and end <= now for earlier, _, end in past):
        return Code.RESERVATION_TOO_SOON
    begun = [begin for _, begin, _ in past]
    return Code.RESERVATION_CHANGES_USED_UP if may_change_from(begun, now, period) else None


def may_change_from(begun: list[datetime], now: datetime, period: timedelta) -> datetime | None:
    """Return when one more reservation may be made, where earlier ones, begun then, leave none now; else None."""
    recent = sorted(begin for begin in begun if begin > now - period)
    return recent[-CHANGES - 1] + period if len(recent) > CHANGES else None
