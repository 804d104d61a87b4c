"""The one table of what ends while a page is open; every page that rests on one of these says so.

- A card session, waiting or read, lasts for `LIFETIME` in each state. The button gives as much again, at most
  `PROLONGED_AT_MOST` times; then the card is read once more, and what was typed comes back.
- A sign-in lasts until it was not used for `IDLE`. The button uses it, as often as one likes, until `CITIZEN` or
  `STAFF` after its beginning.
"""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from flask import session, url_for

from portal.domain.card_session import PROLONGED_AT_MOST, State
from portal.domain.session_lifetime import CITIZEN, STAFF
from portal.web.access import flow, services
from portal.web.browser_session import server_session

LOOKS = timedelta(seconds=30)
"""A page looks so often."""
WARNED = timedelta(minutes=2) + LOOKS
"""So long before the end the next look warns: two minutes are left then; WCAG 2.2.1 asks for 20 seconds."""
SIGN_INS = {"citizen": ("person_id", CITIZEN, "start.sign_in"), "staff": ("staff_id", STAFF, "staff.sign_in")}


class TimeLeft(NamedTuple):
    """Until when `card` or `sign-in` lasts; `more` while its button prolongs it.

    `address` tells it anew, and takes that button; `again` leads on when it is over.
    """

    what: str
    until: datetime
    left: timedelta
    more: bool
    address: str
    again: str

    @property
    def stage(self) -> str:
        if self.left <= timedelta(0):
            return "over"
        return "soon" if self.left <= WARNED else "calm"

    @property
    def seen(self) -> str:
        """Name what the page says, so that a look brings nothing while it is still true."""
        return f"{self.stage}.{self.until:%H%M}"

    @property
    def look(self) -> str:
        return f"{self.address}?seen={self.seen}"


def time_of_card(card_session_id: UUID | str) -> TimeLeft | None:
    """Say how long this browser's card session lasts; None of any other, and of what has ended."""
    card_session = services().card_sessions.of_browser(UUID(str(card_session_id)), flow())
    if card_session is None or card_session.state == State.ENDED:
        return None
    until, more = card_session.expires_at, card_session.prolonged < PROLONGED_AT_MOST
    views = ("time_left.of_card", "card_sessions.again")
    addresses = (url_for(view, card_session_id=card_session_id) for view in views)
    return TimeLeft("card", until, until - services().clock(), more, *addresses)


def time_of_sign_in(whose: str) -> TimeLeft:
    """Say how long a sign-in lasts, of a citizen or of staff; one that is not there any more is over."""
    now, (name, whole, again) = services().clock(), SIGN_INS[whose]
    unused = end = now
    if name in session:
        unused = server_session().lasts_until(now)
        end = datetime.fromisoformat(session["signed_in_at"]) + whole
    until, address = min(unused, end), url_for("time_left.of_sign_in", whose=whose)
    return TimeLeft("sign-in", until, until - now, unused < end, address, url_for(again))
