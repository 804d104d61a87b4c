"""The review queue: what the rules send to staff, listed once each."""

from collections.abc import Iterable

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from portal.domain.errors import StaffReview
from portal.models import Review
from portal.services.record.audit import Audit, Event
from portal.transactions import Service


class ReviewQueue(Service):
    audit: Audit

    def open(self, error: StaffReview) -> None:
        """List something, or list it again, unless it waits already; with an entry of its own."""
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
        """List many things in one statement, none of which can have been listed before."""
        now = self.clock()
        rows = [
            {"review_key": f"{each.code}:{each.about}", "code": each.code, "facts": each.facts, "opened_at": now}
            for each in errors
        ]
        if rows:
            self.database.execute(insert(Review), rows)
