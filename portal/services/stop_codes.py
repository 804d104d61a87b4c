"""停止コード: stops every look-up at once when a card is lost (screens.md, rule 9)."""

from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import delete, select, update

from portal.domain.card_session import Purpose
from portal.domain.typed_code import fold
from portal.models import CardSession, Person, StopCode
from portal.pki.verifier import VerifiedCertificate
from portal.services import audit
from portal.services.audit import Audit
from portal.services.card_acts import CardActs
from portal.services.people import People
from portal.services.secrecy import Secrecy

LENGTH = 16


@dataclass(frozen=True)
class StopCodes:
    """Make, use and make anew."""

    acts: CardActs
    people: People
    secrecy: Secrecy
    audit: Audit

    def make(self, person_id: UUID, card_session_id: UUID) -> str:
        """Give the person a new code, which voids the one before; the caller commits."""
        self.acts.database.execute(delete(StopCode).where(StopCode.person_id == person_id))
        code = self.shown(card_session_id)
        self.acts.database.add(StopCode(code_hash=self._hash(code), person_id=person_id))
        return code

    def shown(self, card_session_id: UUID) -> str:
        """Return the code that was made with this card session, to be shown once more on its page."""
        return self.secrecy.code_from("stop-code", str(card_session_id), LENGTH)

    def of(self, card_session_id: UUID) -> str | None:
        """Return the code that this card session made, as long as it is good; None where it made none."""
        code = self.shown(card_session_id)
        return code if self.acts.database.get(StopCode, self._hash(code)) else None

    def stop(self, typed: str) -> None:
        """Stop the person whose code this is, and spend it; a wrong one takes the same steps, and takes them back."""
        database, code = self.acts.database, StopCode.code_hash == self._hash(fold(typed))
        with database.begin_nested() as steps:
            person_id = database.scalar(select(StopCode.person_id).where(code)) or uuid4()
            database.scalars(select(Person).where(Person.person_id == person_id).with_for_update()).one_or_none()
            spent = database.scalar(delete(StopCode).where(code).returning(StopCode.person_id))
            stopped = {"stopped_at": self.acts.clock()}
            database.execute(update(Person).where(Person.person_id == person_id).values(stopped))
            self.audit.entry(audit.Event.STOPPED, person=person_id)
            if spent != person_id:
                steps.rollback()
        database.commit()
        if spent != person_id:
            audit.record(audit.Event.CODE_REFUSED, kind="stop-code")

    def resume(self, card_session_id: UUID) -> UUID:
        """Undo a stop by the card with its PIN; the page shows a new code."""
        return self.acts.carry_out(card_session_id, Purpose.RESUME, self._resume)

    def _resume(self, certificate: VerifiedCertificate, card_session: CardSession) -> UUID:
        person_id = self.people.registered(certificate)
        self.people.lock(person_id).stopped_at = None
        self.make(person_id, card_session.card_session_id)
        self.audit.entry(audit.Event.RESUMED, person=person_id, revocation=certificate.revocation.value)
        return person_id

    def _hash(self, code: str) -> str:
        return self.secrecy.hash("stop-code-hash", code)
