"""The municipal counter: a visit in which 仮登録 becomes 本登録, or a record goes on to a new card (rules 3 and 4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, or_, select

from portal.domain.card_session import Purpose
from portal.domain.continuity import Proof
from portal.domain.errors import PortalError, StaffReview
from portal.domain.mykey_id import fold
from portal.domain.registration import ReservationEnding
from portal.models import CardSession, Certificate, MyKeyIdRecord, Person, Reservation, Visit
from portal.pki.errors import PkiError
from portal.pki.verifier import VerifiedCertificate
from portal.services import audit
from portal.services.audit import Audit
from portal.services.card_acts import CardActs
from portal.services.continuity import Continuity
from portal.services.people import People
from portal.services.secrecy import Secrecy

NUMBER_LENGTH = 8
LIFETIME = timedelta(hours=4)
"""The longest that one visit takes; both cards are read in it."""


@dataclass(frozen=True)
class Found:
    """A person as the search shows one."""

    person: Person
    current: MyKeyIdRecord | None
    reservation: Reservation | None


@dataclass(frozen=True)
class Sides:
    """What the clerk compares: the record and its old certificate, the new certificate, and what is in the way."""

    visit: Visit
    found: Found
    old: Certificate
    new: VerifiedCertificate | None
    problem: str | None

    @property
    def completes(self) -> bool:
        """Tell whether 仮登録 becomes 本登録: the new certificate bears the reserved characters."""
        reservation = self.found.reservation
        return bool(self.new and reservation and self.new.random_string == reservation.mykey_id)

    @property
    def old_card_gone(self) -> bool:
        return self.visit.before_read_at is None


@dataclass(frozen=True)
class Counter:
    """What clerks do; each act has a reason, and nobody approves what he asked for himself."""

    acts: CardActs
    people: People
    continuity: Continuity
    secrecy: Secrecy
    audit: Audit

    def search(self, typed: str) -> list[Found]:
        """Find people by receipt number, by their MyKey ID, or by the one that they have reserved."""
        wanted = fold(typed.replace("-", ""))
        live = (Reservation.ended_at.is_(None), Reservation.expires_at > self.acts.clock())
        by_id = select(MyKeyIdRecord.person_id).where(MyKeyIdRecord.mykey_id == wanted)
        people = select(Person).where(
            Person.ended_at.is_(None),
            or_(
                Person.person_id.in_(by_id.where(MyKeyIdRecord.retired_at.is_(None))),
                Person.person_id.in_(select(Reservation.person_id).where(Reservation.receipt_number == wanted)),
                Person.person_id.in_(select(Reservation.person_id).where(Reservation.mykey_id == wanted, *live)),
            ),
        )
        return [self._found(person) for person in self.acts.database.scalars(people.limit(10))]

    def open(self, staff_id: UUID, person_id: UUID, *, for_reservation: bool) -> Visit:
        """Begin a visit of a person, and commit; visits that nobody ended are deleted by later ones.

        One for the reservation takes no other certificate than one that bears the reserved characters.
        """
        now = self.acts.clock()
        over = (Visit.expires_at < now - LIFETIME, Visit.ended_at.is_(None))
        self.acts.database.execute(delete(Visit).where(*over))
        if self.acts.database.get(Person, person_id) is None:
            raise PortalError("visit-not-found")
        visit = Visit(
            visit_number=self.secrecy.code(NUMBER_LENGTH),
            opened_by=staff_id,
            opened_at=now,
            expires_at=now + LIFETIME,
            person_id=person_id,
            for_reservation=for_reservation,
        )
        self.acts.database.add(visit)
        self.acts.database.commit()
        return visit

    def sides(self, visit_number: str) -> Sides:
        """Return what the clerk sees of a visit, and of one that was carried out.

        Raises PortalError visit-not-found, visit-ended.
        """
        return self._sides(self._visit(visit_number, done=True))

    def read(self, card_session_id: UUID, purpose: Purpose, staff_id: UUID) -> UUID:
        """Take what a card signed into the visit that its card session names.

        Raises PortalError: visit-not-found, visit-ended, visit-of-another-clerk, visit-of-another-person,
        certificate-replaced, card-not-registered; PkiError.
        """

        def act(certificate: VerifiedCertificate, card_session: CardSession) -> UUID:
            visit = self._visit(card_session.parameters["visit"], hold=True)
            if visit.opened_by != staff_id:
                raise PortalError("visit-of-another-clerk")
            if visit.asked_by:  # the other clerk shall see what is carried out
                raise PortalError("visit-waits")
            if purpose is Purpose.COUNTER_BEFORE:
                if self.people.registered(certificate) != visit.person_id:
                    raise PortalError("visit-of-another-person")
                visit.before_read_at = self.acts.clock()
            else:
                visit.after = certificate.der
            return visit.person_id

        return self.acts.carry_out(card_session_id, purpose, act)

    def complete(self, visit_number: str, staff_id: UUID, reason: str, *, serial_number: str) -> None:
        """Carry the visit out, in one transaction: old ID retired, new one registered, every service ID kept.

        `serial_number` is that of the new certificate on the clerk's page, which may have been read anew since.

        Where the old card was not read, the clerk who opened asks, and another one carries out.

        Raises PortalError: reason-missing, visit-not-found, visit-ended, visit-of-another-clerk, approval-by-another,
        new-card-missing, and what stands in `Sides.problem`; StaffReview; PkiError.
        """
        if not reason.strip():
            raise PortalError("reason-missing")
        visit = self._visit(visit_number, hold=True)
        sides = self._sides(visit)
        if sides.new is None or sides.problem:
            raise PortalError(sides.problem or "new-card-missing")
        if sides.new.serial_number != serial_number:
            raise PortalError("new-card-missing")
        if sides.old_card_gone:
            self._approve(visit, staff_id, reason.strip())
        elif visit.opened_by != staff_id:
            raise PortalError("visit-of-another-clerk")
        if not sides.old_card_gone or visit.asked_by != staff_id:
            self._carry_out(sides, sides.new, staff_id, reason.strip())
        self.acts.database.commit()

    def resume(self, visit_number: str, staff_id: UUID, reason: str) -> None:
        """Undo a stop at the counter, with the card that names the record read here.

        Raises PortalError: reason-missing, visit-…, old-card-missing.
        """
        if not reason.strip():
            raise PortalError("reason-missing")
        visit = self._visit(visit_number, hold=True)
        if visit.opened_by != staff_id:
            raise PortalError("visit-of-another-clerk")
        if visit.before_read_at is None:
            raise PortalError("old-card-missing")
        self.people.lock(visit.person_id).stopped_at = None
        facts = {"visit": visit_number, "staff": str(staff_id), "reason": reason.strip()}
        self.audit.entry(audit.Event.COUNTER_RESUMED, person=visit.person_id, facts=facts)
        self.acts.database.commit()

    def waiting(self) -> Sequence[Visit]:
        """Return the visits that wait for a second clerk, the oldest first."""
        waiting = (Visit.asked_by.is_not(None), Visit.ended_at.is_(None), Visit.expires_at > self.acts.clock())
        return self.acts.database.scalars(select(Visit).where(*waiting).order_by(Visit.opened_at).limit(100)).all()

    def _approve(self, visit: Visit, staff_id: UUID, reason: str) -> None:
        """Note who asks, or see that another one approves."""
        if visit.asked_by is None:
            if visit.opened_by != staff_id:
                raise PortalError("visit-of-another-clerk")
            visit.asked_by, visit.reason = staff_id, reason
            self.audit.entry(
                audit.Event.COUNTER_ASKED,
                visit=visit.visit_number,
                person=visit.person_id,
                staff=staff_id,
                reason=reason,
            )
        elif visit.asked_by == staff_id:
            raise PortalError("approval-by-another")

    def _carry_out(self, sides: Sides, new: VerifiedCertificate, staff_id: UUID, reason: str) -> None:
        visit, reservation = sides.visit, sides.found.reservation
        chosen = reservation.mykey_id if reservation and sides.completes else None
        proof = Proof.COUNTER_APPROVED if sides.old_card_gone else Proof.COUNTER
        try:
            with self.acts.database.begin_nested():
                move = self.continuity.move(sides.old, new, proof, chosen=chosen)
                if reservation and chosen:
                    reservation.ended_at, reservation.ending = self.acts.clock(), ReservationEnding.COMPLETED
                self.people.lock(visit.person_id).stopped_at = None
        except StaffReview as review:
            self.acts.reviews.open(review)
            self.acts.database.commit()
            raise
        visit.ended_at, visit.after = self.acts.clock(), None
        self.audit.entry(
            audit.Event.COUNTER_COMPLETED if chosen else audit.Event.COUNTER_MOVED,
            visit=visit.visit_number,
            person=visit.person_id,
            move=move.move_id,
            proof=proof,
            staff=staff_id,
            asked_by=visit.asked_by,
            reason=reason,
            revocation=new.revocation.value,
        )

    def _visit(self, visit_number: str, *, hold: bool = False, done: bool = False) -> Visit:
        visit: Visit | None = self.acts.database.get(
            Visit, fold(visit_number.replace("-", "")), with_for_update=hold or None, populate_existing=hold
        )
        if visit is None:
            raise PortalError("visit-not-found")
        if (visit.ended_at and not done) or visit.expires_at <= self.acts.clock():
            raise PortalError("visit-ended")
        return visit

    def _found(self, person: Person) -> Found:
        current = self.people.current_id(person.person_id)
        return Found(person, current, self.people.active_reservation(person.person_id))

    def _sides(self, visit: Visit) -> Sides:
        person = self.acts.database.get(Person, visit.person_id)
        if person is None or person.ended_at:
            raise PortalError("visit-ended")
        found, old = self._found(person), self.people.current_certificate(visit.person_id)
        new, problem = None, None
        if visit.after:
            try:
                new = self.acts.verifier.verify_certificate(visit.after, self.acts.clock())
                problem = self._problem(visit, found, old, new)
            except PkiError as error:
                problem = error.code
        return Sides(visit, found, old, new, problem)

    def _problem(self, visit: Visit, found: Found, old: Certificate, new: VerifiedCertificate) -> str | None:
        """Name the first condition that the new certificate does not meet."""
        if visit.before_read_at and old.registered_at > visit.before_read_at:
            return "certificate-replaced"
        if new.not_before <= old.not_before:
            return "certificate-not-newer"
        reservation = found.reservation
        if reservation and new.random_string == reservation.mykey_id and new.not_before <= reservation.reserved_at:
            return "certificate-before-reservation"
        if reservation and visit.for_reservation and new.random_string != reservation.mykey_id:
            return "certificate-lacks-reserved"
        return None
