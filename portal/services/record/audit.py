"""The audit: a hash chain of acts in the database, and a log of what was refused.

An act's entry is part of the act's transaction. The head row is locked last, because every act needs it: a lock taken
earlier would be held, and make other acts wait, for the whole of the act. A refusal that changes nothing is a line of
JSON in the log `portal.audit`. Neither holds a PIN, a token or a whole MyKey ID.
"""

import json
import logging
from base64 import b64encode
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple, cast

from sqlalchemy import Table, bindparam, select

from portal.models import AuditEntry, AuditHead
from portal.transactions import Service

_log = logging.getLogger("portal.audit")
SALT_BYTES = 12
BATCH_ENTRIES = 1000
"""Entries in one statement."""
# Core statements, built once: every act waits while the head row is locked, so the ORM's overhead would count.
_HEAD, _ENTRIES = cast("Table", AuditHead.__table__), cast("Table", AuditEntry.__table__)
_LOCK_HEAD = select(_HEAD.c.number, _HEAD.c.digest).with_for_update()
_INSERT = _ENTRIES.insert()
_WRITE_HEAD = _HEAD.update().values(number=bindparam("last"), digest=bindparam("written"))


class Event(StrEnum):
    """Each is source:subject:action."""

    # Acts, chained
    REGISTERED = "citizen:mykey-id:registered"
    RESERVED = "citizen:reservation:made"
    RESERVATION_CANCELLED = "citizen:reservation:cancelled"
    CARRY_OVER_MADE = "citizen:carry-over-code:made"
    MOVED = "citizen:certificate:moved"
    MOVE_UNDONE = "citizen:certificate:move-undone"
    UNLINKED = "citizen:service-link:removed"
    CANCELLED = "citizen:registration:cancelled"
    STOPPED = "citizen:mykey-id:stopped"
    RESUMED = "citizen:mykey-id:resumed"
    COUNTER_COMPLETED = "clerk:reservation:completed"
    COUNTER_MOVED = "clerk:certificate:moved"
    COUNTER_STOPPED = "clerk:mykey-id:stopped"
    COUNTER_RESUMED = "clerk:mykey-id:resumed"
    COUNTER_ASKED = "clerk:visit:approval-asked"
    COUNTER_CANCELLED = "clerk:visit:cancelled"
    REVIEW_OPENED = "portal:review:opened"
    REVIEW_CLOSED = "clerk:review:closed"
    FILE_LOADED = "operator:correspondence-file:loaded"
    FILE_CONFIRMED = "operator:correspondence-file:confirmed"
    FILE_DISCARDED = "operator:correspondence-file:discarded"
    PROVIDER_ADDED = "operator:service-provider:added"
    PROVIDER_SUSPENDED = "operator:service-provider:suspended"
    PROVIDER_RESUMED = "operator:service-provider:resumed"
    PROVIDER_SET_UP = "operator:service-provider:set-up"
    HANDOFF_SECRET_MADE = "operator:handoff-secret:made"  # noqa: S105
    HANDOFF_AGAIN = "operator:handoff-message:sent-again"
    TABLE_SEEN = "operator:management-table:seen"
    TERMINAL_ADDED = "operator:terminal:added"
    TERMINAL_CODES_MADE = "operator:terminal:codes-made"
    TERMINAL_SET_UP = "operator:terminal:set-up"
    HANDOFF_LINK_SET = "operator:handoff-link:set"
    TERMINAL_REVOKED = "operator:terminal:revoked"
    TERMINAL_ENROLLED = "provider:terminal:enrolled"
    LINKED = "provider:service-link:made"
    LINK_REPLACED = "provider:service-link:replaced"
    LINK_ASKED = "provider:service-link:asked"
    LOOKED_UP = "provider:service-link:looked-up"
    PROVIDER_UNLINKED = "provider:service-link:removed"
    LINKS_LOADED = "provider:link-file:loaded"
    LINKS_IMPORTED = "provider:link-file:imported"
    LINKS_DISCARDED = "provider:link-file:discarded"
    STAFF_ADDED = "operator:staff:added"
    STAFF_NAMED = "operator:staff:named"
    STAFF_LINK_MADE = "operator:staff:link-made"
    STAFF_ROLES_SET = "operator:staff:roles-set"
    STAFF_SUSPENDED = "operator:staff:suspended"
    STAFF_RESUMED = "operator:staff:resumed"
    PASSKEYS_FORGOTTEN = "operator:passkey:forgotten"
    PASSKEY_ADDED = "staff:passkey:added"
    # Refusals and visits, logged
    CLAIMED_TWICE = "bridge:card-session:claimed-twice"
    TOKEN_REFUSED = "bridge:token:refused"  # noqa: S105
    COMPLETION_REFUSED = "citizen:card-session:completion-refused"
    DIGITS_REFUSED = "citizen:card-session:digits-refused"
    CARD_REFUSED = "citizen:card-session:card-refused"
    SIGNED_IN = "citizen:session:signed-in"
    SEARCHED = "clerk:people:searched"
    LINKS_EXPORTED = "provider:service-links:exported"
    TAPPED = "provider:terminal:tapped"
    TERMINAL_REFUSED = "provider:terminal:refused"
    UNLOCKED = "staff:terminal:unlocked"
    CODE_REFUSED = "citizen:code:refused"
    STAFF_SIGNED_IN = "staff:session:signed-in"
    STAFF_REFUSED = "staff:session:refused"


class Head(NamedTuple):
    """Where the chain ends: what a slip carries."""

    number: int
    digest: str


class Audit(Service):
    token_bytes: Callable[[int], bytes]

    def entry(self, event: Event, *, keep: bool = True, **facts: object) -> Head:
        """Add one act to the chain; call it last, just before the act commits.

        Without `keep` the chain holds only the digest of the facts, which another table keeps for a limited time.
        """
        self.database.flush()  # so that the act's own statements run before the lock, not under it
        connection = self.database.connection()
        head = connection.execute(_LOCK_HEAD).one()
        number = head.number + 1
        at = self.clock().replace(microsecond=0)
        details = self._details(facts)
        digest = _linked(head.digest, number, at, event, sha256(details.encode()).digest())
        entry = {
            "number": number,
            "at": at,
            "event": event,
            "details": details if keep else None,
            "details_digest": sha256(details.encode()).digest(),
            "digest": digest,
        }
        connection.execute(_INSERT, entry)
        connection.execute(_WRITE_HEAD, {"last": number, "written": digest})
        return Head(number, digest.hex())

    def digest_of(self, **facts: object) -> bytes:
        """Return the digest of one act's facts, for `entries`."""
        return sha256(self._details(facts).encode()).digest()

    def entries(self, event: Event, digests: Sequence[bytes]) -> None:
        """Add many acts of one kind, whose facts another table keeps; all acts wait, so digests come precomputed."""
        if not digests:
            return
        self.database.flush()
        connection = self.database.connection()
        head = connection.execute(_LOCK_HEAD).one()
        at, last, first = self.clock().replace(microsecond=0), head.digest, head.number + 1
        same = {"at": at, "event": event, "details": None}
        for start in range(0, len(digests), BATCH_ENTRIES):
            rows = []
            for number, digest in enumerate(digests[start : start + BATCH_ENTRIES], start=first + start):
                last = _linked(last, number, at, event, digest)
                rows.append(same | {"number": number, "details_digest": digest, "digest": last})
            connection.execute(_INSERT, rows)
        connection.execute(_WRITE_HEAD, {"last": head.number + len(digests), "written": last})

    def head(self) -> Head:
        """Return where the chain ends now."""
        head = self.database.scalars(select(AuditHead).execution_options(populate_existing=True)).one()
        return Head(head.number, head.digest.hex())

    def holds(self, number: int, digest: str) -> bool:
        """Tell whether the chain still holds what a slip carries."""
        entry = self.database.get(AuditEntry, number)
        return entry is not None and len(digest) == 2 * sha256().digest_size and entry.digest.hex() == digest

    def broken(self) -> tuple[int, int | None]:
        """Walk the whole chain; return how many entries there are, and the number of the first that does not fit.

        Acts may be added during the walk, so it must pass the head read before it, and end no later than the head read
        after it. Otherwise entries at the end could be cut off unnoticed.
        """
        begin, count, last = self.head(), 0, bytes(32)
        before = begin.number == 0
        walk = select(AuditEntry).order_by(AuditEntry.number).execution_options(yield_per=1000)
        with self.database.scalars(walk) as entries:
            for entry in entries:
                count += 1
                if not _fits(entry, count, last):
                    return count, count
                last = entry.digest
                before = before or (count, last.hex()) == begin
        end = self.head()
        reached = end.number > count or end == (count, last.hex())
        return count, None if before and reached else min(count, begin.number, end.number) + 1

    def _details(self, facts: dict[str, object]) -> str:
        """Write the facts compactly, as they are kept for ever; the salt hides them from guesses at their digest."""
        salted = facts | {"salt": b64encode(self.token_bytes(SALT_BYTES)).decode()}
        return json.dumps(salted, default=str, ensure_ascii=False, separators=(",", ":"))


def _fits(entry: AuditEntry, number: int, last: bytes) -> bool:
    """Tell whether an entry is the one of its number after a digest; its details may have been deleted."""
    details = entry.details_digest if entry.details is None else sha256(entry.details.encode()).digest()
    linked = _linked(last, number, entry.at, entry.event, details)
    return (entry.number, entry.details_digest, entry.digest) == (number, details, linked)


def _linked(last: bytes, number: int, at: datetime, event: str, details_digest: bytes) -> bytes:
    text = f"{number}\n{at.astimezone(UTC).isoformat()}\n{event}\n"
    return sha256(last + text.encode() + details_digest).digest()


def record(event: Event, **facts: object) -> None:
    """Write one refusal or visit with its facts to the log `portal.audit`."""
    _log.info(json.dumps({"event": event, **facts}, default=str, ensure_ascii=False))


def masked(mykey_id: str) -> str:
    """Show enough of a MyKey ID to talk about it: 1C24…GEL."""
    return f"{mykey_id[:4]}…{mykey_id[-3:]}"
