"""Signing in with the card and its PIN: whose record the page may show."""

from uuid import UUID

from portal.domain.card_session import Purpose
from portal.domain.codes import Code
from portal.domain.errors import PortalError, Refusal
from portal.pki.errors import TrustAnchorsUnusable
from portal.services.record import audit
from portal.services.record.people import People
from portal.services.record.signed_actions import SignedActions
from portal.transactions import Service, act


class SignIn(Service):
    """Find again who registered."""

    signed_actions: SignedActions
    people: People

    @act
    def sign_in(self, card_session_id: UUID) -> UUID | None:
        """End a completed card session by telling whose card it was; None for a card that never registered.

        Raises PortalError: card-session-ended, certificate-replaced; PkiError.
        """
        card_session = self.signed_actions.take(card_session_id, Purpose.SIGN_IN)
        if card_session is None:
            raise PortalError(Code.CARD_SESSION_ENDED)
        try:
            certificate = self.signed_actions.verified(card_session)
            person_id = self.people.holder(certificate)
        except TrustAnchorsUnusable:
            raise
        except Refusal as error:
            raise self.signed_actions.refused(card_session, error) from None
        card_session.certificate, card_session.person_id = None, person_id
        if person_id:
            audit.record(audit.Event.SIGNED_IN, person=person_id, revocation=certificate.revocation.value)
        return person_id
