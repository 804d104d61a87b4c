"""A MyKey ID that its holder asks the counter to stop: the card is lost, and there is no stop code."""

from uuid import UUID

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.domain.reason import Reason
from portal.domain.registration import StoppedBy
from portal.services.counter.visits import Visits
from portal.services.record.audit import Audit, Event
from portal.services.record.people import People
from portal.transactions import Service, act


class StopOnRequest(Service):
    people: People
    visits: Visits
    audit: Audit

    @act
    def stop(self, visit_number: str, staff_id: UUID, reason: Reason) -> None:
        """Stop the person of this clerk's visit, and sign the person out; the reason says how identity was seen.

        The visit goes on: a new card may be read in it.

        Raises PortalError: visit-not-found, visit-ended, visit-of-another-clerk.
        """
        visit = self.visits.own_visit(visit_number, staff_id)
        person = self.people.lock(visit.person_id, sign_out=True)
        if person.ended_at:
            raise PortalError(Code.VISIT_ENDED)
        if person.stopped_at is None:
            person.stopped_at, person.stopped_by = self.clock(), StoppedBy.COUNTER
            number, person_id = visit.visit_number, visit.person_id
            self.audit.entry(Event.COUNTER_STOPPED, visit=number, person=person_id, staff=staff_id, reason=reason)
