"""The second clerk, who approves what no card proved: one asks with a reason, another carries out with one."""

from uuid import UUID

from portal.domain.codes import Code
from portal.domain.errors import AskAgain, PortalError
from portal.domain.reason import Reason
from portal.models import Visit
from portal.services.counter.visits import Comparison


def refuse_own(visit: Visit, staff_id: UUID) -> None:
    """Refuse a clerk who may not carry this visit out: before anybody asked another's, after it one's own."""
    if visit.asked_by is None and visit.opened_by != staff_id:
        raise PortalError(Code.VISIT_OF_ANOTHER_CLERK)
    if visit.asked_by == staff_id:
        raise PortalError(Code.APPROVAL_BY_ANOTHER)


def asks(compared: Comparison, staff_id: UUID, reason: Reason | None) -> bool:
    """Let this clerk ask for a second one where one is needed, and tell whether that was it. Raises reason-missing."""
    visit = compared.visit
    if (compared.needs_second_clerk or visit.asked_by) and reason is None:
        raise AskAgain(Code.REASON_MISSING)
    if visit.asked_by or not compared.needs_second_clerk:
        return False
    visit.asked_by, visit.reason = staff_id, reason
    return True
