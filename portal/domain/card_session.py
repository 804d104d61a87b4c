"""States of a card session (bridge-protocol, "The citizen's flow")."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Self

from portal.domain.codes import Code

LIFETIME = timedelta(minutes=5)
"""The longest that a card session stays in one state."""

PROLONGED_AT_MOST = 3
"""How often the citizen may have `LIFETIME` more."""

WRONG_DIGITS = 5
"""That many wrong sets of digits end a card session."""


class State(StrEnum):
    STARTED = "started"
    CLAIMED = "claimed"
    ANSWERED = "answered"
    COMPLETED = "completed"
    ENDED = "ended"


class Ending(StrEnum):
    DONE = "done"
    RESERVED = "reserved"
    """Done as well, by form (2)."""
    FAILED = "failed"
    REFUSED = "refused"
    CLAIMED_TWICE = "claimed-twice"
    CANCELLED = "cancelled"
    REPLACED = "replaced"


class Purpose(StrEnum):
    REGISTER = "register"
    SIGN_IN = "sign-in"
    RENEW = "renew"
    SHOW = "show"
    TEST = "test"
    CARRY_OVER = "carry-over"
    COUNTER_BEFORE = "counter-before"
    COUNTER_AFTER = "counter-after"
    LINK = "link"
    UNLINK = "unlink"
    CANCEL_RESERVATION = "cancel-reservation"
    CANCEL_REGISTRATION = "cancel-registration"
    RESUME = "resume"


AT_COUNTER = frozenset({Purpose.COUNTER_BEFORE, Purpose.COUNTER_AFTER})
"""Purposes that a clerk's browser starts; the clerk stays signed in."""


class Name(StrEnum):
    """By which name a bridge claimed."""

    HANDLE = "handle"
    PAIRING_CODE = "pairing_code"


PASSING = frozenset(
    {
        Code.NO_READER,
        Code.NO_SERVICE,
        Code.ACCESS_DENIED,
        Code.READER_BUSY,
        Code.READER_SILENT,
        Code.NO_CARD,
        Code.CARD_UNREADABLE,
        Code.CARD_SILENT,
        Code.CARD_REMOVED,
        Code.CARD_NOT_SUPPORTED,
        Code.PIN_INCORRECT,
    }
)
"""Failures after which the bridge goes on asking; `resolved` takes the last one back."""

FINAL = frozenset({Code.CERTIFICATE_ABSENT, Code.PIN_BLOCKED, Code.CANCELLED, Code.INTERNAL})
"""Failures that end the card session."""


@dataclass(frozen=True)
class Flow:
    """The waiting page's own copy of the names of its card session: the value of the flow's cookie."""

    secret: str
    handle: str
    pairing_code: str

    @classmethod
    def parse(cls, cookie: str | None) -> Self | None:
        """Read the cookie back, or return None for anything else."""
        parts = (cookie or "").split(".")
        return cls(*parts) if len(parts) == 3 else None  # noqa: PLR2004

    def __str__(self) -> str:
        return f"{self.secret}.{self.handle}.{self.pairing_code}"
