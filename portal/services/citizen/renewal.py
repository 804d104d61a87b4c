"""Renewal by the citizen: the new card signs `renew`, and a code or a correspondence shows whose it is."""

from enum import StrEnum
from uuid import UUID

from sqlalchemy import delete, select

from portal.domain.card_session import Purpose
from portal.domain.codes import Code
from portal.domain.continuity import Proof, same_birthday
from portal.domain.errors import PortalError, StaffReview
from portal.models import CardSession, Certificate, CorrespondenceLine, Move
from portal.pki.verifier import ReadCertificate, VerifiedCertificate
from portal.services.citizen.carry_over import CarryOver
from portal.services.record import audit
from portal.services.record.audit import Audit
from portal.services.record.continuity import Continuity
from portal.services.record.people import People
from portal.services.record.signed_actions import SignedActions
from portal.transactions import Service, act, reads


class Way(StrEnum):
    """What the page of `renew` offers to the card that was read."""

    CODE = "code"
    CORRESPONDENCE = "correspondence"
    UNDO = "undo"
    NOTHING = "nothing"
    """The card's record is in order as it is."""


class Renewal(Service):
    signed_actions: SignedActions
    people: People
    continuity: Continuity
    carry_over: CarryOver
    audit: Audit

    @reads
    def way(self, card_session_id: UUID) -> Way | None:
        """Tell what the card that was read may do; None where the button has been pressed.

        Raises PortalError certificate-replaced for an old card that can undo nothing, move-may-be-undone for a
        correspondence to which the key before the old one may still object; StaffReview.
        """
        card_session = self.signed_actions.waiting(card_session_id)
        if card_session is None or card_session.purpose != Purpose.RENEW:
            return None
        certificate = self.signed_actions.read(card_session)
        there = self.people.known(certificate)
        if there and there.retired_at and self.continuity.undoable(there):
            return Way.UNDO
        holder = self.people.holder(certificate)
        if line := self._line(certificate):
            if old := self._old(line):
                self.people.refuse_open(old.person_id, old)
            return Way.CORRESPONDENCE
        return Way.NOTHING if holder else Way.CODE

    @reads
    def undoable(self, card_session_id: UUID) -> Move | None:
        """Return the move that the old card which was read may undo."""
        card_session = self.signed_actions.waiting(card_session_id)
        old = self.people.known(self.signed_actions.read(card_session)) if card_session else None
        return self.continuity.undoable(old) if old else None

    @reads
    def last_move(self, person_id: UUID) -> Move | None:
        """Return the newest move of a record, undone or not."""
        newest = select(Move).where(Move.person_id == person_id).order_by(Move.moved_at.desc()).limit(1)
        return self.database.scalars(newest).one_or_none()

    @act
    def by_code(self, card_session_id: UUID, typed: str) -> UUID:
        """Move the record with the code of the old card; a wrong code leaves everything as it was.

        Raises AskAgain carry-over-code-wrong; PortalError certificate-known, certificate-older-than-code; StaffReview
        renewal-days-differ, mykey-id-conflict, mykey-id-reserved.
        """

        def moved(certificate: VerifiedCertificate, _: CardSession) -> UUID:
            if self.people.known(certificate):
                raise PortalError(Code.CERTIFICATE_KNOWN)
            old, code = self.carry_over.owner(typed)
            if certificate.not_before <= code.made_at:
                raise PortalError(Code.CERTIFICATE_OLDER_THAN_CODE)
            if not same_birthday(old.not_after, certificate.not_after):
                raise StaffReview(Code.RENEWAL_DAYS_DIFFER, self.people.name(certificate))
            self.database.delete(code)  # before the move keeps the record: an undo does not bring it back
            return self._move(old, certificate, Proof.CARRY_OVER)

        return self.signed_actions.carry_out(card_session_id, Purpose.RENEW, moved)

    @act
    def by_correspondence(self, card_session_id: UUID) -> UUID:
        """Move the record, or join it, where a confirmed correspondence names both certificates.

        Raises PortalError correspondence-missing, move-may-be-undone; StaffReview renewal-order, mykey-id-…,
        records-not-joinable.
        """

        def moved(certificate: VerifiedCertificate, _: CardSession) -> UUID:
            line = self._line(certificate)
            old = self._old(line) if line else None
            if line is None or old is None:
                raise PortalError(Code.CORRESPONDENCE_MISSING)
            if old.retired_at or certificate.not_before <= old.not_before:
                raise StaffReview(Code.RENEWAL_ORDER, self.people.name(certificate))
            self._use_up(line)
            return self._move(old, certificate, Proof.CORRESPONDENCE)

        return self.signed_actions.carry_out(card_session_id, Purpose.RENEW, moved)

    @act
    def undo(self, card_session_id: UUID) -> UUID:
        """Undo a move with the old card, which signs `renew` itself."""

        def moved(certificate: VerifiedCertificate, _: CardSession) -> UUID:
            if old := self.people.known(certificate):
                return self.continuity.undo(old, certificate.revocation.value)
            raise PortalError(Code.MOVE_NOT_UNDOABLE)

        return self.signed_actions.carry_out(card_session_id, Purpose.RENEW, moved)

    def _line(self, certificate: ReadCertificate) -> CorrespondenceLine | None:
        """Return the line that names this certificate as the new one, while it holds."""
        key = (certificate.issuer_key_id, certificate.serial_number)
        line = self.database.get(CorrespondenceLine, key)
        return line if line and line.expires_at > self.clock() else None

    def _old(self, line: CorrespondenceLine) -> Certificate | None:
        return self.database.get(Certificate, (line.old_issuer_key_id, line.old_serial_number))

    def _use_up(self, line: CorrespondenceLine) -> None:
        """Take a line out; who finds it taken by another tab comes too late."""
        mine = (
            CorrespondenceLine.new_issuer_key_id == line.new_issuer_key_id,
            CorrespondenceLine.new_serial_number == line.new_serial_number,
        )
        used = delete(CorrespondenceLine).where(*mine).returning(CorrespondenceLine.file_id)
        if self.database.scalar(used) is None:
            raise PortalError(Code.CORRESPONDENCE_MISSING)

    def _move(self, old: Certificate, new: VerifiedCertificate, proof: Proof) -> UUID:
        move = self.continuity.move(old, new, proof)
        revocation = new.revocation.value
        self.audit.entry(
            audit.Event.MOVED, person=move.person_id, move=move.move_id, proof=proof, revocation=revocation
        )
        return move.person_id
