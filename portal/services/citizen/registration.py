"""本登録 of a default ID: the random string of the certificate becomes the MyKey ID (素案, form (1))."""

from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from portal.domain.card_session import Ending, Purpose
from portal.domain.figures import Counted
from portal.models import CardSession, MyKeyIdRecord
from portal.pki.verifier import VerifiedCertificate
from portal.services.citizen.stop_codes import StopCodes
from portal.services.record import audit
from portal.services.record.audit import Audit
from portal.services.record.figures import Figures
from portal.services.record.people import People
from portal.services.record.signed_actions import SignedActions
from portal.transactions import Service, act, reads


@dataclass(frozen=True)
class Preview:
    """What the registration page shows: the card's string, whether the card is new here, whose it is, and their ID."""

    random_string: str
    new: bool
    person_id: UUID | None
    current: MyKeyIdRecord | None


class FormOutcome(NamedTuple):
    """Whose record the button of form (1) or (2) changed, and whether it was (2)."""

    person_id: UUID
    reserved: bool


class Registration(Service):
    signed_actions: SignedActions
    people: People
    stop_codes: StopCodes
    figures: Figures
    audit: Audit

    @reads
    def preview(self, card_session_id: UUID) -> Preview | None:
        """Tell what will be written; None where the button has been pressed.

        Raises PortalError: certificate-replaced, certificate-conflict.
        """
        card_session = self.signed_actions.waiting(card_session_id)
        if card_session is None or card_session.purpose != Purpose.REGISTER:
            return None
        certificate = self.signed_actions.read(card_session)
        person_id = self.people.holder(certificate)
        new = self.people.known(certificate) is None
        if new:
            self.people.refuse_conflict(certificate, None)
        current = self.people.current_id(person_id) if person_id else None
        return Preview(certificate.random_string, new, person_id, current)

    @reads
    def outcome(self, card_session_id: UUID) -> FormOutcome:
        """Tell what the button did, whichever it was.

        Raises PortalError: those of SignedActions.result.
        """
        person_id = self.signed_actions.result(card_session_id)
        card_session = self.database.get(CardSession, card_session_id)
        return FormOutcome(person_id, card_session is not None and card_session.ending == Ending.RESERVED)

    @act
    def register(self, card_session_id: UUID) -> UUID:
        """Carry out form (1), once; asked again, return the same person.

        Raises PortalError: those of SignedActions.carry_out, certificate-replaced; StaffReview: mykey-id-conflict,
        mykey-id-reserved, certificate-conflict; PkiError.
        """
        return self.signed_actions.carry_out(card_session_id, Purpose.REGISTER, self._write)

    def _write(self, certificate: VerifiedCertificate, card_session: CardSession) -> UUID:
        """Write person, certificate and ID; who has an ID already keeps it."""
        person_id = self.people.holder(certificate, hold=True) or self.people.admit(certificate)
        if self.people.current_id(person_id):
            return person_id
        record = self.people.give_default(person_id, certificate)
        self.stop_codes.make(person_id, card_session.card_session_id)
        self.figures.count("", Counted.REGISTERED)
        self.audit.entry(
            audit.Event.REGISTERED,
            person=person_id,
            mykey_id=audit.masked(record.mykey_id),
            revocation=certificate.revocation.value,
        )
        return person_id
