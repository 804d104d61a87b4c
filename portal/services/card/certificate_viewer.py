"""証明書表示: the certificate on the card just read, or in a file; looked at, and kept nowhere."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from portal.domain.card_session import Ending, Flow, Purpose, State
from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.models import CardSession
from portal.pki.certificate import UnverifiedCertificate
from portal.pki.explanation import Check, Result
from portal.pki.facts import Facts
from portal.pki.revocation.source import RevocationStatus
from portal.pki.verifier import Verifier
from portal.services.record.card_session_changes import CardSessionChanges
from portal.services.record.secrecy import Secrecy
from portal.transactions import Service, act, reads


@dataclass(frozen=True)
class Shown:
    """What one look at a certificate found."""

    facts: Facts
    checks: tuple[Check, ...]
    status: RevocationStatus


class CertificateViewer(Service):
    """Looking at certificates; nothing here keeps one."""

    changes: CardSessionChanges
    secrecy: Secrecy
    verifier: Verifier

    @reads
    def on_card(self, card_session_id: UUID) -> bytes:
        """Return the certificate that was read, which is kept for as long as its card session goes on.

        Raises PortalError: card-session-ended, card-session-expired.
        """
        card_session = self.database.get(CardSession, card_session_id)
        if not (card_session and card_session.state == State.COMPLETED and card_session.certificate):
            raise PortalError(Code.CARD_SESSION_ENDED)
        if card_session.expires_at <= self.clock():
            raise PortalError(Code.CARD_SESSION_EXPIRED)
        return card_session.certificate

    @act
    def show_once(self, card_session_id: str | None, flow: Flow | None, *, ask: bool) -> tuple[bytes, Shown]:
        """Show the certificate that this browser had read to be shown, and forget it.

        Raises PortalError: card-session-ended, where it was shown before as well; PkiError, with nothing forgotten.
        """
        mine = self.changes.within(
            State.COMPLETED,
            CardSession.card_session_id == (UUID(card_session_id) if card_session_id else None),
            CardSession.flow_hash == self.secrecy.hash("flow", flow.secret if flow else ""),
            CardSession.purpose == Purpose.SHOW,
        )
        der = self.database.scalar(select(CardSession.certificate).where(*mine))
        if not (der and self.changes.advance(mine, state=State.ENDED, ending=Ending.DONE, keep_time=True)):
            raise PortalError(Code.CARD_SESSION_ENDED)
        return der, self.show(der, ask=ask)

    def show(self, der: bytes, *, ask: bool) -> Shown:
        """Read and judge a certificate; 有効性確認 only where asked.

        Raises PkiError: certificate-malformed, unavailable.
        """
        facts = Facts.of(UnverifiedCertificate.decode(der))
        checks = self.verifier.explain(der, self.clock(), ask=ask)
        return Shown(facts, checks, _status(checks[-1]) if ask else RevocationStatus.NOT_CHECKED)


def _status(last: Check) -> RevocationStatus:
    """Tell what came out of 有効性確認; where an earlier step refused, nobody could be asked."""
    if last.result is Result.PASSED:
        return RevocationStatus.GOOD
    if last.result is Result.NOT_DONE:
        return RevocationStatus.NOT_CHECKED
    return RevocationStatus.REVOKED if last.code == Code.CERTIFICATE_REVOKED else RevocationStatus.UNKNOWN
