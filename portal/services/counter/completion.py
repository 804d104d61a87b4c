"""The municipal counter: 仮登録 becomes 本登録, or a record goes on to a new card."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from portal.domain.card_session import Purpose
from portal.domain.codes import Code
from portal.domain.continuity import Proof
from portal.domain.errors import AskAgain, PortalError, StaffReview
from portal.domain.registration import ReservationEnding
from portal.models import CardSession, Visit
from portal.pki.verifier import VerifiedCertificate
from portal.services.counter.visits import Sides, Visits, is_of
from portal.services.record.audit import Audit, Event
from portal.services.record.continuity import Continuity
from portal.services.record.people import People
from portal.services.record.signed_actions import CardActs


@dataclass(frozen=True)
class Counter:
    """What clerks do; each act has a reason, and nobody approves what he asked for himself."""

    acts: CardActs
    people: People
    continuity: Continuity
    visits: Visits
    audit: Audit

    def read(self, card_session_id: UUID, purpose: Purpose, staff_id: UUID) -> UUID:
        """Take what a card signed into the visit that its card session names.

        Raises PortalError: visit-not-found, visit-ended, visit-of-another-clerk, visit-of-another-person,
        certificate-replaced, card-not-registered; PkiError.
        """

        def act(certificate: VerifiedCertificate, card_session: CardSession) -> UUID:
            visit = self.visits.own_visit(card_session.parameters["visit"], staff_id)
            if visit.asked_by:  # the other clerk shall see what is carried out
                raise PortalError(Code.VISIT_WAITS)
            if purpose is Purpose.COUNTER_BEFORE:
                self._read_before(visit, certificate)
            else:
                visit.after = certificate.der
            return visit.person_id

        return self.acts.carry_out(card_session_id, purpose, act)

    def complete(self, visit_number: str, staff_id: UUID, reason: str, *, serial_number: str) -> None:
        """Carry the visit out, in one transaction: old ID retired, new one registered, every service ID kept.

        `serial_number` is that of the new certificate on the clerk's page, which may have been read anew since.

        Where the old card was not read, the clerk who opened asks, and another one carries out.

        Raises AskAgain reason-missing; PortalError: visit-not-found, visit-ended, visit-of-another-clerk,
        approval-by-another, new-card-missing, visit-changed, and what stands in `Sides.problem`; StaffReview; PkiError.
        """
        try:
            self._complete(visit_number, staff_id, _written(reason), serial_number)
        except IntegrityError:  # the new card has registered at this very moment: there is a record to join now
            self.acts.database.rollback()
            self._complete(visit_number, staff_id, _written(reason), serial_number)

    def resume(self, visit_number: str, staff_id: UUID, reason: str) -> None:
        """Undo a stop at the counter, with the card that names the record read here.

        Raises AskAgain reason-missing; PortalError: visit-…, old-card-missing, certificate-replaced.
        """
        reason = _written(reason)
        visit = self.visits.own_visit(visit_number, staff_id)
        if visit.before_read_at is None:
            raise PortalError(Code.OLD_CARD_MISSING)
        person = self.people.lock(visit.person_id)
        if not is_of(visit, self.people.current_certificate(visit.person_id)):
            raise PortalError(Code.CERTIFICATE_REPLACED)
        if person.stopped_at:
            person.stopped_at = None
            self._entry(Event.COUNTER_RESUMED, visit, staff=staff_id, reason=reason)
        self.acts.database.commit()

    def _read_before(self, visit: Visit, certificate: VerifiedCertificate) -> None:
        """Note that the old card has signed: the one that named the person when the visit began."""
        if self.people.registered(certificate) != visit.person_id:
            raise PortalError(Code.VISIT_OF_ANOTHER_PERSON)
        if not is_of(visit, self.people.current_certificate(visit.person_id)):
            raise PortalError(Code.CERTIFICATE_REPLACED)
        visit.before_read_at = self.acts.clock()

    def _complete(self, visit_number: str, staff_id: UUID, reason: str, serial_number: str) -> None:
        visit = self.visits.visit(visit_number, hold=True)
        self._hold(visit)
        sides = self.visits.sides_of(visit)
        if sides.new is None or sides.problem:
            raise PortalError(sides.problem or Code.NEW_CARD_MISSING)
        if sides.new.serial_number != serial_number:
            raise PortalError(Code.VISIT_CHANGED)
        if visit.opened_by != staff_id and visit.asked_by is None:
            raise PortalError(Code.VISIT_OF_ANOTHER_CLERK)
        if visit.asked_by == staff_id:
            raise PortalError(Code.APPROVAL_BY_ANOTHER)
        if sides.old_card_gone and visit.asked_by is None:
            visit.asked_by, visit.reason = staff_id, reason
            self._entry(Event.COUNTER_ASKED, visit, staff=staff_id, reason=reason)
        else:
            self._carry_out(sides, sides.new, staff_id, reason)
        self.acts.database.commit()

    def _hold(self, visit: Visit) -> None:
        """Hold everybody whom the visit is about, so that what is read from now on still holds at its end."""
        if visit.after:
            new = self.acts.verifier.verify_certificate(visit.after, self.acts.clock())
            self.continuity.hold(visit.person_id, new)

    def _carry_out(self, sides: Sides, new: VerifiedCertificate, staff_id: UUID, reason: str) -> None:
        visit, reservation = sides.visit, sides.found.reservation
        chosen = reservation.mykey_id if reservation and sides.completes else None
        proof = Proof.COUNTER_APPROVED if sides.old_card_gone else Proof.COUNTER
        try:
            move = self.acts.attempt(lambda: self.continuity.move(sides.old, new, proof, chosen=chosen))
        except StaffReview as review:
            self.acts.reviews.open(review)
            self.acts.database.commit()
            raise
        if reservation and chosen:
            reservation.ended_at, reservation.ending = self.acts.clock(), ReservationEnding.COMPLETED
        sides.found.person.stopped_at = None
        visit.ended_at, visit.after = self.acts.clock(), None
        facts = {"move": move.move_id, "proof": proof, "asked_by": visit.asked_by, "revocation": new.revocation.value}
        event = Event.COUNTER_COMPLETED if chosen else Event.COUNTER_MOVED
        self._entry(event, visit, staff=staff_id, reason=reason, **facts)

    def _entry(self, event: Event, visit: Visit, **facts: Any) -> None:
        self.audit.entry(event, visit=visit.visit_number, person=visit.person_id, **facts)


def _written(reason: str) -> str:
    """Return the reason without the blanks around it, or raise AskAgain reason-missing."""
    if not (written := reason.strip()):
        raise AskAgain(Code.REASON_MISSING)
    return written
