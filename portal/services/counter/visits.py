"""Visits at the municipal counter: who is found, and what the clerk sees and compares."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import CompoundSelect, Row, and_, or_, select, union_all

from portal.domain.codes import Code
from portal.domain.continuity import VISIT_LIFETIME
from portal.domain.errors import PortalError
from portal.domain.formats.japanese_date import JST
from portal.domain.formats.typed_code import fold_code
from portal.domain.reason import Reason
from portal.domain.visit import Identity
from portal.models import Certificate, Move, MyKeyIdRecord, Person, Reservation, Staff, TakenString, Visit
from portal.pki.certificate import UnverifiedCertificate
from portal.pki.verifier import ReadCertificate
from portal.services.record.audit import Audit, Event
from portal.services.record.people import People, is_open
from portal.services.record.secrecy import Secrecy
from portal.transactions import Service, act, reads

NUMBER_LENGTH = 8
LISTED_PEOPLE = 10
"""People that one search shows; more share no number."""
LISTED_VISITS = 100


@dataclass(frozen=True)
class Found:
    person: Person
    current: MyKeyIdRecord | None
    reservation: Reservation | None
    moves: Sequence[Move]
    """Those to which a key may object, and those of which something was put aside."""


@dataclass(frozen=True)
class Comparison:
    """What the clerk compares: the record and its old certificate, the new certificate, and what is in the way."""

    visit: Visit
    found: Found
    old: Certificate
    new: ReadCertificate | None
    problem: Code | None

    @property
    def completes(self) -> bool:
        """Tell whether 仮登録 becomes 本登録: the new certificate bears the reserved characters."""
        reservation = self.found.reservation
        return bool(self.new and reservation and self.new.random_string == reservation.mykey_id)

    @property
    def old_card_gone(self) -> bool:
        return self.visit.before_read_at is None

    @property
    def moved(self) -> bool:
        """Tell whether the record has gone on to another certificate than that of the visit's beginning."""
        return not is_of(self.visit, self.old)

    @property
    def settles(self) -> Move | None:
        """Return the move to which the key before could object no longer after this visit."""
        return next((move for move in self.found.moves if is_open(move, self.old)), None)

    @property
    def needs_second_clerk(self) -> bool:
        return self.old_card_gone or self.settles is not None


class Visits(Service):
    people: People
    secrecy: Secrecy
    audit: Audit

    @reads
    def search(self, typed: str) -> list[Found]:
        """Find people by receipt number, by their MyKey ID, or by the one they have reserved.

        A slip's QR code is an address, whose fragment is the receipt number; a scanner may write all of it.
        """
        wanted = fold_code(re.split("[#＃]", typed)[-1])
        current = (MyKeyIdRecord.mykey_id == wanted, MyKeyIdRecord.retired_at.is_(None))
        whose = (Reservation.person_id == TakenString.person_id, Reservation.mykey_id == TakenString.string)
        live = (Reservation.ended_at.is_(None), Reservation.expires_at > self.clock())
        ways: CompoundSelect[Any] = union_all(
            select(MyKeyIdRecord.person_id).where(*current),
            select(Reservation.person_id).where(Reservation.receipt_number == wanted),
            select(Reservation.person_id).join(TakenString, and_(*whose)).where(TakenString.string == wanted, *live),
        )
        people = select(Person).where(Person.person_id.in_(ways), Person.ended_at.is_(None))
        return [self._found(person) for person in self.database.scalars(people.limit(LISTED_PEOPLE))]

    @reads
    def queue(self, staff_id: UUID) -> Sequence[Row[Visit, str]]:
        """Return this clerk's visits that go on, those that wait for a second clerk, those that ended today in Japan.

        Each comes with the name of who opened it; the newest first, at most a hundred.
        """
        now = self.clock()
        today = now.astimezone(JST).replace(hour=0, minute=0, second=0, microsecond=0)
        theirs = or_(Visit.opened_by == staff_id, Visit.asked_by.is_not(None))
        going_on = and_(Visit.ended_at.is_(None), Visit.expires_at > now, theirs)
        rows = select(Visit, Staff.name).outerjoin(Staff, Staff.staff_id == Visit.opened_by)
        of_today = (Visit.expires_at > today, or_(Visit.ended_at >= today, going_on))  # the first by its index
        return self.database.execute(rows.where(*of_today).order_by(Visit.opened_at.desc()).limit(LISTED_VISITS)).all()

    @act
    def identify(self, visit_number: str, staff_id: UUID, identity: Identity, note: Reason | None) -> None:
        """Note by what the clerk has confirmed who the visitor is. Raises PortalError: visit-…, visit-waits."""
        visit = self.unasked(visit_number, staff_id)
        visit.identity, visit.identity_note = identity, note

    @act
    def cancel(self, visit_number: str, staff_id: UUID) -> None:
        """Take a visit away of which nothing is carried out, also one that waits for a second clerk.

        Raises PortalError: visit-….
        """
        visit = self.own_visit(visit_number, staff_id)
        self.audit.entry(Event.COUNTER_CANCELLED, **visit.facts, staff=staff_id)
        self.database.delete(visit)

    @act
    def open(self, staff_id: UUID, person_id: UUID, *, for_reservation: bool) -> Visit:
        """Begin a visit of a person.

        One for the reservation takes no other certificate than one that bears the reserved characters.
        """
        now, person = self.clock(), self.database.get(Person, person_id)
        if person is None or person.ended_at:
            raise PortalError(Code.VISIT_NOT_FOUND)
        old = self.people.current_certificate(person_id)
        visit = Visit(
            visit_number=self.secrecy.code(NUMBER_LENGTH),
            opened_by=staff_id,
            opened_at=now,
            expires_at=now + VISIT_LIFETIME,
            person_id=person_id,
            old_issuer_key_id=old.issuer_key_id,
            old_serial_number=old.serial_number,
            for_reservation=for_reservation,
        )
        self.database.add(visit)
        return visit

    @reads
    def comparison(self, visit_number: str) -> Comparison:
        """Return what the clerk sees of a visit, and of one that was carried out.

        Raises PortalError visit-not-found, visit-ended.
        """
        visit = self.visit(visit_number, done=True)
        new = None
        if visit.after and visit.after_issuer_key_id:
            new = ReadCertificate.of(UnverifiedCertificate.decode(visit.after), visit.after_issuer_key_id)
        return self.compared(visit, new)

    @reads
    def visit(self, visit_number: str, *, hold: bool = False, done: bool = False) -> Visit:
        """Return a visit that goes on, held for an act; or one that was carried out as well.

        Raises PortalError visit-not-found, visit-ended.
        """
        visit = self.database.get(Visit, fold_code(visit_number), with_for_update=hold, populate_existing=hold)
        if visit is None:
            raise PortalError(Code.VISIT_NOT_FOUND)
        if (visit.ended_at and not done) or visit.expires_at <= self.clock():
            raise PortalError(Code.VISIT_ENDED)
        return visit

    @act
    def own_visit(self, visit_number: str, staff_id: UUID) -> Visit:
        """Return a visit that this clerk began, held for an act.

        Raises PortalError visit-not-found, visit-ended, visit-of-another-clerk.
        """
        visit = self.visit(visit_number, hold=True)
        if visit.opened_by != staff_id:
            raise PortalError(Code.VISIT_OF_ANOTHER_CLERK)
        return visit

    @act
    def unasked(self, visit_number: str, staff_id: UUID) -> Visit:
        """Return this clerk's own visit as `own_visit` does; what a second clerk is to approve changes no more.

        Raises PortalError: as `own_visit`, visit-waits.
        """
        visit = self.own_visit(visit_number, staff_id)
        if visit.asked_by:
            raise PortalError(Code.VISIT_WAITS)
        return visit

    @reads
    def compared(self, visit: Visit, new: ReadCertificate | None) -> Comparison:
        """Compare the record with a new certificate, and name the first thing that is in the way."""
        person = self.database.get(Person, visit.person_id)
        if person is None or person.ended_at:
            raise PortalError(Code.VISIT_ENDED)
        found, old = self._found(person), self.people.current_certificate(visit.person_id)
        return Comparison(visit, found, old, new, _problem(visit, found, old, new) if new else None)

    def _found(self, person: Person) -> Found:
        people, person_id = self.people, person.person_id
        reservation, moves = people.active_reservation(person_id), people.moves_of_note(person_id)
        return Found(person, people.current_id(person_id), reservation, moves)


def is_of(visit: Visit, old: Certificate) -> bool:
    """Tell whether this is still the certificate that named the person when the visit began."""
    return (old.issuer_key_id, old.serial_number) == (visit.old_issuer_key_id, visit.old_serial_number)


def _problem(visit: Visit, found: Found, old: Certificate, new: ReadCertificate) -> Code | None:
    """Name the first condition that the new certificate does not meet."""
    reservation = found.reservation
    if not is_of(visit, old):
        return Code.CERTIFICATE_REPLACED
    if new.not_before <= old.not_before:
        return Code.CERTIFICATE_NOT_NEWER
    if visit.for_reservation and reservation is None:
        return Code.RESERVATION_OVER
    if reservation and new.random_string != reservation.mykey_id:
        return Code.CERTIFICATE_LACKS_RESERVED if visit.for_reservation else None
    if reservation and new.not_before <= reservation.reserved_at:
        return Code.CERTIFICATE_BEFORE_RESERVATION
    return None
