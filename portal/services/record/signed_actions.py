"""Acts that a card signed: each completed card session is carried out once, in one transaction with its act."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import scoped_session

from portal.domain.card_session import Ending, Purpose, State
from portal.domain.codes import Code
from portal.domain.errors import AskAgain, PortalError, StaffReview
from portal.models import CardSession
from portal.pki.errors import PkiError
from portal.pki.verifier import VerifiedCertificate, Verifier
from portal.services.counter.staff_reviews import Reviews
from portal.services.record import audit

T = TypeVar("T")
Act = Callable[[VerifiedCertificate, CardSession], UUID]
"""Does what the purpose says, without committing, and returns whose record it was."""


@dataclass(frozen=True)
class CardActs:
    """What stands between a completed card session and the service that acts on it."""

    database: scoped_session[Any]
    verifier: Verifier
    clock: Callable[[], datetime]
    reviews: Reviews

    def certificate_of(self, card_session: CardSession) -> VerifiedCertificate:
        """Verify again, at the time of the act, the certificate whose token passed in this card session."""
        if not card_session.certificate:
            raise PortalError(Code.CARD_SESSION_ENDED)
        return self.verifier.verify_certificate(card_session.certificate, self.clock())

    def waiting(self, card_session_id: UUID) -> CardSession | None:
        """Return the card session while it waits for its button, else None."""
        card_session = self.database.get(CardSession, card_session_id)
        if card_session is None or card_session.state != State.COMPLETED or card_session.expires_at <= self.clock():
            return None
        return card_session

    def carry_out(self, card_session_id: UUID, purpose: Purpose, act: Act) -> UUID:
        """Act once and commit; asked again, return the same person.

        AskAgain leaves everything as it was. Any other refusal ends the card session; StaffReview lists it as well.

        Raises PortalError: card-session-expired, card-session-ended, and what the act raises; PkiError.
        """
        mine = (CardSession.card_session_id == card_session_id, CardSession.purpose == purpose)
        taken = self.database.scalars(
            update(CardSession)
            .where(*mine, CardSession.state == State.COMPLETED, CardSession.expires_at > self.clock())
            .values(state=State.ENDED, ending=Ending.DONE)
            .returning(CardSession),
            execution_options={"populate_existing": True},
        ).one_or_none()
        if taken is None:
            return self.result(card_session_id)
        try:
            person_id = self._act(act, taken)
        except AskAgain:
            self.database.rollback()
            raise
        except (PortalError, PkiError) as error:
            self.refuse(taken, error)
            raise
        taken.person_id, taken.certificate = person_id, None
        self.database.commit()
        return person_id

    def result(self, card_session_id: UUID) -> UUID:
        """Return whose record an earlier press of the button changed."""
        card_session = self.database.get(CardSession, card_session_id)
        if card_session and card_session.person_id:
            return card_session.person_id
        if card_session and card_session.state == State.COMPLETED:
            raise PortalError(Code.CARD_SESSION_EXPIRED)
        raise PortalError(card_session.problem if card_session and card_session.problem else Code.CARD_SESSION_ENDED)

    def refuse(self, card_session: CardSession, error: PortalError | PkiError) -> None:
        """End the card session with what was in the way, and commit."""
        card_session.state, card_session.ending = State.ENDED, Ending.FAILED
        card_session.problem, card_session.certificate = error.code, None
        if isinstance(error, StaffReview):
            self.reviews.open(error)
        self.database.commit()
        audit.record(audit.Event.CARD_REFUSED, card_session=card_session.card_session_id, code=error.code)

    def attempt(self, act: Callable[[], T]) -> T:
        """Act within a savepoint; who lost a race, even against another tab of the same citizen, looks once more."""
        try:
            with self.database.begin_nested():
                return act()
        except IntegrityError:
            with self.database.begin_nested():
                return act()

    def _act(self, act: Act, card_session: CardSession) -> UUID:
        certificate = self.certificate_of(card_session)
        return self.attempt(lambda: act(certificate, card_session))
