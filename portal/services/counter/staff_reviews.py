"""The review queue as staff see it: what waits, and closing it with a reason."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.domain.reason import Reason
from portal.models import Review
from portal.services.record.audit import Audit, Event
from portal.transactions import Service, act, reads


class StaffReviews(Service):
    audit: Audit

    @reads
    def waiting(self) -> Sequence[Review]:
        """Return what nobody has decided yet, the oldest first, at most a hundred."""
        waiting = select(Review).where(Review.closed_at.is_(None)).order_by(Review.opened_at).limit(100)
        return self.database.scalars(waiting).all()

    @act
    def close(self, review_key: str, staff_id: UUID, reason: Reason) -> None:
        """Close a review with the reason written down. Raises PortalError review-not-found."""
        review = self.database.get(Review, review_key, with_for_update=True, populate_existing=True)
        if review is None or review.closed_at:
            raise PortalError(Code.REVIEW_NOT_FOUND)
        review.closed_at, review.closed_by, review.reason = self.clock(), staff_id, reason
        self.audit.entry(Event.REVIEW_CLOSED, review=review_key, staff=staff_id, reason=reason)
