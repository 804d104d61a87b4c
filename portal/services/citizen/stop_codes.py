"""停止コード: stops every look-up immediately when a card is lost."""

from uuid import UUID

from sqlalchemy import delete, select

from portal.domain.card_session import Purpose
from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.domain.formats.stop_code import LENGTH, with_check
from portal.domain.registration import StoppedBy
from portal.models import CardSession, StopCode
from portal.pki.verifier import VerifiedCertificate
from portal.services.record import audit
from portal.services.record.audit import Audit
from portal.services.record.people import People
from portal.services.record.secrecy import Secrecy
from portal.services.record.signed_actions import SignedActions
from portal.transactions import Service, act, reads


class StopCodes(Service):
    signed_actions: SignedActions
    people: People
    secrecy: Secrecy
    audit: Audit

    @act
    def make(self, person_id: UUID, card_session_id: UUID) -> str:
        """Give the person a new code, which voids the one before."""
        self.database.execute(delete(StopCode).where(StopCode.person_id == person_id))
        code = self.shown(card_session_id)
        self.database.add(StopCode(code_hash=self._hash(code), person_id=person_id))
        return code

    def shown(self, card_session_id: UUID) -> str:
        """Return the code that was made with this card session, to be shown once more on its page."""
        return with_check(self.secrecy.code_from("stop-code", str(card_session_id), LENGTH - 1))

    @reads
    def of(self, card_session_id: UUID) -> str | None:
        """Return the code that this card session made, as long as it is good; None where it made none."""
        code = self.shown(card_session_id)
        return code if self.database.get(StopCode, self._hash(code)) else None

    @act
    def stop(self, code: str) -> bool:
        """Stop the person whose code this is, and spend it; a wrong one changes nothing, and no page tells which."""
        mine = StopCode.code_hash == self._hash(code)
        person_id = self.database.scalar(select(StopCode.person_id).where(mine))
        # the person before the code, as every act that makes one
        person = self.people.lock(person_id, sign_out=True) if person_id else None
        if person and self.database.scalar(delete(StopCode).where(mine).returning(StopCode.person_id)):
            person.stopped_at, person.stopped_by = self.clock(), StoppedBy.STOP_CODE
            self.audit.entry(audit.Event.STOPPED, person=person_id, by=person.stopped_by)
            return True
        audit.record(audit.Event.CODE_REFUSED, kind="stop-code")
        return False

    @act
    def stop_own(self, person_id: UUID, version: int) -> int:
        """Stop the person who is signed in, here and nowhere else any more; return the version of the record.

        The stop code stays: it stops again once the ID works again.

        Raises PortalError sign-in-needed where the sign-in rested on another version, and is over.
        """
        person = self.people.lock(person_id, sign_out=True)
        if person.version != version + 1:  # signed out a moment ago: the new version must not let it in again
            raise PortalError(Code.SIGN_IN_NEEDED)
        if person.stopped_at is None:
            person.stopped_at, person.stopped_by = self.clock(), StoppedBy.MY_PAGE
            self.audit.entry(audit.Event.STOPPED, person=person_id, by=person.stopped_by)
        return person.version

    @act
    def resume(self, card_session_id: UUID) -> UUID:
        """Undo a stop by the card with its PIN; the page shows a new code."""
        return self.signed_actions.carry_out(card_session_id, Purpose.RESUME, self._resume)

    def _resume(self, certificate: VerifiedCertificate, card_session: CardSession) -> UUID:
        person_id = self.people.registered(certificate)
        self.people.lock(person_id, sign_out=True).stopped_at = None
        self.make(person_id, card_session.card_session_id)
        self.audit.entry(audit.Event.RESUMED, person=person_id, revocation=certificate.revocation.value)
        return person_id

    def _hash(self, code: str) -> str:
        return self.secrecy.hash("stop-code-hash", code)
