"""The second clerk: where the old card is gone, or a time to object would end, one clerk asks and another carries out.

Nobody approves his own act.
"""

from uuid import UUID

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.domain.reason import Reason
from portal.models import Visit
from portal.services.record.audit import Audit, Event
from portal.transactions import Service, act


class SecondClerk(Service):
    audit: Audit

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
        self.audit.entry(Event.COUNTER_ASKED, **visit.facts, staff=staff_id, reason=reason)
