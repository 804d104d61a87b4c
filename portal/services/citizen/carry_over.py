"""引継ぎコード: made with the old card, it lets the next card carry the record over."""

from uuid import UUID

from sqlalchemy import delete, select

from portal.domain.card_session import Purpose
from portal.domain.codes import Code
from portal.domain.continuity import CODE_LIFETIME
from portal.domain.errors import AskAgain
from portal.domain.formats.typed_code import fold_code
from portal.models import CardSession, CarryOverCode, Certificate
from portal.pki.verifier import VerifiedCertificate
from portal.services.record import audit
from portal.services.record.audit import Audit
from portal.services.record.people import People
from portal.services.record.secrecy import Secrecy
from portal.services.record.signed_actions import SignedActions
from portal.transactions import Service, act, reads

LENGTH = 24
"""Characters of a code: 117 bits."""


class CarryOver(Service):
    signed_actions: SignedActions
    people: People
    secrecy: Secrecy
    audit: Audit

    @act
    def make_code(self, card_session_id: UUID) -> UUID:
        """Make a code with the old card; a newer one voids it."""
        return self.signed_actions.carry_out(card_session_id, Purpose.CARRY_OVER, self._make_code)

    @reads
    def code_in_force(self, card_session_id: UUID) -> CarryOverCode | None:
        """Return the row of the code that this card session made, as long as it is good."""
        mine = CarryOverCode.code_hash == self._hash(self.shown_code(card_session_id))
        return self.database.scalars(
            select(CarryOverCode).where(mine, CarryOverCode.expires_at > self.clock())
        ).one_or_none()

    def shown_code(self, card_session_id: UUID) -> str:
        """Return the code that a card session makes, or made: the page shows it as long as it is in force."""
        return self.secrecy.code_from("carry-over-code", str(card_session_id), LENGTH)

    @act
    def owner(self, typed: str) -> tuple[Certificate, CarryOverCode]:
        """Find the certificate whose person made the code, and hold the person: a code serves once.

        Raises AskAgain carry-over-code-wrong.
        """
        statement = select(CarryOverCode).where(CarryOverCode.code_hash == self._hash(fold_code(typed)))
        code = self.database.scalars(statement).one_or_none()
        if code:
            self.people.lock(code.person_id)
            code = self.database.scalars(statement, execution_options={"populate_existing": True}).one_or_none()
        if code is None or code.expires_at <= self.clock():
            audit.record(audit.Event.CODE_REFUSED, kind="carry-over-code")
            raise AskAgain(Code.CARRY_OVER_CODE_WRONG)
        return self.people.current_certificate(code.person_id), code

    def _make_code(self, certificate: VerifiedCertificate, card_session: CardSession) -> UUID:
        person_id = self.people.settled(certificate)
        self.database.execute(delete(CarryOverCode).where(CarryOverCode.person_id == person_id))
        now, code = self.clock(), self.shown_code(card_session.card_session_id)
        self.database.add(
            CarryOverCode(code_hash=self._hash(code), person_id=person_id, made_at=now, expires_at=now + CODE_LIFETIME)
        )
        self.audit.entry(audit.Event.CARRY_OVER_MADE, person=person_id, revocation=certificate.revocation.value)
        return person_id

    def _hash(self, code: str) -> str:
        return self.secrecy.hash("carry-over-code-hash", code)
