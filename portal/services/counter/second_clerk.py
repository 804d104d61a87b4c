"""The second clerk: where the old card is gone, or a time to object would end, one clerk asks and another carries out.

Nobody approves his own act.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.domain.reason import Reason
from portal.models import Visit
from portal.services.record.audit import Audit, Event
from portal.transactions import Service, act, reads


class SecondClerk(Service):
    audit: Audit

    @reads
    def waiting(self) -> Sequence[Visit]:
        """Return the visits that wait for a second clerk, the oldest first."""
        waiting = (Visit.asked_by.is_not(None), Visit.ended_at.is_(None), Visit.expires_at > self.clock())
        return self.database.scalars(select(Visit).where(*waiting).order_by(Visit.opened_at).limit(100)).all()

    def refuse_own(self, visit: Visit, staff_id: UUID) -> None:
        """Refuse a clerk who may not carry this visit out.

        Raises PortalError: visit-of-another-clerk before anybody asked, approval-by-another for who asked.
        """
        if visit.asked_by is None and visit.opened_by != staff_id:
            raise PortalError(Code.VISIT_OF_ANOTHER_CLERK)
        if visit.asked_by == staff_id:
            raise PortalError(Code.APPROVAL_BY_ANOTHER)

    @act
    def ask(self, visit: Visit, staff_id: UUID, reason: Reason) -> None:
        """Let the visit wait for a second clerk."""
        visit.asked_by, visit.reason = staff_id, reason
        self.audit.entry(
            Event.COUNTER_ASKED, visit=visit.visit_number, person=visit.person_id, staff=staff_id, reason=reason
        )
