"""People as the database knows them: found by certificate, locked for an act, and their IDs given and taken."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.exc import IntegrityError

from portal.domain.codes import Code
from portal.domain.errors import PortalError, StaffReview
from portal.domain.registration import ReservationEnding, StringUse
from portal.models import Certificate, Move, MyKeyIdRecord, Person, Reservation, TakenString
from portal.pki.verifier import ReadCertificate, VerifiedCertificate
from portal.transactions import Service


class People(Service):
    """Every act on a person begins with `lock`, so that two acts on one person come one after the other."""

    def known(self, certificate: ReadCertificate) -> Certificate | None:
        """Find a certificate by issuer key, serial number and public key, nothing else; retired ones too.

        Raises StaffReview certificate-conflict where the name is known with another key.
        """
        found = self.database.get(Certificate, (certificate.issuer_key_id, certificate.serial_number))
        if found and found.public_key_digest != certificate.public_key_digest:
            raise StaffReview(
                Code.CERTIFICATE_CONFLICT, self.name(certificate), serial_number=certificate.serial_number
            )
        return found

    def holder(self, certificate: ReadCertificate, *, hold: bool = False) -> UUID | None:
        """Return whom a certificate names now; None for one that names nobody yet, or nobody any more.

        An act holds the person; a page only looks.

        Raises PortalError certificate-replaced where the person's record has gone on to another certificate.
        """
        found = self.held(certificate) if hold else self.known(certificate)
        if found is None:
            return None
        if found.retired_at is None:
            return found.person_id
        person = self.database.get(Person, found.person_id)
        if person and person.ended_at == found.retired_at:  # cancelled with this card, which may come back
            return None
        raise PortalError(Code.CERTIFICATE_REPLACED)

    def registered(self, certificate: VerifiedCertificate) -> UUID:
        """Return whom a certificate names, held for an act.

        Raises PortalError: card-not-registered, certificate-replaced.
        """
        person_id = self.holder(certificate, hold=True)
        if person_id is None:
            raise PortalError(Code.CARD_NOT_REGISTERED)
        return person_id

    def settled(self, certificate: VerifiedCertificate) -> UUID:
        """Return whom a certificate names, held for an act that nobody could take back.

        Raises PortalError as registered and refuse_open.
        """
        person_id = self.registered(certificate)
        self.refuse_open(person_id, certificate)
        return person_id

    def refuse_open(self, person_id: UUID, current: Certificate | ReadCertificate) -> None:
        """Raise PortalError move-may-be-undone while the key before may object to the move to the current one."""
        if any(is_open(move, current) for move in self.moves_of_note(person_id)):
            raise PortalError(Code.MOVE_MAY_BE_UNDONE)

    def moves_of_note(self, person_id: UUID) -> Sequence[Move]:
        """Return the moves whose time to object goes on, and those that were undone with something put aside."""
        in_time = and_(Move.undone_at.is_(None), Move.undo_until > self.clock())
        noted = (Move.person_id == person_id, or_(in_time, Move.aside.is_not(None)))
        return self.database.scalars(select(Move).where(*noted).order_by(Move.moved_at.desc())).all()

    def held(self, certificate: ReadCertificate) -> Certificate | None:
        """Find a certificate, and hold its person, so that what is read now still holds at the end of the act."""
        found = self.known(certificate)
        if found is None:
            return None
        person_id = found.person_id
        self.lock(person_id)
        self.database.refresh(found)
        return found if found.person_id == person_id else self.held(certificate)  # joined to another meanwhile

    def lock(self, person_id: UUID, *, sign_out: bool = False) -> Person:
        """Hold a person's row until the transaction ends, and read it anew.

        An act that takes away what sessions rest on signs the person out: every session of an older version is over.
        """
        mine = Person.person_id == person_id
        held = select(Person).where(mine).with_for_update()
        signed_out = update(Person).where(mine).values(version=Person.version + 1).returning(Person)
        rows = self.database.scalars(signed_out if sign_out else held, execution_options={"populate_existing": True})
        return rows.one()

    def refuse_stopped(self, person_id: UUID) -> None:
        """Raise PortalError mykey-id-stopped where the person has stopped every use."""
        person = self.database.get(Person, person_id)
        if person and person.stopped_at:
            raise PortalError(Code.MYKEY_ID_STOPPED)

    def current_id(self, person_id: UUID) -> MyKeyIdRecord | None:
        """Return the one MyKey ID that the person has now, if any."""
        current = (MyKeyIdRecord.person_id == person_id, MyKeyIdRecord.retired_at.is_(None))
        return self.database.scalars(select(MyKeyIdRecord).where(*current)).one_or_none()

    def current_certificate(self, person_id: UUID) -> Certificate:
        """Return the one certificate that names the person now."""
        current = (Certificate.person_id == person_id, Certificate.retired_at.is_(None))
        return self.database.scalars(select(Certificate).where(*current)).one()

    def active_reservation(self, person_id: UUID) -> Reservation | None:
        """Return the reservation that holds now, if any."""
        mine = (Reservation.person_id == person_id, Reservation.ended_at.is_(None))
        return self.database.scalars(
            select(Reservation).where(*mine, Reservation.expires_at > self.clock())
        ).one_or_none()

    def admit(self, certificate: VerifiedCertificate) -> UUID:
        """Give an unknown certificate a person of its own; one that cancelled comes back to the same record.

        Raises StaffReview mykey-id-conflict where the common name is known with another key.
        """
        now = self.clock()
        if found := self.known(certificate):
            person = self.lock(found.person_id)
            person.ended_at = found.retired_at = None
            return found.person_id
        person_id = uuid4()
        self.database.add(Person(person_id=person_id, registered_at=now))
        self.bind(person_id, certificate)  # first, so that another tab of the same card meets it here
        self.refuse_conflict(certificate, person_id)
        return person_id

    def bind(self, person_id: UUID, certificate: VerifiedCertificate) -> None:
        """Let a certificate name the person from now on."""
        self.database.add(
            Certificate(
                issuer_key_id=certificate.issuer_key_id,
                serial_number=certificate.serial_number,
                public_key_digest=certificate.public_key_digest,
                random_string=certificate.random_string,
                terminal_code=certificate.terminal_code,
                person_id=person_id,
                not_before=certificate.not_before,
                not_after=certificate.not_after,
                registered_at=self.clock(),
            )
        )
        self.database.flush()  # two tabs with one card meet here

    def give_default(self, person_id: UUID, certificate: VerifiedCertificate) -> MyKeyIdRecord:
        """Make the certificate's random string the person's MyKey ID.

        Raises StaffReview: mykey-id-conflict where it is somebody else's, mykey-id-reserved where it waits for another.
        """
        string = certificate.random_string
        taken = self._take(TakenString(string=string, use=StringUse.DEFAULT))
        terminal_code = certificate.terminal_code
        if taken and taken.use == StringUse.CHOSEN:
            if taken.person_id != person_id:
                raise StaffReview(Code.MYKEY_ID_CONFLICT, self.name(certificate))
            terminal_code = ""
        if taken and taken.use == StringUse.RESERVED:
            self._displace(taken, certificate)
        return self.give(person_id, string, terminal_code, self.name(certificate))

    def give(self, person_id: UUID, mykey_id: str, terminal_code: str, about: str) -> MyKeyIdRecord:
        """Write a MyKey ID, or take up again one that this person had; the primary key is the last word."""
        key = (mykey_id, terminal_code)
        record = self.database.get(MyKeyIdRecord, key)
        if record is None:
            record = MyKeyIdRecord(
                mykey_id=mykey_id, terminal_code=terminal_code, person_id=person_id, registered_at=self.clock()
            )
            try:
                with self.database.begin_nested():
                    self.database.add(record)
            except IntegrityError:
                record = self.database.get(MyKeyIdRecord, key)
        if record is None or record.person_id != person_id:
            raise StaffReview(Code.MYKEY_ID_CONFLICT, about)
        record.retired_at = None
        return record

    def choose(
        self, person_id: UUID, mykey_id: str, reserved_until: datetime | None, reserved_at: datetime | None = None
    ) -> None:
        """Take 14 characters for this person alone: reserved from a time (now) until another, or chosen for ever.

        What this person has chosen once stays so, even where a move is undone and it waits for the counter again.

        Raises PortalError mykey-id-taken where anybody else has them.
        """
        if reserved_until is None:  # what this person has reserved becomes the chosen one
            self.release(person_id, mykey_id)
        use = StringUse.RESERVED if reserved_until else StringUse.CHOSEN
        begun = (reserved_at or self.clock()) if reserved_until else None
        times = {"reserved_at": begun, "reserved_until": reserved_until}
        taken = self._take(TakenString(string=mykey_id, use=use, person_id=person_id, **times))
        if taken and (taken.use, taken.person_id) != (StringUse.CHOSEN, person_id):
            raise PortalError(Code.MYKEY_ID_TAKEN)

    def end_reservation(self, reservation: Reservation, ending: ReservationEnding) -> None:
        """End a provisional registration and free its characters; the caller holds the person.

        The characters come first, as they do for a card that takes its own string; it may just have displaced this one.
        """
        self.release(reservation.person_id, reservation.mykey_id)
        self.database.refresh(reservation)
        if reservation.ended_at is None:
            reservation.ended_at, reservation.ending = self.clock(), ending

    def release(self, person_id: UUID, mykey_id: str) -> None:
        """Give 14 reserved characters back."""
        mine = (TakenString.person_id == person_id, TakenString.use == StringUse.RESERVED)
        self.database.execute(delete(TakenString).where(TakenString.string == mykey_id, *mine))

    @staticmethod
    def name(certificate: ReadCertificate) -> str:
        """Name a certificate for the review queue."""
        return f"{certificate.issuer_key_id[:16]}:{certificate.serial_number}"

    def _take(self, row: TakenString) -> TakenString | None:
        """Write a string's use, or return the row that was there before; a reservation out of time is none."""
        string = TakenString.string == row.string
        over = (TakenString.use == StringUse.RESERVED, TakenString.reserved_until <= self.clock())
        self.database.execute(delete(TakenString).where(string, *over))
        try:
            with self.database.begin_nested():
                self.database.add(row)
        except IntegrityError:
            there = select(TakenString).where(string).with_for_update()
            found = self.database.scalars(there, execution_options={"populate_existing": True}).one_or_none()
            return found or self._take(row)  # its holder has just let it go
        return None

    def _displace(self, taken: TakenString, certificate: VerifiedCertificate) -> None:
        """Let a card have its own string against a later reservation, whose holder is told."""
        if taken.reserved_at is None or certificate.not_before >= taken.reserved_at:
            raise StaffReview(Code.MYKEY_ID_RESERVED, self.name(certificate))
        reservation = self.active_reservation(taken.person_id) if taken.person_id else None
        if reservation and reservation.mykey_id == taken.string:
            reservation.ended_at, reservation.ending = self.clock(), ReservationEnding.DISPLACED
        taken.use, taken.person_id, taken.reserved_at, taken.reserved_until = StringUse.DEFAULT, None, None, None

    def refuse_conflict(self, certificate: ReadCertificate, person_id: UUID | None) -> None:
        """Raise StaffReview mykey-id-conflict for a certificate that would pass for somebody else.

        It bears a common name that another person's certificate has, or characters that another person has chosen.
        """
        same = (
            Certificate.random_string == certificate.random_string,
            Certificate.terminal_code == certificate.terminal_code,
        )
        others = set(self.database.scalars(select(Certificate.person_id).where(*same).distinct()))
        taken = self.database.get(TakenString, certificate.random_string)
        if taken and taken.use == StringUse.CHOSEN and taken.person_id:
            others.add(taken.person_id)
        if others - {person_id}:
            raise StaffReview(Code.MYKEY_ID_CONFLICT, self.name(certificate))


def is_open(move: Move, current: Certificate | ReadCertificate) -> bool:
    """Tell whether a move in its time to object led to the current certificate; a later move has settled it."""
    to = (move.new_issuer_key_id, move.new_serial_number)
    return move.undone_at is None and to == (current.issuer_key_id, current.serial_number)
