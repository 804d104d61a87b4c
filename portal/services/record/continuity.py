"""継続性: a record goes on from one certificate to the next, with every service ID."""

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
    ServiceLink,
    StopCode,
)
from portal.pki.verifier import VerifiedCertificate
from portal.services.record import audit
from portal.services.record.audit import Audit
from portal.services.record.before_move import BeforeMove, people_of
from portal.services.record.people import People
from portal.services.record.review_queue import ReviewQueue
from portal.transactions import Service


class Continuity(Service):
    """Move a record, join two of one person, and undo; the caller has the proof."""

    people: People
    before_move: BeforeMove
    review_queue: ReviewQueue
    audit: Audit

    def move(self, old: Certificate, new: VerifiedCertificate, proof: Proof, *, chosen: str | None = None) -> Move:
        """Let `new` name the person whom `old` named; `chosen` is the reserved ID that becomes the MyKey ID.

        A default ID goes over to the new random string, a chosen one stays; every service link stays with the person.
        Only a counter, where two clerks see to that, ends the time in which a key may object to an earlier move.

        Raises PortalError: certificate-not-newer, certificate-replaced, move-may-be-undone; StaffReview where the new
        certificate or its string is somebody else's.
        """
        person_id, now = old.person_id, self.clock()
        self.hold(person_id, new, sign_out=True)
        self.database.refresh(old)
        if old.retired_at is not None:
            raise PortalError(Code.CERTIFICATE_REPLACED)
        if new.not_before <= old.not_before:
            raise PortalError(Code.CERTIFICATE_NOT_NEWER)
        if not proof.of_counter:
            self.people.refuse_open(person_id, old)
        there, before = self.people.known(new), self.people.current_id(person_id)
        joins = there.person_id if there and there.person_id != person_id else None
        kept = self.before_move.kept(person_id, joins) if proof.may_be_undone else None
        brought_id = self._take_over(person_id, there, new)
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
            before=kept,
            undo_until=now + UNDO if kept else None,
            kept_until=now + UNDO if kept else None,
        )
        self.database.add(move)
        if chosen:
            self.people.choose(person_id, chosen, None)
            self._replace_id(before, self.people.give(person_id, chosen, "", chosen))
        elif brought_id if before is None else not before.chosen:
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
        """Return the move away from this certificate that its key may undo now: in its time, and not settled since."""
        mine = (
            Move.person_id == old.person_id,
            Move.old_issuer_key_id == old.issuer_key_id,
            Move.old_serial_number == old.serial_number,
            Move.undone_at.is_(None),
            Move.undo_until > self.clock(),
            Move.before.is_not(None),
        )
        move = self.database.scalars(select(Move).where(*mine)).one_or_none()
        to = (move.new_issuer_key_id, move.new_serial_number) if move else ("", "")
        new = self.database.get(Certificate, to, populate_existing=True)
        return move if new and new.retired_at is None else None

    def undo(self, old: Certificate, revocation: str) -> UUID:
        """Take the record back to the old certificate, as it was before the move.

        Raises PortalError move-not-undoable: too late, undone already, or the record has gone on since.
        """
        found = self.undoable(old)
        for each in people_of(found) if found else ():
            self.people.lock(each, sign_out=True)
        move = self.undoable(old)
        if move is None:
            raise PortalError(Code.MOVE_NOT_UNDOABLE)
        counts = self.before_move.give_back(move)
        if move.aside:
            about = {"serial_number": move.new_serial_number, **counts}
            self.review_queue.open(StaffReview(Code.PUT_ASIDE, str(move.move_id), **about))
        person_id, event = old.person_id, audit.Event.MOVE_UNDONE
        self.audit.entry(event, person=person_id, move=move.move_id, revocation=revocation, aside=counts)
        return person_id

    def _replace_id(self, before: MyKeyIdRecord | None, after: MyKeyIdRecord | None) -> None:
        """Retire one ID and let the other be the current one."""
        if before is after:
            return
        if before:
            before.retired_at = self.clock()
        if after:
            after.retired_at = None

    def _take_over(self, person_id: UUID, there: Certificate | None, new: VerifiedCertificate) -> bool:
        """Let the new certificate name this person; join the record it made for itself, and tell if that had an ID."""
        if there is None:
            self.people.bind(person_id, new)
            self.people.refuse_conflict(new, person_id)
            return False
        brought_id = there.person_id != person_id and self._join(person_id, there, self.people.name(new))
        there.retired_at = None
        return brought_id

    def _join(self, person_id: UUID, there: Certificate, about: str) -> bool:
        """Bring a fresh record over to the person: its links, its ID, its uses; tell whether it had an ID.

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
        for hangs in (ServiceLink, IdUse):
            self.database.execute(update(hangs).where(hangs.person_id == other).values(person_id=person_id))
        for table in (StopCode, CarryOverCode, PendingLink):
            self.database.execute(delete(table).where(table.person_id == other))
        self._pass_on(other, person_id, there, its_id)
        return its_id is not None

    def _pass_on(self, giver: UUID, taker: UUID, certificate: Certificate, its_id: MyKeyIdRecord | None) -> None:
        """Let certificate and ID of one record be the other's; the record that gave them is over."""
        if its_id:
            its_id.person_id, its_id.retired_at = taker, self.clock()
        certificate.person_id = taker
        person = self.people.lock(giver)
        person.ended_at, person.stopped_at = self.clock(), None
        self.database.flush()
