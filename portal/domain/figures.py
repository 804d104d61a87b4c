"""What is counted a day: numbers, and nobody's name."""

from datetime import timedelta
from enum import StrEnum

from portal.domain.codes import Code

DAYS = 14
"""How many days a look at them shows, the present one among them."""

KEPT = timedelta(days=3 * 366)
"""How long a day's figures are kept."""

SILENT = timedelta(days=3)
"""After so long without a call from a terminal somebody should look at it; a weekend is shorter."""

NO_REFUSAL = frozenset(
    {
        *(Code.NOT_FOUND, Code.METHOD_NOT_ALLOWED, Code.HOST_UNKNOWN, Code.FORM_EXPIRED),
        *(Code.SIGN_IN_NEEDED, Code.STAFF_SIGN_IN_NEEDED, Code.SIGNED_IN_ALREADY, Code.CARD_NEEDED),
        *(Code.NO_CARD, Code.CANCELLED, Code.SERVICE_LINK_UNCONFIRMED),
    }
)
"""What refuses nobody: an address that is not there, a session that is over, somebody who goes on, or leaves."""


class Counted(StrEnum):
    """What is counted beside what providers do with an ID (`reception.What`)."""

    REGISTERED = "registered"
    RESERVED = "reserved"
    REFUSED = "refused"
