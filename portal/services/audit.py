"""What happened to whom, for the operator: one line of JSON an event, never a PIN, a token or a whole MyKey ID."""

import json
import logging
from enum import StrEnum

_log = logging.getLogger("portal.audit")


class Event(StrEnum):
    """Each is source:subject:action."""

    CLAIMED_TWICE = "bridge:card-session:claimed-twice"
    TOKEN_REFUSED = "bridge:token:refused"  # noqa: S105
    COMPLETION_REFUSED = "citizen:card-session:completion-refused"
    DIGITS_REFUSED = "citizen:card-session:digits-refused"
    REGISTERED = "citizen:mykey-id:registered"
    CARD_REFUSED = "citizen:card-session:card-refused"
    SIGNED_IN = "citizen:session:signed-in"
    STAFF_ADDED = "operator:staff:added"
    STAFF_LINK_MADE = "operator:staff:link-made"
    STAFF_SUSPENDED = "operator:staff:suspended"
    STAFF_RESUMED = "operator:staff:resumed"
    PASSKEYS_FORGOTTEN = "operator:passkey:forgotten"
    PASSKEY_ADDED = "staff:passkey:added"
    STAFF_SIGNED_IN = "staff:session:signed-in"
    STAFF_REFUSED = "staff:session:refused"


def record(event: Event, **facts: object) -> None:
    """Write one event with its facts to the log `portal.audit`."""
    _log.info(json.dumps({"event": event, **facts}, default=str, ensure_ascii=False))


def masked(mykey_id: str) -> str:
    """Show enough of a MyKey ID to talk about it: 1C24…GEL."""
    return f"{mykey_id[:4]}…{mykey_id[-3:]}"
