"""The day at a glance: what was done, what was refused, what will expire, and what needs its operator now.

Each figure is a day's counter, a range of an index, or a table that does not grow with the people.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import func, select

from portal.config import Settings
from portal.domain.figures import Counted
from portal.domain.formats.japanese_date import JST
from portal.models import Certificate, WebhookMessage
from portal.pki.revocation.crl_folder import CrlFolder
from portal.refusal_counts import Refusals
from portal.services.operation.authorities import Authorities, Authority
from portal.services.operation.database.backup import newest_backup
from portal.services.operation.doctor import FAIL, LIST_SOON, OK, OVERDUE, WARN, Examination
from portal.services.record.figures import Figures, LastDays, TerminalCounts, TerminalHealth
from portal.transactions import Service, act, reads

WEEKS = 13
SOON, LATER = timedelta(days=30), timedelta(days=90)


class Need(NamedTuple):
    """What needs the operator: the check that says so, `warn` or `fail`, and what `mykey doctor` tells of it."""

    check: str
    status: str
    told: str = ""


class Outbox(NamedTuple):
    """The messages that a provider's business system has not taken."""

    service_provider_id: str
    waiting: int
    overdue: int
    given_up: int


@dataclass(frozen=True)
class Expiring:
    """How many of the certificates that name somebody end within 30 and 90 days, and in each of the next weeks."""

    soon: int
    later: int
    weeks: list[date]
    by_week: list[int]


@dataclass(frozen=True)
class Storage:
    """Where least is free and how much, the size of the database, all in bytes, and when the newest backup was made."""

    place: Path
    free: int
    total: int
    database: int
    backup: datetime | None


@dataclass(frozen=True)
class Issuer:
    """An authority, and until when its revocations are known, where a source is configured."""

    authority: Authority
    known_until: datetime | None


@dataclass(frozen=True)
class Glance:
    figures: LastDays
    expiring: Expiring
    terminals: list[TerminalHealth]
    terminal_counts: list[TerminalCounts]
    outboxes: list[Outbox]
    storage: Storage
    issuers: list[Issuer]
    needs: list[Need]


class Day(Service):
    settings: Settings
    demo_reader: str | None
    crl_folder: CrlFolder | None
    figures: Figures
    refusals: Refusals

    def write_refusals(self) -> None:
        """Write what this process has counted since the last time."""
        if not (taken := self.refusals.take()):
            return
        try:
            self._write(sorted((*key, times) for key, times in taken.items()))
        except BaseException:
            self.refusals.put_back(taken)
            raise

    @act
    def _write(self, counted: list[tuple[str, str, int]]) -> None:
        for service_provider_id, code, times in counted:
            self.figures.count(service_provider_id, Counted.REFUSED, times, code)

    @reads
    def glance(self) -> Glance:
        """Look at everything once."""
        terminals, outboxes, issuers = self.figures.terminals(), self.outboxes(), self.issuers()
        return Glance(
            figures=self.figures.last_days(),
            expiring=self.expiring(),
            terminals=terminals,
            terminal_counts=self.figures.terminal_counts(),
            outboxes=outboxes,
            storage=self.storage(),
            issuers=issuers,
            needs=list(self._needs(terminals, outboxes, issuers)),
        )

    @reads
    def expiring(self) -> Expiring:
        """Count what ends within the next weeks."""
        now, ends = self.clock(), Certificate.not_after
        starts = [now + timedelta(weeks=week) for week in range(WEEKS + 1)]
        within = [func.count().filter(ends < now + span) for span in (SOON, LATER)]
        by_week = [func.count().filter(ends >= start, ends < end) for start, end in pairwise(starts)]
        current = (Certificate.retired_at.is_(None), ends >= now, ends < starts[-1])
        soon, later, *weeks = self.database.execute(select(*within, *by_week).where(*current)).one()
        return Expiring(soon, later, [start.astimezone(JST).date() for start in starts[:-1]], weeks)

    @reads
    def outboxes(self) -> list[Outbox]:
        """Return for each provider how many messages its business system has not taken."""
        provider, due = WebhookMessage.service_provider_id, WebhookMessage.due_at
        late, given_up = func.count().filter(due < self.clock() - OVERDUE), func.count().filter(due.is_(None))
        waiting = select(provider, func.count(), late, given_up).where(WebhookMessage.delivered_at.is_(None))
        return [Outbox(*row) for row in self.database.execute(waiting.group_by(provider).order_by(provider))]

    @reads
    def storage(self) -> Storage:
        """Look where least is free, how large the database is, and how old the newest backup."""
        used = {place: shutil.disk_usage(place) for place in self.settings.folders if place.is_dir()}
        place = min(used, key=lambda each: used[each].free)
        newest = newest_backup(self.settings.backups) if self.settings.backups else None
        made_at = newest and newest.made_at
        return Storage(place, used[place].free, used[place].total, self._database_bytes(), made_at)

    def issuers(self) -> list[Issuer]:
        """Return the authorities, and until when their revocations are known."""
        now = self.clock()
        found = Authorities(self.settings.instance / "trust", now).all()
        known = [one.certificate for one in found if one.certificate]
        until = self.crl_folder.ends(known, now) if self.crl_folder else [None] * len(known)
        ends = dict(zip(known, until, strict=True))
        return [Issuer(one, ends[one.certificate] if one.certificate else None) for one in found]

    def _database_bytes(self) -> int:
        if file := self.settings.sqlite_file:
            parts = (file, file.with_name(f"{file.name}-wal"))
            return sum(part.stat().st_size for part in parts if part.is_file())
        size: int = self.database.execute(select(func.pg_database_size(func.current_database()))).scalar_one()
        return size

    def _needs(self, terminals: list[TerminalHealth], outboxes: list[Outbox], issuers: list[Issuer]) -> Iterator[Need]:
        """Say what does not go well, as `mykey doctor` would: a demo's authority is none of it in a demo."""
        for finding in Examination(self.settings, self.clock()).while_it_runs(self.database.connection()):
            if finding.status != OK and (finding.check != "trust" or self.demo_reader is None):
                yield Need(finding.check, finding.status, finding.message)
        if self.crl_folder:
            yield from self._lists(issuers)
        if any(each.overdue or each.given_up for each in outboxes):
            yield Need("webhooks", WARN)
        if any(each.state == "silent" for each in terminals):
            yield Need("terminals", WARN)

    def _lists(self, issuers: list[Issuer]) -> Iterator[Need]:
        until = [each.known_until for each in issuers if each.authority.state in {"good", "demo"}]
        ends = [each for each in until if each]
        if len(ends) < len(until):
            yield Need("revocation", FAIL)
        elif ends and min(ends) < self.clock() + LIST_SOON:
            yield Need("revocation", WARN)
