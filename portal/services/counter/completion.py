"""What a visit is for: 仮登録 becomes 本登録, a record goes on to a new card, an ID is stopped or works again."""

from typing import Any
from uuid import UUID

from portal.domain.card_session import Purpose
from portal.domain.codes import Code
from portal.domain.continuity import Proof
from portal.domain.errors import PortalError, StaffReview, recorded
from portal.domain.reason import Reason
from portal.domain.registration import ReservationEnding, StoppedBy
from portal.models import CardSession, Visit
from portal.pki.verifier import VerifiedCertificate
from portal.services.counter.second_clerk import asks, refuse_own
from portal.services.counter.visits import Comparison, Visits, is_of
from portal.services.record.audit import Audit, Event
from portal.services.record.continuity import Continuity
from portal.services.record.people import People
from portal.services.record.signed_actions import SignedActions
from portal.transactions import Service, act


class Completion(Service):
    signed_actions: SignedActions
    people: People
    continuity: Continuity
    visits: Visits
    audit: Audit

    @act
    def read_card(self, card_session_id: UUID, purpose: Purpose, staff_id: UUID) -> UUID:
        """Take what a card signed into the visit that its card session names.

        Raises PortalError: visit-not-found, visit-ended, visit-of-another-clerk, visit-of-another-person,
        certificate-replaced, card-not-registered; PkiError.
        """

        def taken(certificate: VerifiedCertificate, card_session: CardSession) -> UUID:
            visit = self.visits.unasked(card_session.parameters["visit"], staff_id)
            if purpose is Purpose.COUNTER_BEFORE:
                self._read_before(visit, certificate)
            else:
                visit.after, visit.after_issuer_key_id = certificate.der, certificate.issuer_key_id
            return visit.person_id

        return self.signed_actions.carry_out(card_session_id, purpose, taken)

    @act
    def complete(self, visit_number: str, staff_id: UUID, reason: Reason | None, *, serial_number: str) -> None:
        """Carry the visit out: old ID retired, new one registered, every service ID kept.

        `serial_number` is that of the new certificate on the clerk's page, which may have been read anew since.
        Where the old card was not read, or a key could no longer object to the move before, the clerk who opened
        asks, and a second one carries out, each with a reason.

        Raises PortalError: visit-not-found, visit-ended, visit-of-another-clerk, approval-by-another, identity-missing,
        new-card-missing, visit-changed, and every code of `Comparison.problem`; AskAgain reason-missing; StaffReview;
        PkiError.
        """
        visit = self.visits.visit(visit_number, hold=True)
        if visit.after is None:
            raise PortalError(Code.NEW_CARD_MISSING)
        try:
            self._complete(visit, visit.after, staff_id, reason, serial_number)
        except StaffReview as review:
            self.signed_actions.review_queue.open(review)
            raise recorded(review) from None

    @act
    def stop(self, visit_number: str, staff_id: UUID) -> None:
        """Stop the MyKey ID as its holder asks, without any card, and sign the holder out; the visit goes on.

        Raises PortalError: visit-…, visit-waits, identity-missing.
        """
        visit = self.visits.unasked(visit_number, staff_id)
        _refuse_unidentified(visit)
        person = self.people.lock(visit.person_id, sign_out=True)
        if person.ended_at:
            raise PortalError(Code.VISIT_ENDED)
        if person.stopped_at is None:
            person.stopped_at, person.stopped_by = self.clock(), StoppedBy.COUNTER
            self.audit.entry(Event.COUNTER_STOPPED, **visit.facts, staff=staff_id)

    @act
    def resume(self, visit_number: str, staff_id: UUID, reason: Reason) -> None:
        """Undo a stop at the counter, with the card that names the record read here; that ends the visit.

        Raises PortalError: visit-…, visit-waits, identity-missing, old-card-missing, certificate-replaced.
        """
        visit = self.visits.unasked(visit_number, staff_id)
        if visit.before_read_at is None:
            raise PortalError(Code.OLD_CARD_MISSING)
        _refuse_unidentified(visit)
        person = self.people.lock(visit.person_id, sign_out=True)
        if not is_of(visit, self.people.current_certificate(visit.person_id)):
            raise PortalError(Code.CERTIFICATE_REPLACED)
        if person.stopped_at:
            person.stopped_at = None
            visit.ended_at, visit.after = self.clock(), None
            self.audit.entry(Event.COUNTER_RESUMED, **visit.facts, staff=staff_id, reason=reason)

    def _complete(self, visit: Visit, after: bytes, staff_id: UUID, reason: Reason | None, serial_number: str) -> None:
        new = self.signed_actions.verifier.verify_certificate(after, self.clock())
        self.continuity.hold(visit.person_id, new)  # so that what is read from now on holds until the end
        compared = self.visits.compared(visit, new)
        if compared.problem:
            raise PortalError(compared.problem)
        if new.serial_number != serial_number:
            raise PortalError(Code.VISIT_CHANGED)
        refuse_own(visit, staff_id)
        _refuse_unidentified(visit)
        if asks(compared, staff_id, reason):
            self.audit.entry(Event.COUNTER_ASKED, **visit.facts, staff=staff_id, reason=reason)
        else:
            self._carry_out(compared, new, staff_id, reason)

    def _read_before(self, visit: Visit, certificate: VerifiedCertificate) -> None:
        """Note that the old card has signed: the one that named the person when the visit began."""
        if self.people.registered(certificate) != visit.person_id:
            raise PortalError(Code.VISIT_OF_ANOTHER_PERSON)
        if not is_of(visit, self.people.current_certificate(visit.person_id)):
            raise PortalError(Code.CERTIFICATE_REPLACED)
        visit.before_read_at = self.clock()

    def _carry_out(self, compared: Comparison, new: VerifiedCertificate, staff_id: UUID, reason: Reason | None) -> None:
        visit, reservation = compared.visit, compared.found.reservation
        chosen = reservation.mykey_id if reservation and compared.completes else None
        proof = Proof.COUNTER_APPROVED if compared.old_card_gone else Proof.COUNTER
        move = self.signed_actions.attempt(lambda: self.continuity.move(compared.old, new, proof, chosen=chosen))
        if reservation and chosen:
            reservation.ended_at, reservation.ending = self.clock(), ReservationEnding.COMPLETED
        compared.found.person.stopped_at = None
        visit.ended_at, visit.after = self.clock(), None
        facts: dict[str, Any] = {
            "move": move.move_id,
            "proof": proof,
            "asked_by": visit.asked_by,
            "revocation": new.revocation.value,
        }
        event = Event.COUNTER_COMPLETED if chosen else Event.COUNTER_MOVED
        self.audit.entry(event, **visit.facts, staff=staff_id, reason=reason, **facts)


def _refuse_unidentified(visit: Visit) -> None:
    if visit.identity is None:
        raise PortalError(Code.IDENTITY_MISSING)
