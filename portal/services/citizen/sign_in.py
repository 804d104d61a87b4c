"""Signing in with the card and its PIN: whose record the page may show."""

from dataclasses import dataclass
from uuid import UUID

from portal.domain.card_session import Ending, State
from portal.domain.errors import Refusal
from portal.models import CardSession
from portal.services.record import audit
from portal.services.record.people import People
from portal.services.record.signed_actions import SignedActions
from portal.transactions import Service, act


@dataclass(frozen=True)
class SignIn(Service):
    """Find again who registered."""

    signed_actions: SignedActions
    people: People

    @act
    def sign_in(self, card_session: CardSession) -> UUID | None:
        """End a completed card session by telling whose card it was; None for a card that never registered.

        Raises PortalError: card-session-ended, certificate-replaced; PkiError.
        """
        card_session = self.database.merge(card_session, load=False)
        card_session.state, card_session.ending = State.ENDED, Ending.DONE
        try:
            certificate = self.signed_actions.verified(card_session)
            person_id = self.people.holder(certificate)
        except Refusal as error:
            raise self.signed_actions.refused(card_session, error) from None
        card_session.certificate, card_session.person_id = None, person_id
        if person_id:
            audit.record(audit.Event.SIGNED_IN, person=person_id, revocation=certificate.revocation.value)
        return person_id
