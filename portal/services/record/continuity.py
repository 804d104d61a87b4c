"""継続性: a record goes on from one certificate to the next, with every service ID."""

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select, update

from portal.domain.codes import Code
from portal.domain.continuity import UNDO, Proof
from portal.domain.errors import PortalError, StaffReview
from portal.domain.registration import ReservationEnding
from portal.models import (
    CarryOverCode,
    Certificate,
    IdUse,
    Move,
    MyKeyIdRecord,
    PendingLink,
    Person,
    ServiceLink,
    StopCode,
)
from portal.pki.verifier import VerifiedCertificate
from portal.services.record import audit
from portal.services.record.audit import Audit
from portal.services.record.people import People
from portal.transactions import Service


class Continuity(Service):
    """Move a record, join two of one person, and undo; the caller has the proof."""

    people: People
    audit: Audit

    def move(self, old: Certificate, new: VerifiedCertificate, proof: Proof, *, chosen: str | None = None) -> Move:
        """Let `new` name the person whom `old` named; `chosen` is the reserved ID that becomes the MyKey ID.

        A default ID goes over to the new random string, a chosen one stays; every service link stays with the person.

        Raises PortalError: certificate-not-newer, certificate-replaced; StaffReview where the new certificate or its
        string is somebody else's.
        """
        person_id, now = old.person_id, self.clock()
        self.hold(person_id, new, sign_out=True)
        self.database.refresh(old)
        if old.retired_at is not None:
            raise PortalError(Code.CERTIFICATE_REPLACED)
        if new.not_before <= old.not_before:
            raise PortalError(Code.CERTIFICATE_NOT_NEWER)
        before = self.people.current_id(person_id)
        joined = self._take_over(person_id, new)
        old.retired_at = now
        keeps = before is not None and before.chosen and not chosen
        move = Move(
            move_id=uuid4(),
            person_id=person_id,
            proof=proof,
            moved_at=now,
            old_issuer_key_id=old.issuer_key_id,
            old_serial_number=old.serial_number,
            new_issuer_key_id=new.issuer_key_id,
            new_serial_number=new.serial_number,
            old_mykey_id=None if keeps else before.mykey_id if before else "",
            old_terminal_code=None if keeps else before.terminal_code if before else "",
            joined=joined,
            undo_until=now + UNDO if proof.may_be_undone else None,
        )
        self.database.add(move)
        if chosen:
            self.people.choose(person_id, chosen, None)
            self._replace_id(before, self.people.give(person_id, chosen, "", chosen))
        elif (joined and joined["had_id"]) if before is None else not before.chosen:
            self._replace_id(before, self.people.give_default(person_id, new))
        self.database.execute(delete(CarryOverCode).where(CarryOverCode.person_id == person_id))
        return move

    def hold(self, person_id: UUID, new: VerifiedCertificate, *, sign_out: bool = False) -> None:
        """Hold the person, and the one of a fresh registration, in one order for everybody."""
        there = self.people.known(new)
        for each in sorted({person_id, there.person_id if there else person_id}):
            self.people.lock(each, sign_out=sign_out)
        if there:  # its holder may have cancelled until now
            self.database.refresh(there)

    def undoable(self, old: Certificate) -> Move | None:
        """Return the move away from this certificate that its key may undo now."""
        mine = (
            Move.person_id == old.person_id,
            Move.old_issuer_key_id == old.issuer_key_id,
            Move.old_serial_number == old.serial_number,
            Move.undone_at.is_(None),
            Move.undo_until > self.clock(),
        )
        return self.database.scalars(select(Move).where(*mine)).one_or_none()

    def undo(self, old: Certificate, revocation: str) -> UUID:
        """Take the record back to the old certificate, as it was before the move.

        Raises PortalError move-not-undoable: too late, undone already, or the record has gone on since.
        """
        self.people.lock(old.person_id, sign_out=True)
        move = self.undoable(old)
        new_key = (move.new_issuer_key_id, move.new_serial_number) if move else ("", "")
        new = self.database.get(Certificate, new_key)
        if move is None or new is None or new.retired_at is not None or new.person_id != old.person_id:
            raise PortalError(Code.MOVE_NOT_UNDOABLE)
        move.undone_at = new.retired_at = self.clock()
        old.retired_at = None
        if move.old_mykey_id is not None:
            before = self.database.get(MyKeyIdRecord, (move.old_mykey_id, move.old_terminal_code))
            self._replace_id(self.people.current_id(old.person_id), before)
        for table in (CarryOverCode, PendingLink):  # what the new card asked for is asked again
            self.database.execute(delete(table).where(table.person_id == old.person_id))
        if move.joined:
            self._part(old.person_id, new, move.joined)
        self.audit.entry(audit.Event.MOVE_UNDONE, person=old.person_id, move=move.move_id, revocation=revocation)
        return old.person_id

    def _replace_id(self, before: MyKeyIdRecord | None, after: MyKeyIdRecord | None) -> None:
        """Retire one ID and let the other be the current one."""
        if before is after:
            return
        if before:
            before.retired_at = self.clock()
        if after:
            after.retired_at = None

    def _take_over(self, person_id: UUID, new: VerifiedCertificate) -> dict[str, Any] | None:
        """Let the new certificate name this person; join the record that it made for itself, if it did."""
        there = self.people.known(new)
        if there is None:
            self.people.bind(person_id, new)
            self.people.refuse_conflict(new, person_id)
            return None
        joined = None
        if there.person_id != person_id:
            joined = self._join(person_id, there, self.people.name(new))
        there.retired_at = None
        return joined

    def _join(self, person_id: UUID, there: Certificate, about: str) -> dict[str, Any]:
        """Bring a fresh record over to the person: its links, its ID, its uses.

        Raises StaffReview records-not-joinable where it is more than a fresh registration, or one provider links both.
        """
        other = there.person_id
        of_other = select(ServiceLink.service_provider_id).where(ServiceLink.person_id == other)
        both = select(func.count()).where(
            ServiceLink.person_id == person_id, ServiceLink.service_provider_id.in_(of_other)
        )
        certificates = self.database.scalar(select(func.count()).where(Certificate.person_id == other))
        its_id = self.people.current_id(other)
        if certificates != 1 or there.retired_at or self.database.scalar(both) or (its_id and its_id.chosen):
            raise StaffReview(Code.RECORDS_NOT_JOINABLE, about)
        if reservation := self.people.active_reservation(other):
            self.people.end_reservation(reservation, ReservationEnding.CANCELLED)
        links = self.database.scalars(
            update(ServiceLink)
            .where(ServiceLink.person_id == other)
            .values(person_id=person_id)
            .returning(ServiceLink.service_provider_id)
        ).all()
        self.database.execute(update(IdUse).where(IdUse.person_id == other).values(person_id=person_id))
        for table in (StopCode, CarryOverCode, PendingLink):
            self.database.execute(delete(table).where(table.person_id == other))
        self._pass_on(other, person_id, there, its_id)
        return {"person": str(other), "links": list(links), "had_id": its_id is not None}

    def _pass_on(self, giver: UUID, taker: UUID, certificate: Certificate, its_id: MyKeyIdRecord | None) -> None:
        """Let certificate and ID of one record be the other's; the record that gave them is over."""
        if its_id:
            its_id.person_id, its_id.retired_at = taker, self.clock()
        certificate.person_id = taker
        person = self.database.get(Person, giver)
        if person:
            person.ended_at = self.clock()
        self.database.flush()

    def _part(self, person_id: UUID, new: Certificate, joined: dict[str, Any]) -> None:
        """Give a fresh record back what a move that is undone had joined."""
        other = UUID(joined["person"])
        its_id = self.database.get(MyKeyIdRecord, (new.random_string, new.terminal_code))
        if its_id and its_id.person_id == person_id:
            its_id.person_id, its_id.retired_at = other, None if joined["had_id"] else self.clock()
        new.person_id, new.retired_at = other, None
        self.people.lock(other).ended_at = None
        self.database.execute(
            update(ServiceLink)
            .where(ServiceLink.person_id == person_id, ServiceLink.service_provider_id.in_(joined["links"]))
            .values(person_id=other)
        )
