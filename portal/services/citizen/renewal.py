"""Renewal by the citizen: the new card signs `renew`, and a code or a correspondence shows whose it is."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import delete, select

from portal.domain.card_session import Purpose
from portal.domain.codes import Code
from portal.domain.continuity import CODE_LIFETIME, Proof, same_birthday
from portal.domain.errors import AskAgain, PortalError, StaffReview
from portal.domain.formats.typed_code import fold_code
from portal.models import CardSession, CarryOverCode, Certificate, CorrespondenceLine, Move
from portal.pki.verifier import VerifiedCertificate
from portal.services.record import audit
from portal.services.record.audit import Audit
from portal.services.record.continuity import Continuity
from portal.services.record.people import People
from portal.services.record.secrecy import Secrecy
from portal.services.record.signed_actions import CardActs

CODE_LENGTH = 24
"""Characters of an 引継ぎコード: 117 bits."""


class Way(StrEnum):
    """What the page of `renew` offers to the card that was read."""

    CODE = "code"
    CORRESPONDENCE = "correspondence"
    UNDO = "undo"
    NOTHING = "nothing"
    """The card's record is in order as it is."""


@dataclass(frozen=True)
class Renewal:
    """What the new card, and sometimes the old one, may do without the counter."""

    acts: CardActs
    people: People
    continuity: Continuity
    secrecy: Secrecy
    audit: Audit

    def way(self, card_session_id: UUID) -> Way | None:
        """Tell what the card that was read may do; None where the button has been pressed.

        Raises PortalError certificate-replaced for an old card that can undo nothing; StaffReview; PkiError.
        """
        card_session = self.acts.waiting(card_session_id)
        if card_session is None or card_session.purpose != Purpose.RENEW:
            return None
        certificate = self.acts.certificate_of(card_session)
        there = self.people.known(certificate)
        if there and there.retired_at and self.continuity.undoable(there):
            return Way.UNDO
        holder = self.people.holder(certificate)
        if self._line(certificate):
            return Way.CORRESPONDENCE
        return Way.NOTHING if holder else Way.CODE

    def make_code(self, card_session_id: UUID) -> UUID:
        """Make an 引継ぎコード with the old card; a newer one voids it."""
        return self.acts.carry_out(card_session_id, Purpose.CARRY_OVER, self._make_code)

    def code_in_force(self, card_session_id: UUID) -> CarryOverCode | None:
        """Return the row of the code that this card session made, as long as it is good."""
        mine = CarryOverCode.code_hash == self._hash(self.shown_code(card_session_id))
        good = select(CarryOverCode).where(mine, CarryOverCode.expires_at > self.acts.clock())
        found: CarryOverCode | None = self.acts.database.scalars(good).one_or_none()
        return found

    def shown_code(self, card_session_id: UUID) -> str:
        """Return the code that a card session makes, or made: the page shows it as long as it is in force."""
        return self.secrecy.code_from("carry-over-code", str(card_session_id), CODE_LENGTH)

    def undoable(self, card_session_id: UUID) -> Move | None:
        """Return the move that the old card which was read may undo."""
        card_session = self.acts.waiting(card_session_id)
        old = self.people.known(self.acts.certificate_of(card_session)) if card_session else None
        return self.continuity.undoable(old) if old else None

    def last_move(self, person_id: UUID) -> Move | None:
        """Return the newest move of a record, undone or not."""
        newest = select(Move).where(Move.person_id == person_id).order_by(Move.moved_at.desc()).limit(1)
        found: Move | None = self.acts.database.scalars(newest).one_or_none()
        return found

    def by_code(self, card_session_id: UUID, typed: str) -> UUID:
        """Move the record with the code of the old card; a wrong code leaves everything as it was.

        Raises AskAgain carry-over-code-wrong; PortalError certificate-known, certificate-older-than-code; StaffReview
        renewal-days-differ, mykey-id-conflict, mykey-id-reserved.
        """

        def act(certificate: VerifiedCertificate, _: CardSession) -> UUID:
            if self.people.known(certificate):
                raise PortalError(Code.CERTIFICATE_KNOWN)
            old, code = self._owner(typed)
            if certificate.not_before <= code.made_at:
                raise PortalError(Code.CERTIFICATE_OLDER_THAN_CODE)
            if not same_birthday(old.not_after, certificate.not_after):
                raise StaffReview(Code.RENEWAL_DAYS_DIFFER, self.people.name(certificate))
            return self._moved(old, certificate, Proof.CARRY_OVER)

        return self.acts.carry_out(card_session_id, Purpose.RENEW, act)

    def by_correspondence(self, card_session_id: UUID) -> UUID:
        """Move the record, or join it, where a confirmed correspondence names both certificates.

        Raises PortalError correspondence-missing; StaffReview renewal-order, records-not-joinable, mykey-id-…
        """

        def act(certificate: VerifiedCertificate, _: CardSession) -> UUID:
            line = self._line(certificate)
            key = (line.old_issuer_key_id, line.old_serial_number) if line else ("", "")
            old = self.acts.database.get(Certificate, key)
            if line is None or old is None:
                raise PortalError(Code.CORRESPONDENCE_MISSING)
            if old.retired_at or certificate.not_before <= old.not_before:
                raise StaffReview(Code.RENEWAL_ORDER, self.people.name(certificate))
            self._use_up(line)
            return self._moved(old, certificate, Proof.CORRESPONDENCE)

        return self.acts.carry_out(card_session_id, Purpose.RENEW, act)

    def undo(self, card_session_id: UUID) -> UUID:
        """Undo a move with the old card, which signs `renew` itself."""

        def act(certificate: VerifiedCertificate, _: CardSession) -> UUID:
            if old := self.people.known(certificate):
                return self.continuity.undo(old, certificate.revocation.value)
            raise PortalError(Code.MOVE_NOT_UNDOABLE)

        return self.acts.carry_out(card_session_id, Purpose.RENEW, act)

    def _make_code(self, certificate: VerifiedCertificate, card_session: CardSession) -> UUID:
        person_id = self.people.settled(certificate)
        self.acts.database.execute(delete(CarryOverCode).where(CarryOverCode.person_id == person_id))
        now, code = self.acts.clock(), self.shown_code(card_session.card_session_id)
        row = CarryOverCode(
            code_hash=self._hash(code), person_id=person_id, made_at=now, expires_at=now + CODE_LIFETIME
        )
        self.acts.database.add(row)
        self.audit.entry(audit.Event.CARRY_OVER_MADE, person=person_id, revocation=certificate.revocation.value)
        return person_id

    def _owner(self, typed: str) -> tuple[Certificate, CarryOverCode]:
        """Find the certificate whose person made the code, and hold the person: a code serves once."""
        statement = select(CarryOverCode).where(CarryOverCode.code_hash == self._hash(fold_code(typed)))
        code: CarryOverCode | None = self.acts.database.scalars(statement).one_or_none()
        if code:
            self.people.lock(code.person_id)
            code = self.acts.database.scalars(statement, execution_options={"populate_existing": True}).one_or_none()
        if code is None or code.expires_at <= self.acts.clock():
            audit.record(audit.Event.CODE_REFUSED, kind="carry-over-code")
            raise AskAgain(Code.CARRY_OVER_CODE_WRONG)
        return self.people.current_certificate(code.person_id), code

    def _line(self, certificate: VerifiedCertificate) -> CorrespondenceLine | None:
        """Return the line that names this certificate as the new one, while it holds."""
        key = (certificate.issuer_key_id, certificate.serial_number)
        line: CorrespondenceLine | None = self.acts.database.get(CorrespondenceLine, key)
        return line if line and line.expires_at > self.acts.clock() else None

    def _use_up(self, line: CorrespondenceLine) -> None:
        """Take a line out; who finds it taken by another tab comes too late."""
        mine = (
            CorrespondenceLine.new_issuer_key_id == line.new_issuer_key_id,
            CorrespondenceLine.new_serial_number == line.new_serial_number,
        )
        used = delete(CorrespondenceLine).where(*mine).returning(CorrespondenceLine.file_id)
        if self.acts.database.scalar(used) is None:
            raise PortalError(Code.CORRESPONDENCE_MISSING)

    def _moved(self, old: Certificate, new: VerifiedCertificate, proof: Proof) -> UUID:
        move = self.continuity.move(old, new, proof)
        revocation = new.revocation.value
        self.audit.entry(
            audit.Event.MOVED, person=move.person_id, move=move.move_id, proof=proof, revocation=revocation
        )
        return move.person_id

    def _hash(self, code: str) -> str:
        return self.secrecy.hash("carry-over-code-hash", code)
