"""仮登録: a chosen ID waits for the municipal counter (素案, form (2))."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from portal.domain.card_session import Ending, Purpose
from portal.domain.codes import Code
from portal.domain.errors import AskAgain, PortalError
from portal.domain.mykey_id import fold_id, problem_of_id
from portal.domain.registration import ReservationEnding, Use, may_reserve_again
from portal.models import CardSession, Reservation, TakenString
from portal.pki.verifier import VerifiedCertificate
from portal.services.citizen.stop_codes import StopCodes
from portal.services.record import audit
from portal.services.record.audit import Audit, Head
from portal.services.record.people import People
from portal.services.record.secrecy import Secrecy
from portal.services.record.signed_actions import CardActs

RECEIPT_LENGTH = 12


@dataclass(frozen=True)
class Slip:
    """What the citizen takes to the counter, and where the audit chain stood."""

    reservation: Reservation
    head: Head


@dataclass(frozen=True)
class Reservations:
    """Reserve, replace and cancel; expiry needs nobody."""

    acts: CardActs
    people: People
    stop_codes: StopCodes
    audit: Audit
    secrecy: Secrecy
    period: timedelta

    def problem(self, typed: str, certificate: VerifiedCertificate) -> Code | None:
        """Tell what is in the way of an ID for this card's holder: its form, or that it is taken, never by whom.

        The one function of the live check and of saving.
        """
        mykey_id = fold_id(typed)
        if problem := problem_of_id(mykey_id):
            return problem
        if mykey_id == certificate.random_string:
            return Code.MYKEY_ID_OWN_STRING
        taken = self.acts.database.get(TakenString, mykey_id)
        if taken is None or (taken.reserved_until and taken.reserved_until <= self.acts.clock()):
            return None
        mine = taken.use == Use.RESERVED and taken.person_id == self.people.holder(certificate)
        return None if mine else Code.MYKEY_ID_TAKEN

    def reserve(self, card_session_id: UUID, typed: str) -> UUID:
        """Carry out form (2), once; an ID that cannot be had leaves the card session as it was.

        Raises AskAgain: mykey-id-…, reservation-too-soon, reservation-changes-used-up; others as Registration.register.
        """
        mykey_id = fold_id(typed)

        def act(certificate: VerifiedCertificate, card_session: CardSession) -> UUID:
            if problem := self.problem(mykey_id, certificate):
                raise AskAgain(problem)
            person_id = self.people.holder(certificate, hold=True)
            if person_id is None:
                person_id = self.people.admit(certificate)
                self.stop_codes.make(person_id, card_session.card_session_id)
            self._reserve(person_id, mykey_id, certificate)
            card_session.ending = Ending.RESERVED
            return person_id

        return self.acts.carry_out(card_session_id, Purpose.REGISTER, act)

    def cancel(self, person_id: UUID, revocation: str) -> None:
        """Give the reservation up by the citizen's wish; the caller holds the person, and commits.

        Raises PortalError reservation-missing.
        """
        reservation = self.people.active_reservation(person_id)
        if reservation is None:
            raise PortalError(Code.RESERVATION_MISSING)
        self.end(reservation, ReservationEnding.CANCELLED)
        receipt = reservation.receipt_number
        self.audit.entry(audit.Event.RESERVATION_CANCELLED, person=person_id, receipt=receipt, revocation=revocation)

    def cancel_by_card(self, card_session_id: UUID) -> UUID:
        """Give the reservation up with card and PIN; a signed-in browser alone changes nothing."""

        def act(certificate: VerifiedCertificate, _: CardSession) -> UUID:
            person_id = self.people.registered(certificate)
            self.cancel(person_id, certificate.revocation.value)
            return person_id

        return self.acts.carry_out(card_session_id, Purpose.CANCEL_RESERVATION, act)

    def end(self, reservation: Reservation, ending: ReservationEnding) -> None:
        """End a reservation and free its characters; the caller holds the person, and commits.

        The characters come first, as they do for a card that takes its own string; it may just have displaced this one.
        """
        self.people.release(reservation.person_id, reservation.mykey_id)
        self.acts.database.refresh(reservation)
        if reservation.ended_at is None:
            reservation.ended_at, reservation.ending = self.acts.clock(), ending

    def slip(self, person_id: UUID) -> Slip | None:
        """Return what the slip of the active reservation shows."""
        reservation = self.people.active_reservation(person_id)
        return Slip(reservation, self.audit.head()) if reservation else None

    def displaced(self, person_id: UUID) -> Reservation | None:
        """Return the last reservation of a person, where a card that bore the string before has taken it."""
        last = select(Reservation).where(Reservation.person_id == person_id).order_by(Reservation.reserved_at.desc())
        found: Reservation | None = self.acts.database.scalars(last.limit(1)).one_or_none()
        return found if found and found.ending == ReservationEnding.DISPLACED else None

    def _reserve(self, person_id: UUID, mykey_id: str, certificate: VerifiedCertificate) -> None:
        now, active = self.acts.clock(), self.people.active_reservation(person_id)
        if active and active.mykey_id == mykey_id:
            return
        if problem := may_reserve_again(mykey_id, self._past(person_id, now), now, self.period):
            raise AskAgain(problem)
        try:
            self.people.choose(person_id, mykey_id, now + self.period)
        except PortalError as error:
            raise AskAgain(error.code) from None
        if active:
            self.end(active, ReservationEnding.REPLACED)
        made = Reservation(
            receipt_number=self.secrecy.code(RECEIPT_LENGTH),
            person_id=person_id,
            mykey_id=mykey_id,
            reserved_at=now,
            expires_at=now + self.period,
        )
        self.acts.database.add(made)
        self.audit.entry(
            audit.Event.RESERVED,
            person=person_id,
            receipt=made.receipt_number,
            mykey_id=audit.masked(mykey_id),
            revocation=certificate.revocation.value,
        )

    def _past(self, person_id: UUID, now: datetime) -> list[tuple[str, datetime, datetime]]:
        recent = (Reservation.person_id == person_id, Reservation.reserved_at > now - 2 * self.period)
        rows = self.acts.database.scalars(select(Reservation).where(*recent))
        return [(row.mykey_id, row.reserved_at, row.lapsed_at()) for row in rows]
