"""マイキーID管理テーブル as a provider's staff has it: the provider's own rows, without the MyKey ID."""

from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import String, cast, delete, func, select

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.domain.formats.japanese_date import JST
from portal.domain.ids.service_id import GREATEST
from portal.domain.providers import What
from portal.domain.reason import Reason
from portal.models import DailyFigure, ServiceLink
from portal.services.record.figures import Figures, LastDays, TerminalHealth
from portal.services.record.people import People
from portal.services.record.uses import Uses
from portal.transactions import Service, act, reads, rest

PAGE = 50
BATCH_LINKS = 1000
"""Rows of a file that one statement reads."""
MONTHS = 24
NEVER = "\0"
"""In no service ID, and nothing to ask PostgreSQL about."""


class ManagementTable(Service):
    """One provider's links, in the order of their service IDs; every reading begins at a place in the index."""

    people: People
    uses: Uses
    figures: Figures

    @reads
    def page(
        self, service_provider_id: str, *, prefix: str = "", after: str = "", size: int = PAGE
    ) -> Sequence[ServiceLink]:
        """Return the links after a service ID whose own begins with a prefix: at most a page."""
        if NEVER in prefix + after:
            return []
        place = ServiceLink.service_id > after if after else ServiceLink.service_id >= prefix
        return self.database.scalars(
            select(ServiceLink)
            .where(ServiceLink.service_provider_id == service_provider_id, place)
            .where(ServiceLink.service_id < prefix + GREATEST)
            .order_by(ServiceLink.service_id)
            .limit(size)
        ).all()

    def whole(self, service_provider_id: str) -> Iterator[Sequence[ServiceLink]]:
        """Yield all links, so many at a time; no transaction stays open while somebody takes them slowly."""
        after = ""
        while True:
            rest(self.database)
            found = self.page(service_provider_id, after=after, size=BATCH_LINKS)
            rest(self.database)
            if not found:
                return
            yield found
            after = found[-1].service_id

    @reads
    def link(self, service_provider_id: str, service_id: str) -> ServiceLink:
        """Return one link. Raises PortalError service-id-not-registered."""
        mine = (ServiceLink.service_provider_id == service_provider_id, ServiceLink.service_id == service_id)
        found = None if NEVER in service_id else self.database.scalars(select(ServiceLink).where(*mine)).one_or_none()
        if found is None:
            raise PortalError(Code.SERVICE_ID_NOT_REGISTERED)
        return found

    @act
    def unlink(self, service_provider_id: str, service_id: str, reason: Reason, staff_id: UUID) -> None:
        """Take a link off, which its citizen sees. Raises PortalError service-id-not-registered."""
        person_id = self.link(service_provider_id, service_id).person_id
        self.people.lock(person_id)
        mine = (ServiceLink.service_provider_id == service_provider_id, ServiceLink.service_id == service_id)
        gone = delete(ServiceLink).where(*mine, ServiceLink.person_id == person_id).returning(ServiceLink.service_id)
        if self.database.scalar(gone) is None:
            raise PortalError(Code.SERVICE_ID_NOT_REGISTERED)
        self.uses.write(person_id, service_provider_id, What.UNLINKED, staff=staff_id, reason=reason)

    @reads
    def count(self, service_provider_id: str) -> int:
        """Count the links there are now."""
        mine = ServiceLink.service_provider_id == service_provider_id
        return int(self.database.scalar(select(func.count()).select_from(ServiceLink).where(mine)) or 0)

    @reads
    def at_a_glance(self, service_provider_id: str) -> tuple[LastDays, list[TerminalHealth]]:
        """Return what was done in the last days, and how the terminals are."""
        return self.figures.last_days(service_provider_id), self.figures.terminals(service_provider_id)

    @reads
    def months(self, service_provider_id: str) -> dict[date, dict[str, int]]:
        """Return what was done in each month, the newest first."""
        today = self.clock().astimezone(JST).date()
        first = 12 * today.year + today.month - MONTHS  # counted from January of the year 0, which is none
        month = func.substr(cast(DailyFigure.day, String), 1, len("2026-11"))
        rows = self.database.execute(
            select(month, DailyFigure.what, func.sum(DailyFigure.times))
            .where(DailyFigure.service_provider_id == service_provider_id, DailyFigure.code == "")
            .where(DailyFigure.day >= date(first // 12, first % 12 + 1, 1))
            .group_by(month, DailyFigure.what)
            .order_by(month.desc())
        )
        months: dict[date, dict[str, int]] = {}
        for each, what, times in rows:
            months.setdefault(date.fromisoformat(f"{each}-01"), {})[what] = times
        return months
