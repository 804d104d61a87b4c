"""Correspondence files: loaded by one operator, confirmed by another; each sound line is a permission for a year."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, insert, select, tuple_

from portal.domain.codes import Code
from portal.domain.continuity import LINE_LIFETIME
from portal.domain.errors import PortalError, StaffReview
from portal.domain.formats.correspondence import CertificatePair, IssuerAndSerial, LineMalformed, read_lines, tangled
from portal.models import Certificate, CorrespondenceFile, CorrespondenceLine
from portal.services.record.audit import Audit, Event
from portal.services.record.review_queue import ReviewQueue
from portal.transactions import Service, act, reads

LARGEST = 1024 * 1024
"""Bytes of one file: about six thousand lines."""
BATCH_CERTIFICATES = 500
"""Certificates named in one SQL statement."""


@dataclass
class CorrespondenceReport:
    """What a file would do: sound lines, and for each other one why staff must look at it."""

    sound: list[CertificatePair] = field(default_factory=list)
    refused: dict[CertificatePair, Code] = field(default_factory=dict)


class CorrespondenceFiles(Service):
    review_queue: ReviewQueue
    audit: Audit

    @act
    def load(self, staff_id: UUID, name: str, content: bytes) -> CorrespondenceFile:
        """Keep a file until another operator confirms it; nothing of it holds before.

        Raises PortalError: correspondence-too-large, correspondence-malformed (`line` tells which).
        """
        if len(content) > LARGEST:
            raise PortalError(Code.CORRESPONDENCE_TOO_LARGE)
        try:
            read_lines(content)
        except LineMalformed as error:
            raise CorrespondenceMalformed(error.number) from None
        shown = "".join(filter(str.isprintable, name))[:100]
        file = CorrespondenceFile(
            file_id=uuid4(), name=shown, content=content, loaded_at=self.clock(), loaded_by=staff_id
        )
        self.database.add(file)
        self.audit.entry(Event.FILE_LOADED, file=file.file_id, staff=staff_id)
        return file

    @reads
    def waiting(self) -> Sequence[CorrespondenceFile]:
        """Return the files that wait for a second operator."""
        waiting = select(CorrespondenceFile).where(CorrespondenceFile.content.is_not(None))
        return self.database.scalars(waiting.order_by(CorrespondenceFile.loaded_at).limit(100)).all()

    @reads
    def report(self, file_id: UUID) -> tuple[CorrespondenceFile, CorrespondenceReport]:
        """Tell what confirming would do now."""
        file = self._file(file_id)
        return file, self._judged(read_lines(file.content or b""))

    @act
    def confirm(self, file_id: UUID, staff_id: UUID) -> CorrespondenceReport:
        """Let the sound lines hold for a year, and send the others to staff.

        Raises PortalError: correspondence-not-found, approval-by-another.
        """
        file = self._file(file_id)
        if file.loaded_by == staff_id:
            raise PortalError(Code.APPROVAL_BY_ANOTHER)
        now, report = self.clock(), self._judged(read_lines(file.content or b""))
        rows = [_row(line, file_id, now) for line in report.sound]
        self.database.execute(delete(CorrespondenceLine).where(CorrespondenceLine.expires_at <= now))
        if rows:
            self.database.execute(insert(CorrespondenceLine), rows)
        self.review_queue.open_new(
            StaffReview(code, f"{file_id}:{line.number}", file=file.name, line=str(line.number))
            for line, code in report.refused.items()
        )
        file.content, file.confirmed_at, file.confirmed_by = None, now, staff_id
        counts = {"sound": len(report.sound), "refused": len(report.refused)}
        self.audit.entry(Event.FILE_CONFIRMED, file=file_id, staff=staff_id, lines=counts)
        return report

    @act
    def discard(self, file_id: UUID, staff_id: UUID) -> None:
        """Take a file away that nobody has confirmed."""
        self.database.delete(self._file(file_id))
        self.audit.entry(Event.FILE_DISCARDED, file=file_id, staff=staff_id)

    def _file(self, file_id: UUID) -> CorrespondenceFile:
        file = self.database.get(CorrespondenceFile, file_id, with_for_update=True, populate_existing=True)
        if file is None or file.content is None:
            raise PortalError(Code.CORRESPONDENCE_NOT_FOUND)
        return file

    def _judged(self, lines: list[CertificatePair]) -> CorrespondenceReport:
        """Ask each condition that files alone can meet; whether the new one is newer, its card shows when it comes."""
        report = CorrespondenceReport(refused=dict.fromkeys(tangled(lines), Code.CORRESPONDENCE_TANGLED))
        known = {IssuerAndSerial(row.issuer_key_id, row.serial_number): row for row in self._known(lines)}
        permitted = self._permitted(lines)
        for line in lines:
            if line in report.refused:
                continue
            old = known.get(line.old)
            if old is None or old.retired_at:
                report.refused[line] = Code.CORRESPONDENCE_OLD_UNKNOWN
            elif line.new in known:
                report.refused[line] = Code.CORRESPONDENCE_NEW_TAKEN
            elif permitted & {line.old, line.new}:
                report.refused[line] = Code.CORRESPONDENCE_TANGLED
            else:
                report.sound.append(line)
        return report

    def _known(self, lines: list[CertificatePair]) -> Iterator[Certificate]:
        for names in _batches(lines):
            key = tuple_(Certificate.issuer_key_id, Certificate.serial_number)
            yield from self.database.scalars(select(Certificate).where(key.in_(names)))

    def _permitted(self, lines: list[CertificatePair]) -> set[IssuerAndSerial]:
        """Return the names, of those in the file, that an earlier file has named and that still wait."""
        found: set[IssuerAndSerial] = set()
        for names in _batches(lines):
            for age in ("old", "new"):
                issuer = getattr(CorrespondenceLine, f"{age}_issuer_key_id")
                serial = getattr(CorrespondenceLine, f"{age}_serial_number")
                live = CorrespondenceLine.expires_at > self.clock()
                rows = self.database.execute(select(issuer, serial).where(tuple_(issuer, serial).in_(names), live))
                found |= {IssuerAndSerial(*row) for row in rows}
        return found


class CorrespondenceMalformed(PortalError):
    def __init__(self, line: int) -> None:
        super().__init__(Code.CORRESPONDENCE_MALFORMED)
        self.line = line


def _batches(lines: list[CertificatePair]) -> Iterator[list[IssuerAndSerial]]:
    names = [name for line in lines for name in (line.old, line.new)]
    return (names[start : start + BATCH_CERTIFICATES] for start in range(0, len(names), BATCH_CERTIFICATES))


def _row(line: CertificatePair, file_id: UUID, now: datetime) -> dict[str, Any]:
    named = (("old", line.old), ("new", line.new))
    row = {f"{age}_{key}": value for age, name in named for key, value in name._asdict().items()}
    return row | {"file_id": file_id, "expires_at": now + LINE_LIFETIME}
