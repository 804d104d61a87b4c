"""What a provider does with an ID, and how its terminals are set up."""

from datetime import timedelta
from enum import StrEnum
from typing import Any

ARMED = timedelta(seconds=30)
"""How long 【読取】 waits for a tap."""

IDLE = timedelta(minutes=2)
"""How long a page keeps what was read, after the last touch."""

STAYS_ARMED = 3 * IDLE
"""How long a terminal that stays armed goes on without a request from its page, which sends one after each IDLE."""

PRESENT = timedelta(seconds=30)
"""How often a terminal's bridge tells that cards can be read there."""

AWAY = timedelta(seconds=75)
"""After so long without a call from its bridge the page says that no card can be read: two were missed."""

CODE_LIFETIME = timedelta(hours=24)
"""How long an enrolment code is valid."""

PENDING = timedelta(days=7)
"""How long a first link waits for the citizen's PIN."""

EMPTY: dict[str, Any] = dict.fromkeys(("certificate", "mykey_id", "service_id", "problem", "result"))
"""What a terminal's page holds of nobody."""


class What(StrEnum):
    """What a provider did with an ID."""

    LINKED = "linked"
    REPLACED = "replaced"
    LOOKED_UP = "looked-up"
    UNLINKED = "unlinked"


class FirstLinks(StrEnum):
    """Who makes first links: a certificate that was only read may be a copy."""

    STAFFED = "staffed"
    CONFIRMED = "confirmed"


class Handoff(StrEnum):
    """How a terminal hands a service ID over; the screen shows it in any case."""

    SCREEN = "screen"
    WEBHOOK = "webhook"


class Step(StrEnum):
    """What the page of a terminal waits for."""

    CARD = "card"
    SERVICE_CARD = "service-card"
    INQUIRY = "inquiry"


class Outcome(StrEnum):
    """What the page of a terminal tells at the end."""

    REGISTERED = "registered"
    REPLACED = "replaced"
    UNCONFIRMED = "unconfirmed"
    FOUND = "found"
