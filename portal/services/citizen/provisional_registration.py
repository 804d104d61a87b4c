"""仮登録: a chosen ID waits for the municipal counter (素案, form (2))."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from portal.domain.card_session import Ending, Purpose
from portal.domain.codes import Code
from portal.domain.errors import AskAgain, PortalError
from portal.domain.figures import Counted
from portal.domain.ids.mykey_id import fold_id, problem_of_id
from portal.domain.registration import ReservationEnding, StringUse, may_reserve_again
from portal.models import CardSession, Reservation, TakenString
from portal.pki.verifier import ReadCertificate, VerifiedCertificate
from portal.services.citizen.stop_codes import StopCodes
from portal.services.record import audit
from portal.services.record.audit import Audit, Head
from portal.services.record.figures import Figures
from portal.services.record.people import People
from portal.services.record.secrecy import Secrecy
from portal.services.record.signed_actions import SignedActions
from portal.transactions import Service, act, reads

RECEIPT_LENGTH = 12


class Check(NamedTuple):
    """What the live check answers: the ID as it would be saved, and what is in the way."""

    mykey_id: str
    problem: Code | None


@dataclass(frozen=True)
class Slip:
    """What the citizen takes to the counter, with the head of the audit chain at that time."""

    reservation: Reservation
    head: Head


class ProvisionalRegistration(Service):
    """Reserve, replace and cancel; expiry needs nobody."""

    signed_actions: SignedActions
    people: People
    stop_codes: StopCodes
    figures: Figures
    audit: Audit
    secrecy: Secrecy
    reservation_period: timedelta

    @reads
    def check(self, card_session_id: UUID, typed: str) -> Check:
        """Answer what is typed, live, with the function that guards saving; never who has an ID.

        Raises PortalError card-session-ended.
        """
        card_session = self.signed_actions.waiting(card_session_id)
        if card_session is None:
            raise PortalError(Code.CARD_SESSION_ENDED)
        mykey_id = fold_id(typed)
        return Check(mykey_id, self._problem(mykey_id, self.signed_actions.read(card_session)))

    @act
    def reserve(self, card_session_id: UUID, typed: str) -> UUID:
        """Carry out form (2), once; an ID that cannot be had leaves the card session as it was.

        Raises AskAgain: mykey-id-…, reservation-too-soon, reservation-changes-used-up; others as Registration.register.
        """
        mykey_id = fold_id(typed)

        def reserved(certificate: VerifiedCertificate, card_session: CardSession) -> UUID:
            if problem := self._problem(mykey_id, certificate):
                raise AskAgain(problem)
            person_id = self.people.holder(certificate, hold=True)
            if person_id is None:
                person_id = self.people.admit(certificate)
                self.stop_codes.make(person_id, card_session.card_session_id)
            self._reserve(person_id, mykey_id, certificate)
            card_session.ending = Ending.RESERVED
            return person_id

        return self.signed_actions.carry_out(card_session_id, Purpose.REGISTER, reserved)

    @act
    def cancel_by_card(self, card_session_id: UUID) -> UUID:
        """Give the reservation up with card and PIN; a signed-in browser alone changes nothing.

        Raises PortalError reservation-missing, and those of SignedActions.carry_out.
        """
        return self.signed_actions.carry_out(card_session_id, Purpose.CANCEL_RESERVATION, self._cancel)

    @reads
    def slip(self, person_id: UUID) -> Slip | None:
        """Return what the slip of the active reservation shows."""
        reservation = self.people.active_reservation(person_id)
        return Slip(reservation, self.audit.head()) if reservation else None

    def _problem(self, mykey_id: str, certificate: ReadCertificate) -> Code | None:
        """Name why this card's holder cannot have a folded ID: its form, or that it is taken (without saying by whom).

        The one function of the live check and of saving.
        """
        if problem := problem_of_id(mykey_id):
            return problem
        if mykey_id == certificate.random_string:
            return Code.MYKEY_ID_OWN_STRING
        taken = self.database.get(TakenString, mykey_id)
        if taken is None or (taken.reserved_until and taken.reserved_until <= self.clock()):
            return None
        mine = taken.use == StringUse.RESERVED and taken.person_id == self.people.holder(certificate)
        return None if mine else Code.MYKEY_ID_TAKEN

    def _cancel(self, certificate: VerifiedCertificate, _: CardSession) -> UUID:
        person_id = self.people.registered(certificate)
        reservation = self.people.active_reservation(person_id)
        if reservation is None:
            raise PortalError(Code.RESERVATION_MISSING)
        self.people.end_reservation(reservation, ReservationEnding.CANCELLED)
        receipt, revocation = reservation.receipt_number, certificate.revocation.value
        self.audit.entry(audit.Event.RESERVATION_CANCELLED, person=person_id, receipt=receipt, revocation=revocation)
        return person_id

    def _reserve(self, person_id: UUID, mykey_id: str, certificate: VerifiedCertificate) -> None:
        now, active = self.clock(), self.people.active_reservation(person_id)
        if active and active.mykey_id == mykey_id:
            return
        if problem := may_reserve_again(mykey_id, self._past(person_id, now), now, self.reservation_period):
            raise AskAgain(problem)
        try:
            self.people.choose(person_id, mykey_id, now + self.reservation_period)
        except PortalError as error:
            raise AskAgain(error.code) from None
        if active:
            self.people.end_reservation(active, ReservationEnding.REPLACED)
        made = Reservation(
            receipt_number=self.secrecy.code(RECEIPT_LENGTH),
            person_id=person_id,
            mykey_id=mykey_id,
            reserved_at=now,
            expires_at=now + self.reservation_period,
        )
        self.database.add(made)
        self.figures.count("", Counted.RESERVED)
        self.audit.entry(
            audit.Event.RESERVED,
            person=person_id,
            receipt=made.receipt_number,
            mykey_id=audit.masked(mykey_id),
            revocation=certificate.revocation.value,
        )

    def _past(self, person_id: UUID, now: datetime) -> list[tuple[str, datetime, datetime]]:
        recent = (Reservation.person_id == person_id, Reservation.reserved_at > now - 2 * self.reservation_period)
        rows = self.database.scalars(select(Reservation).where(*recent))
        return [(row.mykey_id, row.reserved_at, row.lapsed_at()) for row in rows]
