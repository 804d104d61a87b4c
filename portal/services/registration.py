"""本登録 of a default ID: the random string of the certificate becomes the MyKey ID (素案, form (1))."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import scoped_session

from portal.domain.card_session import Ending, Purpose, State
from portal.domain.errors import PortalError
from portal.models import CardSession, Certificate, MyKeyIdRecord, Person
from portal.pki.errors import PkiError
from portal.pki.verifier import VerifiedCertificate, Verifier
from portal.services import audit


@dataclass(frozen=True)
class Preview:
    """What the registration page shows: the string that was read, or the ID that is there."""

    mykey_id: str
    done: bool = False
    known: bool = False


@dataclass(frozen=True)
class Registration:
    """Registering, and finding again who registered."""

    database: scoped_session[Any]
    verifier: Verifier
    clock: Callable[[], datetime]

    def holder(self, certificate: VerifiedCertificate) -> UUID | None:
        """Find a person by the certificate that registered: issuer key, serial number and public key, nothing else.

        Raises PortalError certificate-conflict where the name is known with another key.
        """
        found = self.database.get(Certificate, (certificate.issuer_key_id, certificate.serial_number))
        if found and found.public_key_digest != certificate.public_key_digest:
            raise PortalError("certificate-conflict")
        return found.person_id if found else None

    def current_id(self, person_id: UUID) -> MyKeyIdRecord:
        """Return the one MyKey ID that the person has now."""
        current = (MyKeyIdRecord.person_id == person_id, MyKeyIdRecord.retired_at.is_(None))
        return self.database.scalars(select(MyKeyIdRecord).where(*current)).one()

    def certificate_of(self, card_session: CardSession) -> VerifiedCertificate:
        """Verify again, at the time of the act, the certificate whose token passed in this card session."""
        if not card_session.certificate:
            raise PortalError("card-session-ended")
        return self.verifier.verify_certificate(card_session.certificate, self.clock())

    def preview(self, card_session_id: UUID) -> Preview:
        """Tell what will be written, or what has been.

        Raises PortalError: as register; PkiError where the certificate has ceased to be good.
        """
        card_session = self.database.get(CardSession, card_session_id)
        if card_session is None or card_session.state != State.COMPLETED or card_session.expires_at <= self.clock():
            return Preview(self.current_id(self._result(card_session_id)).mykey_id, done=True)
        certificate = self.certificate_of(card_session)
        if known := self.holder(certificate):
            return Preview(self.current_id(known).mykey_id, known=True)
        if self.database.get(MyKeyIdRecord, (certificate.random_string, certificate.terminal_code)):
            raise PortalError("mykey-id-conflict")
        return Preview(certificate.random_string)

    def register(self, card_session_id: UUID) -> UUID:
        """Carry out form (1), once; asked again, return the same person.

        Raises PortalError: card-session-expired, card-session-ended, mykey-id-conflict, certificate-conflict; PkiError.
        """
        mine = (CardSession.card_session_id == card_session_id, CardSession.purpose == Purpose.REGISTER)
        taken = self.database.scalars(
            update(CardSession)
            .where(*mine, CardSession.state == State.COMPLETED, CardSession.expires_at > self.clock())
            .values(state=State.ENDED, ending=Ending.DONE)
            .returning(CardSession)
        ).one_or_none()
        if taken is None:
            return self._result(card_session_id)
        try:
            person_id = self._write(self.certificate_of(taken))
        except (PortalError, PkiError) as error:
            self._refuse(taken, error)
            raise
        taken.person_id, taken.certificate = person_id, None
        self.database.commit()
        return person_id

    def sign_in(self, card_session: CardSession) -> UUID | None:
        """End a completed card session by telling whose card it was; None for a card that never registered."""
        card_session.state, card_session.ending = State.ENDED, Ending.DONE
        try:
            certificate = self.certificate_of(card_session)
            person_id = self.holder(certificate)
        except (PortalError, PkiError) as error:
            self._refuse(card_session, error)
            raise
        card_session.certificate = None
        card_session.person_id = person_id
        self.database.commit()
        if person_id:
            audit.record(audit.Event.SIGNED_IN, person=person_id, revocation=certificate.revocation.value)
        return person_id

    def _refuse(self, card_session: CardSession, error: PortalError | PkiError) -> None:
        card_session.ending, card_session.problem, card_session.certificate = Ending.FAILED, error.code, None
        self.database.commit()
        audit.record(audit.Event.CARD_REFUSED, card_session=card_session.card_session_id, code=error.code)

    def _result(self, card_session_id: UUID) -> UUID:
        """Return whom an earlier press of the button registered."""
        card_session = self.database.get(CardSession, card_session_id)
        if card_session and card_session.person_id:
            return card_session.person_id
        if card_session and card_session.state == State.COMPLETED:
            raise PortalError("card-session-expired")
        raise PortalError(card_session.problem if card_session and card_session.problem else "card-session-ended")

    def _write(self, certificate: VerifiedCertificate) -> UUID:
        """Write person, certificate and ID; a unique key is the last word, and a race against oneself is no error."""
        if known := self.holder(certificate):
            return known
        now, person_id = self.clock(), uuid4()
        rows = (
            Person(person_id=person_id, registered_at=now),
            Certificate(
                issuer_key_id=certificate.issuer_key_id,
                serial_number=certificate.serial_number,
                public_key_digest=certificate.public_key_digest,
                person_id=person_id,
                not_before=certificate.not_before,
                not_after=certificate.not_after,
                registered_at=now,
            ),
            MyKeyIdRecord(
                mykey_id=certificate.random_string,
                terminal_code=certificate.terminal_code,
                person_id=person_id,
                registered_at=now,
            ),
        )
        try:
            with self.database.begin_nested():
                self.database.add_all(rows)
        except IntegrityError:
            if known := self.holder(certificate):
                return known
            raise PortalError("mykey-id-conflict") from None
        audit.record(
            audit.Event.REGISTERED,
            person=person_id,
            mykey_id=audit.masked(certificate.random_string),
            revocation=certificate.revocation.value,
        )
        return person_id
