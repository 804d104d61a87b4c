"""Links that a provider had before, from a file: tried first, then taken in whole or not at all."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from itertools import islice
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, and_, bindparam, case, select
from sqlalchemy.exc import IntegrityError, OperationalError

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.domain.formats.link_file import LinkFileMalformed, LinkLine, is_blank, lines_of, read_lines
from portal.domain.ids.mykey_id import is_whole
from portal.domain.ids.service_id import read
from portal.domain.providers import What
from portal.models import MyKeyIdRecord, Person, ServiceLink, ServiceProvider
from portal.services.record.audit import Audit, Event
from portal.services.record.figures import Figures
from portal.services.record.service_providers import ServiceProviders
from portal.services.record.uses import Uses
from portal.transactions import Service, acting, is_disk_full, reading, reads, rest

LARGEST = 8 * 1024 * 1024
MOST_LINES = 100_000
FIRST_LINES = 20
"""Lines that a report has as they are kept."""
BATCH_LINES = 1000
"""Lines that one statement asks about."""
_NOBODY = (None, Code.MYKEY_ID_NOT_REGISTERED)
TRIED, MADE = 50, 49
"""Of a hundred steps of an import: asking, writing links and uses; the rest is its entry in the audit chain."""
# Made once, and the same for any number of lines.
_IDS, _PEOPLE, _LINKS = (cast("Table", each.__table__) for each in (MyKeyIdRecord, Person, ServiceLink))
_NAMED = and_(_IDS.c.mykey_id.in_(bindparam("mykey_ids", expanding=True)), _IDS.c.retired_at.is_(None))
_HOLD = (
    select(_PEOPLE.c.person_id)
    .where(_PEOPLE.c.person_id.in_(select(_IDS.c.person_id).where(_NAMED)))
    .order_by(_PEOPLE.c.person_id)
    .with_for_update(read=True)
)
_MINE = and_(_LINKS.c.person_id == _PEOPLE.c.person_id, _LINKS.c.service_provider_id == bindparam("provider"))
_CODE = case(
    (_PEOPLE.c.stopped_at.is_not(None), Code.MYKEY_ID_NOT_REGISTERED),
    (_LINKS.c.service_id.is_not(None), Code.SERVICE_ID_ALREADY_REGISTERED),
)
_FIND = (
    select(_IDS.c.mykey_id, _IDS.c.person_id, _CODE)
    .join(_PEOPLE, _PEOPLE.c.person_id == _IDS.c.person_id)
    .outerjoin(_LINKS, _MINE)
    .where(_NAMED)
)
_IN_USE = select(_LINKS.c.service_id).where(
    _LINKS.c.service_provider_id == bindparam("provider"),
    _LINKS.c.service_id.in_(bindparam("service_ids", expanding=True)),
)


@dataclass
class ImportReport:
    """What a file would do or did, or what stopped the whole.

    The first lines as they are kept, those that are kept otherwise than they came, and those that are refused, all of
    them read; `batch` has each line of the last step.
    """

    good: int = 0
    blank: int = 0
    first: list[LinkLine] = field(default_factory=list)
    folded: list[LinkLine] = field(default_factory=list)
    refused: list[LinkLine] = field(default_factory=list)
    batch: list[LinkLine] = field(default_factory=list)
    problem: Code | None = None

    def enter(self, batch: list[LinkLine]) -> None:
        """Take up the lines of one step."""
        self.batch, good = batch, [line for line in batch if line.code is None]
        self.good += len(good)
        self.first += good[: FIRST_LINES - len(self.first)]
        self.folded += [line for line in good if line.is_folded]
        self.refused += [line for line in batch if line.code]


@dataclass
class _Named:
    """Whom and what the lines before have named."""

    people: set[UUID] = field(default_factory=set)
    service_ids: set[str] = field(default_factory=set)


class LinkImport(Service):
    """Link many service IDs in one act, at a provider whose operator lets it name people by their MyKey IDs.

    A MyKey ID that is unknown, stopped, or two people's is mykey-id-not-registered alike: the file is the provider's
    word about people who are not there, so the answer says no more of them than that nothing can be linked.
    """

    service_providers: ServiceProviders
    figures: Figures
    uses: Uses
    audit: Audit

    @reads
    def refuse_unfit(self, service_provider_id: str, content: bytes) -> None:
        """Refuse a file as a whole, before any line is looked at.

        Raises PortalError: service-provider-unknown, service-provider-suspended, link-file-not-allowed,
        link-file-too-large, link-file-malformed.
        """
        if not self.service_providers.active(service_provider_id).typed_mykey_ids:
            raise PortalError(Code.LINK_FILE_NOT_ALLOWED)
        if len(content) > LARGEST or sum(not is_blank(line) for line in lines_of(content)) > MOST_LINES + 1:
            raise PortalError(Code.LINK_FILE_TOO_LARGE)
        try:
            next(read_lines(content))
        except (LinkFileMalformed, StopIteration):
            raise PortalError(Code.LINK_FILE_MALFORMED) from None

    @reads
    def try_out(self, service_provider_id: str, content: bytes, report: ImportReport) -> Iterator[int]:
        """Fill the report with what an import would do now; yields how many of a hundred steps are done.

        Raises PortalError as refuse_unfit.
        """
        self.refuse_unfit(service_provider_id, content)
        return self._try_out(self.service_providers.active(service_provider_id), content, report)

    def bring_in(
        self, service_provider_id: str, take: Callable[[], bytes], report: ImportReport, **by: Any
    ) -> Iterator[int]:
        """Link every line, in one transaction, if none is refused; yields how many of a hundred steps are done.

        `take` gives the file's content within the transaction, `by` names who does it. What stops the whole is the
        report's `problem`: a code of refuse_unfit, link-file-refused, or link-file-overtaken where somebody else was
        there first. Nothing is linked then.
        """
        try:
            with acting(self.database):
                yield from self._bring_in(service_provider_id, take, report, **by)
        except PortalError as error:
            report.problem = error.code
        except (IntegrityError, OperationalError) as error:
            report.problem = Code.UNAVAILABLE if is_disk_full(error) else Code.LINK_FILE_OVERTAKEN
        else:
            yield 100

    def _try_out(self, provider: ServiceProvider, content: bytes, report: ImportReport) -> Iterator[int]:
        named, report.blank = _Named(), sum(map(is_blank, lines_of(content)))
        for batch, done in _batches(content):
            rest(self.database)  # nothing stays open while somebody reads slowly, and SQLite's writers go on
            with reading(self.database):
                report.enter([line for line, _ in self._judged(provider, batch, named)])
            rest(self.database)
            yield int(100 * done)

    def _bring_in(
        self, service_provider_id: str, take: Callable[[], bytes], report: ImportReport, **by: Any
    ) -> Iterator[int]:
        provider, content = self._hold(service_provider_id), take()
        self.refuse_unfit(service_provider_id, content)
        links: list[tuple[UUID, str]] = []
        named = _Named()
        for batch, done in _batches(content):
            judged = list(self._judged(provider, batch, named, hold=True))
            report.enter([line for line, _ in judged])
            links += [(person_id, line.service_id) for line, person_id in judged if person_id]
            yield int(TRIED * done)
        if report.refused:
            raise PortalError(Code.LINK_FILE_REFUSED)
        links.sort(key=lambda link: link[0].int)  # the order of the indexes, in which they grow fastest
        now = self.clock()
        for start in range(0, len(links), BATCH_LINES):
            self._link(service_provider_id, links[start : start + BATCH_LINES], now)
            yield TRIED + MADE * start // len(links)
        self.figures.count(service_provider_id, What.LINKED, len(links))
        file = sha256(content).hexdigest()
        self.audit.entry(Event.LINKS_IMPORTED, provider=service_provider_id, file=file, lines=len(links), **by)

    def _hold(self, service_provider_id: str) -> ServiceProvider:
        """Let one import a provider go on at a time, and let nobody suspend the provider meanwhile."""
        held = self.database.get(ServiceProvider, service_provider_id, with_for_update=True, populate_existing=True)
        if held is None:
            raise PortalError(Code.SERVICE_PROVIDER_UNKNOWN)
        return held

    def _judged(
        self, provider: ServiceProvider, batch: Sequence[LinkLine], named: _Named, *, hold: bool = False
    ) -> Iterator[tuple[LinkLine, UUID | None]]:
        """Read each line, and tell whom it can be linked to or why not, in a few statements for all of them."""
        lines = [_read(provider, line) for line in batch]
        sound = [line for line in lines if line.code is None]
        provider_id, connection = provider.service_provider_id, self.database.connection()
        people = self._people(provider_id, [line.mykey_id for line in sound if is_whole(line.mykey_id)], hold=hold)
        asked = {"provider": provider_id, "service_ids": [line.service_id for line in sound]}
        in_use = set(connection.scalars(_IN_USE, asked))
        for line in lines:
            person_id, code = people.get(line.mykey_id, _NOBODY)
            if line.code is not None:
                code = line.code
            elif person_id and (person_id in named.people or line.service_id in named.service_ids):
                code = Code.LINK_LINE_REPEATED
            elif code is None and line.service_id in in_use:
                code = Code.SERVICE_ID_IN_USE
            if code is None and person_id is not None:
                named.people.add(person_id)
                named.service_ids.add(line.service_id)
                yield line, person_id
            else:
                yield line._replace(code=code), None

    def _people(
        self, provider_id: str, mykey_ids: list[str], *, hold: bool
    ) -> dict[str, tuple[UUID | None, Code | None]]:
        """Find who can be linked by each MyKey ID, one person and not stopped, or why not.

        On PostgreSQL an import holds them until its end, and before the IDs are read, so that what is read then still
        holds; shared, because nothing of it is changed.
        """
        connection, asked = self.database.connection(), {"mykey_ids": mykey_ids}
        held = set(connection.scalars(_HOLD, asked)) if hold and connection.dialect.name == "postgresql" else None
        found: dict[str, tuple[UUID | None, Code | None]] = {}
        for mykey_id, person_id, code in connection.execute(_FIND, asked | {"provider": provider_id}):
            one = mykey_id not in found and (held is None or person_id in held)
            able = one and code != Code.MYKEY_ID_NOT_REGISTERED
            found[mykey_id] = (person_id, code and Code(code)) if able else _NOBODY
        return found

    def _link(self, service_provider_id: str, links: Sequence[tuple[UUID, str]], now: datetime) -> None:
        """Write links and uses."""
        same = {"service_provider_id": service_provider_id, "linked_at": now}
        rows = [same | {"person_id": person_id, "service_id": service_id} for person_id, service_id in links]
        self.database.connection().execute(_LINKS.insert(), rows)
        self.uses.write_many(What.LINKED, [(person_id, service_provider_id) for person_id, _ in links])


def _batches(content: bytes) -> Iterator[tuple[list[LinkLine], float]]:
    """Yield so many lines at a time, with the share of the file that is read then."""
    last, lines = len(lines_of(content)), read_lines(content)
    batch = list(islice(lines, BATCH_LINES))
    while batch:
        following = list(islice(lines, BATCH_LINES))
        yield batch, batch[-1].number / last if following else 1.0
        batch = following


def _read(provider: ServiceProvider, line: LinkLine) -> LinkLine:
    """Read the service ID of a line as the provider's desk reads it."""
    if line.code is not None:
        return line
    found = read(provider.picture, provider.check_digit, line.service_id)
    return LinkLine(line.number, line.came, line.mykey_id, found.text, found.code)
