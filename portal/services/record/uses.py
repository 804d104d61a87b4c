"""What providers did with IDs: each use for its citizen to see, and how many there were for the provider."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import Table, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import scoped_session

from portal.domain.formats.japanese_date import JST
from portal.domain.reception import What
from portal.models import IdUse, MonthlyFigure
from portal.services.record.audit import Audit, Event

AT_ONCE = 1000
"""So many uses are deleted in one transaction, for which others may wait."""
EVENTS = {
    What.LINKED: Event.LINKED,
    What.REPLACED: Event.LINK_REPLACED,
    What.LOOKED_UP: Event.LOOKED_UP,
    What.UNLINKED: Event.PROVIDER_UNLINKED,
}
_USES, _FIGURES = cast("Table", IdUse.__table__), cast("Table", MonthlyFigure.__table__)


def _count(insert: Any) -> Any:
    counted = insert(_FIGURES)
    more = {"times": _FIGURES.c.times + counted.excluded.times}
    return counted.on_conflict_do_update(index_elements=list(_FIGURES.primary_key), set_=more)


# Made once: every tap runs them.
WRITE = _USES.insert()
COUNT = {"postgresql": _count(postgresql.insert), "sqlite": _count(sqlite.insert)}
"""For each dialect, which write it alike."""


@dataclass(frozen=True)
class Uses:
    """Uses are kept for their time, and stand in the audit chain for ever, by digest where nobody gave a reason."""

    database: scoped_session[Any]
    audit: Audit
    clock: Callable[[], datetime]
    kept: timedelta

    def write(self, person_id: UUID, service_provider_id: str, what: What, **by: Any) -> None:
        """Write a use, and count it; the caller commits."""
        now, use_id = self.clock(), uuid4()
        use = {"use_id": use_id, "person_id": person_id, "service_provider_id": service_provider_id}
        self.database.connection().execute(WRITE, use | {"what": what, "used_at": now})
        self.count(service_provider_id, what)
        facts = {"use": use_id, "person": person_id, "provider": service_provider_id, **by}
        self.audit.entry(EVENTS[what], keep=bool(by), **facts)

    def forget(self) -> None:
        """Delete the uses whose time is over, and commit; what a join holds, or another process deletes, is left."""
        over = select(IdUse.use_id).where(IdUse.used_at < self.clock() - self.kept).limit(AT_ONCE)
        gone = delete(IdUse).where(IdUse.use_id.in_(over.with_for_update(skip_locked=True))).returning(IdUse.use_id)
        while self.database.scalars(gone).all():
            self.database.commit()
        self.database.commit()

    def count(self, service_provider_id: str, what: What, times: int = 1) -> None:
        """Count what a provider did this month, in Japan; the caller commits."""
        month = self.clock().astimezone(JST).date().replace(day=1)
        row = {"service_provider_id": service_provider_id, "month": month, "what": what, "times": times}
        connection = self.database.connection()
        connection.execute(COUNT[connection.dialect.name], row)
