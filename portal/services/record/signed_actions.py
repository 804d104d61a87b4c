"""What a card signed: each completed card session is carried out once, in one transaction with what it does."""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from portal.domain.card_session import Ending, Purpose, State
from portal.domain.codes import Code
from portal.domain.errors import AskAgain, PortalError, Refusal, StaffReview, recorded
from portal.models import CardSession, Person
from portal.pki.certificate import UnverifiedCertificate
from portal.pki.errors import TrustAnchorsUnusable
from portal.pki.verifier import ReadCertificate, VerifiedCertificate, Verifier
from portal.services.record import audit
from portal.services.record.review_queue import ReviewQueue
from portal.transactions import Service

T = TypeVar("T")
Action = Callable[[VerifiedCertificate, CardSession], UUID]
"""Does what the purpose says, and returns whose record it was."""


class SignedActions(Service):
    """The step between a completed card session and the service that acts on it."""

    verifier: Verifier
    review_queue: ReviewQueue

    def waiting(self, card_session_id: UUID) -> CardSession | None:
        """Return the card session while it waits for its button, else None."""
        card_session = self.database.get(CardSession, card_session_id)
        if card_session is None or card_session.state != State.COMPLETED or card_session.expires_at <= self.clock():
            return None
        return card_session

    def read(self, card_session: CardSession) -> ReadCertificate:
        """Return the contents of the certificate whose token passed, for the pages before the button.

        It was verified when its token came; whether it still holds is asked where it is acted on, in `carry_out`.
        """
        if not card_session.certificate or not card_session.issuer_key_id:
            raise PortalError(Code.CARD_SESSION_ENDED)
        return ReadCertificate.of(UnverifiedCertificate.decode(card_session.certificate), card_session.issuer_key_id)

    def verified(self, card_session: CardSession) -> VerifiedCertificate:
        """Verify again, at the time of the act, the certificate whose token passed."""
        if not card_session.certificate:
            raise PortalError(Code.CARD_SESSION_ENDED)
        return self.verifier.verify_certificate(card_session.certificate, self.clock())

    def carry_out(self, card_session_id: UUID, purpose: Purpose, action: Action) -> UUID:
        """Act once; asked again, return the same person.

        AskAgain leaves everything as it was, and so does a portal without authorities.
        Any other refusal ends the card session; StaffReview lists it as well.

        Raises PortalError: card-session-expired, card-session-ended, and what the action raises; PkiError.
        """
        taken = self.take(card_session_id, purpose)
        if taken is None:
            return self.result(card_session_id)
        try:
            certificate = self.verified(taken)
            person_id = self.attempt(lambda: action(certificate, taken))
        except (AskAgain, TrustAnchorsUnusable):  # neither is the card's fault: the button may be pressed again
            raise
        except Refusal as error:
            raise self.refused(taken, error) from None
        self.done(taken, person_id)
        return person_id

    def take(self, card_session_id: UUID, purpose: Purpose) -> CardSession | None:
        """End a completed card session, once, and return it; None where there is none any more."""
        mine = (CardSession.card_session_id == card_session_id, CardSession.purpose == purpose)
        return self.database.scalars(
            update(CardSession)
            .where(*mine, CardSession.state == State.COMPLETED, CardSession.expires_at > self.clock())
            .values(state=State.ENDED, ending=Ending.DONE)
            .returning(CardSession),
            execution_options={"populate_existing": True},
        ).one_or_none()

    def result(self, card_session_id: UUID) -> UUID:
        """Return whose record an earlier press of the button changed, as long as that is the record's last change.

        Raises PortalError: sign-in-needed, card-session-expired, card-session-ended, or what was in the way.
        """
        card_session = self.database.get(CardSession, card_session_id)
        if card_session and card_session.person_id:
            if self.database.get_one(Person, card_session.person_id).version != card_session.version:
                raise PortalError(Code.SIGN_IN_NEEDED)
            return card_session.person_id
        if card_session and card_session.state == State.COMPLETED:
            raise PortalError(Code.CARD_SESSION_EXPIRED)
        raise PortalError(card_session.problem if card_session and card_session.problem else Code.CARD_SESSION_ENDED)

    def done(self, card_session: CardSession, person_id: UUID | None) -> None:
        """Note whose record it was, with its version, on which the browser's session may rest; nobody's has none."""
        version = select(Person.version).where(Person.person_id == person_id).scalar_subquery()
        card_session.certificate, card_session.person_id = None, person_id
        card_session.version = version  # the UPDATE reads it

    def refused(self, card_session: CardSession, error: Refusal) -> Refusal:
        """End the card session with what was in the way; return the refusal, to be raised."""
        card_session.state, card_session.ending = State.ENDED, Ending.FAILED
        card_session.problem, card_session.certificate = error.code, None
        if isinstance(error, StaffReview):
            self.review_queue.open(error)
        audit.record(audit.Event.CARD_REFUSED, card_session=card_session.card_session_id, code=error.code)
        return recorded(error)

    def attempt(self, action: Callable[[], T]) -> T:
        """Act within a savepoint; who lost a race, even against another tab of the same citizen, looks once more."""
        try:
            with self.database.begin_nested():
                return action()
        except IntegrityError:
            with self.database.begin_nested():
                return action()
