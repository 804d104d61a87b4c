"""Files of links that a provider's staff has loaded: kept until they are imported, discarded, or a day old."""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from uuid import UUID, uuid4

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import defer

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.domain.formats.link_file import KEPT, read_lines
from portal.models import LinkFile
from portal.services.providers.link_import import ImportReport, LinkImport
from portal.services.record.audit import Audit, Event
from portal.transactions import Service, act, reads

LISTED_FILES = 20
WAITING = 5
"""Files of one provider that are kept waiting."""


class LinkFiles(Service):
    link_import: LinkImport
    audit: Audit

    @act
    def load(self, service_provider_id: str, name: str, content: bytes, staff_id: UUID) -> LinkFile:
        """Keep a file; the oldest goes if too many wait. Raises PortalError as LinkImport.refuse_unfit."""
        self.link_import.refuse_unfit(service_provider_id, content)
        waits, mine = LinkFile.content.is_not(None), LinkFile.service_provider_id == service_provider_id
        newest = select(LinkFile.file_id).where(waits, mine).order_by(LinkFile.loaded_at.desc()).limit(WAITING - 1)
        self.database.execute(delete(LinkFile).where(waits, mine, LinkFile.file_id.not_in(newest)))
        file = LinkFile(
            file_id=uuid4(),
            service_provider_id=service_provider_id,
            name="".join(filter(str.isprintable, name))[:100],
            content=content,
            loaded_at=self.clock(),
            loaded_by=staff_id,
            lines=sum(1 for _ in read_lines(content)),
        )
        self.database.add(file)
        digest = sha256(content).hexdigest()
        self.audit.entry(
            Event.LINKS_LOADED, provider=service_provider_id, staff=staff_id, file=digest, lines=file.lines
        )
        return file

    @reads
    def all(self, service_provider_id: str) -> Sequence[LinkFile]:
        """Return the newest files, those whose day is over left out."""
        mine = LinkFile.service_provider_id == service_provider_id
        there = or_(LinkFile.imported_at.is_not(None), LinkFile.loaded_at > self.clock() - KEPT)
        newest = select(LinkFile).where(mine, there).order_by(LinkFile.loaded_at.desc()).limit(LISTED_FILES)
        return self.database.scalars(newest.options(defer(LinkFile.content))).all()

    @reads
    def file(self, service_provider_id: str, file_id: UUID, *, hold: bool = False) -> LinkFile:
        """Return a file of this provider, held if asked for an act. Raises PortalError link-file-not-found."""
        found = self.database.get(LinkFile, file_id, with_for_update=hold, populate_existing=hold)
        waits = found is not None and (found.imported_at or found.loaded_at > self.clock() - KEPT)
        if found is None or not waits or found.service_provider_id != service_provider_id:
            raise PortalError(Code.LINK_FILE_NOT_FOUND)
        return found

    def try_out(self, file: LinkFile, report: ImportReport) -> Iterator[int]:
        """Fill the report with what an import would do now. Raises PortalError as LinkImport.refuse_unfit."""
        return self.link_import.try_out(file.service_provider_id, file.content or b"", report)

    def bring_in(self, file: LinkFile, staff_id: UUID, report: ImportReport) -> Iterator[int]:
        """Link every line if none is refused; the file's content goes. See LinkImport.bring_in."""
        provider_id, file_id = file.service_provider_id, file.file_id
        take = lambda: self._take(provider_id, file_id)  # noqa: E731
        return self.link_import.bring_in(provider_id, take, report, staff=staff_id)

    @act
    def discard(self, service_provider_id: str, file_id: UUID, staff_id: UUID) -> None:
        """Take a file away that was not imported. Raises PortalError link-file-not-found."""
        self.database.delete(self._waiting(service_provider_id, file_id))
        self.audit.entry(Event.LINKS_DISCARDED, provider=service_provider_id, staff=staff_id)

    @act
    def _take(self, service_provider_id: str, file_id: UUID) -> bytes:
        file = self._waiting(service_provider_id, file_id)
        content, file.content, file.imported_at = file.content or b"", None, self.clock()
        return content

    def _waiting(self, service_provider_id: str, file_id: UUID) -> LinkFile:
        """Return a file that was not imported yet, held for an act."""
        file = self.file(service_provider_id, file_id, hold=True)
        if file.content is None:
            raise PortalError(Code.LINK_FILE_NOT_FOUND)
        return file
