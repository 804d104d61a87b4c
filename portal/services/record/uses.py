"""What providers did with IDs: each use for its citizen to see, and how many there were for the provider."""

from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.dialects import postgresql, sqlite

from portal.domain.formats.japanese_date import JST
from portal.domain.reception import What
from portal.models import IdUse, MonthlyFigure
from portal.services.record.audit import Audit, Event
from portal.transactions import Service

EVENTS = {
    What.LINKED: Event.LINKED,
    What.REPLACED: Event.LINK_REPLACED,
    What.LOOKED_UP: Event.LOOKED_UP,
    What.UNLINKED: Event.PROVIDER_UNLINKED,
}
_USES: Any = IdUse.__table__
_FIGURES: Any = MonthlyFigure.__table__


def _count(insert: Any) -> Any:
    counted = insert(_FIGURES)
    more = {"times": _FIGURES.c.times + counted.excluded.times}
    return counted.on_conflict_do_update(index_elements=list(_FIGURES.primary_key), set_=more)


# Made once: every tap runs them.
WRITE = _USES.insert()
COUNT = {"postgresql": _count(postgresql.insert), "sqlite": _count(sqlite.insert)}
"""For each dialect, which write it alike."""


class Uses(Service):
    """Uses are kept for a limited time; the audit chain keeps them for ever, as digests where nobody gave a reason."""

    audit: Audit

    def write(self, person_id: UUID, service_provider_id: str, what: What, **by: Any) -> None:
        now, use_id = self.clock(), uuid4()
        use = {"use_id": use_id, "person_id": person_id, "service_provider_id": service_provider_id}
        self.database.connection().execute(WRITE, use | {"what": what, "used_at": now})
        self.count(service_provider_id, what)
        facts = {"use": use_id, "person": person_id, "provider": service_provider_id, **by}
        self.audit.entry(EVENTS[what], keep=bool(by), **facts)

    def count(self, service_provider_id: str, what: What, times: int = 1) -> None:
        """Count what a provider did this month, in Japan."""
        month = self.clock().astimezone(JST).date().replace(day=1)
        row = {"service_provider_id": service_provider_id, "month": month, "what": what, "times": times}
        connection = self.database.connection()
        connection.execute(COUNT[connection.dialect.name], row)
