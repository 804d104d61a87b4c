"""The figures of each day, written with what they count, and how the terminals are: for all providers, or for one.

A look reads the rows of so many days, of which there are as many among a million people as among ten.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import func, select

from portal.domain.figures import DAYS, SILENT, Counted
from portal.domain.formats.japanese_date import JST
from portal.domain.providers import AWAY
from portal.models import DailyFigure, ServiceProvider, Terminal
from portal.services.record.inserting import insert_of
from portal.transactions import Service

LISTED_TERMINALS = 100
"""Terminals that one look lists, the longest silent first."""
_FIGURES: Any = DailyFigure.__table__


@cache  # made once: every tap runs it
def _count(dialect: str) -> Any:
    counted = insert_of(dialect)(_FIGURES)
    more = {"times": _FIGURES.c.times + counted.excluded.times}
    return counted.on_conflict_do_update(index_elements=list(_FIGURES.primary_key), set_=more)


@dataclass(frozen=True)
class LastDays:
    """What was done on each of the last days, the oldest first, and how often what was refused in all of them."""

    days: list[date]
    done: dict[str, list[int]]
    refused: list[tuple[str, int]]
    """Codes, the most frequent first."""

    def of(self, what: str) -> list[int]:
        return self.done.get(what, [0] * len(self.days))


class TerminalHealth(NamedTuple):
    """A terminal at work, and whether its program calls: `present`, `away`, or `silent` for days."""

    terminal: Terminal
    state: str


class TerminalCounts(NamedTuple):
    """How many terminals a provider has at work, and of how many the program calls."""

    service_provider_id: str
    all: int
    present: int


class Figures(Service):
    def count(self, service_provider_id: str, what: str, times: int = 1, code: str = "") -> None:
        """Count what was done today, in Japan, at a provider or, where none is named, at the portal itself."""
        key = {"service_provider_id": service_provider_id, "day": self.today(), "what": what, "code": code}
        connection = self.database.connection()
        connection.execute(_count(connection.dialect.name), key | {"times": times})

    def today(self) -> date:
        """Return the day that it is in Japan."""
        return self.clock().astimezone(JST).date()

    def last_days(self, service_provider_id: str | None = None) -> LastDays:
        """Return what was done in the last days at a provider, or at all and at the portal itself."""
        days, figure = [self.today() - timedelta(days=ago) for ago in reversed(range(DAYS))], DailyFigure
        done: defaultdict[str, Counter[date]] = defaultdict(Counter)
        refused: Counter[str] = Counter()
        key = (figure.day, figure.what, figure.code)
        mine = [] if service_provider_id is None else [figure.service_provider_id == service_provider_id]
        query = select(*key, func.sum(figure.times)).where(figure.day >= days[0], figure.day <= days[-1], *mine)
        for day, what, code, times in self.database.execute(query.group_by(*key)):
            done[what][day] += times
            if what == Counted.REFUSED:
                refused[code] += times
        by_day = {what: [times[day] for day in days] for what, times in done.items()}
        return LastDays(days, by_day, sorted(refused.items(), key=lambda each: (-each[1], each[0])))

    def today_by_provider(self) -> Sequence[DailyFigure]:
        """Return each figure of today."""
        key = (DailyFigure.service_provider_id, DailyFigure.what, DailyFigure.code)
        return self.database.scalars(select(DailyFigure).where(DailyFigure.day == self.today()).order_by(*key)).all()

    def terminals(self, service_provider_id: str | None = None) -> list[TerminalHealth]:
        """Return the terminals at work, the longest silent first."""
        found = select(Terminal).join(Terminal.provider).where(*_at_work(service_provider_id))
        order = (Terminal.last_used_at, Terminal.terminal_id)
        return [
            TerminalHealth(each, self._state(each.last_used_at))
            for each in self.database.scalars(found.order_by(*order).limit(LISTED_TERMINALS))
        ]

    def terminal_counts(self, service_provider_id: str | None = None) -> list[TerminalCounts]:
        """Return for each provider how many terminals are at work."""
        present = func.count().filter(Terminal.last_used_at > self.clock() - AWAY)
        counts = select(Terminal.service_provider_id, func.count(), present)
        at_work = counts.join(Terminal.provider).where(*_at_work(service_provider_id))
        grouped = at_work.group_by(Terminal.service_provider_id).order_by(Terminal.service_provider_id)
        return [TerminalCounts(*row) for row in self.database.execute(grouped)]

    def _state(self, last_used_at: datetime | None) -> str:
        silent_for = self.clock() - last_used_at if last_used_at else SILENT
        return "present" if silent_for < AWAY else "away" if silent_for < SILENT else "silent"


def _at_work(service_provider_id: str | None) -> list[Any]:
    mine = [] if service_provider_id is None else [Terminal.service_provider_id == service_provider_id]
    return [Terminal.token_hash.is_not(None), ServiceProvider.suspended_at.is_(None), *mine]
