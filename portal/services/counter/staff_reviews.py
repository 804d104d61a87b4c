"""The review queue: what the rules send to staff, listed once each, closed with a reason."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import scoped_session

from portal.domain.codes import Code
from portal.domain.errors import AskAgain, PortalError, StaffReview
from portal.models import Review
from portal.services.record.audit import Audit, Event


@dataclass(frozen=True)
class Reviews:
    """Open and close what only staff may decide."""

    database: scoped_session[Any]
    clock: Callable[[], datetime]
    audit: Audit

    def open(self, error: StaffReview) -> None:
        """List something, or list it again, unless it waits already; an act of its own, and the caller commits."""
        key = f"{error.code}:{error.about}"
        review = Review(review_key=key, code=error.code, facts=error.facts, opened_at=self.clock())
        try:
            with self.database.begin_nested():
                self.database.add(review)
        except IntegrityError:  # listed before, perhaps by another tab just now
            found = self.database.get_one(Review, key, with_for_update=True, populate_existing=True)
            if found.closed_at is None:
                return
            found.facts, found.opened_at = error.facts, self.clock()
            found.closed_at = found.closed_by = found.reason = None
        self.audit.entry(Event.REVIEW_OPENED, review=key)

    def open_new(self, errors: Iterable[StaffReview]) -> None:
        """List many things at once, none of which can have been listed before."""
        now = self.clock()
        rows = [
            {"review_key": f"{each.code}:{each.about}", "code": each.code, "facts": each.facts, "opened_at": now}
            for each in errors
        ]
        if rows:
            self.database.execute(insert(Review), rows)

    def waiting(self) -> Sequence[Review]:
        """Return what nobody has decided yet, the oldest first, at most a hundred."""
        waiting = select(Review).where(Review.closed_at.is_(None)).order_by(Review.opened_at).limit(100)
        return self.database.scalars(waiting).all()

    def close(self, review_key: str, staff_id: UUID, reason: str) -> None:
        """Close a review with the reason written down, and commit.

        Raises AskAgain reason-missing; PortalError review-not-found.
        """
        if not reason.strip():
            raise AskAgain(Code.REASON_MISSING)
        review = self.database.get(Review, review_key, with_for_update=True, populate_existing=True)
        if review is None or review.closed_at:
            raise PortalError(Code.REVIEW_NOT_FOUND)
        review.closed_at, review.closed_by, review.reason = self.clock(), staff_id, reason.strip()
        self.audit.entry(Event.REVIEW_CLOSED, review=review_key, staff=staff_id, reason=review.reason)
        self.database.commit()
