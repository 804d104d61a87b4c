"""What providers did with IDs: each use for its citizen to see, and how many there were for the provider."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from portal.domain.reception import What
from portal.models import IdUse
from portal.services.record.audit import Audit, Event
from portal.services.record.figures import Figures
from portal.transactions import Service

EVENTS = {
    What.LINKED: Event.LINKED,
    What.REPLACED: Event.LINK_REPLACED,
    What.LOOKED_UP: Event.LOOKED_UP,
    What.UNLINKED: Event.PROVIDER_UNLINKED,
}
_USES: Any = IdUse.__table__
# Made once: every tap runs it.
WRITE = _USES.insert()


class Uses(Service):
    """Uses are kept for a limited time; the audit chain keeps them for ever, as digests where nobody gave a reason."""

    figures: Figures
    audit: Audit

    def write(self, person_id: UUID, service_provider_id: str, what: What, **by: Any) -> None:
        now, use_id = self.clock(), uuid4()
        use = {"use_id": use_id, "person_id": person_id, "service_provider_id": service_provider_id}
        self.database.connection().execute(WRITE, use | {"what": what, "used_at": now})
        self.figures.count(service_provider_id, what)
        facts = {"use": use_id, "person": person_id, "provider": service_provider_id, **by}
        self.audit.entry(EVENTS[what], keep=bool(by), **facts)

    def write_many(self, what: What, whose: Sequence[tuple[UUID, str]]) -> list[bytes]:
        """Write uses of one kind, each of a person at a provider; return the digests of the acts for `Audit.entries`.

        The caller counts them in the figures.
        """
        same = {"what": what, "used_at": self.clock()}
        facts = [{"use": uuid4(), "person": person_id, "provider": provider_id} for person_id, provider_id in whose]
        names = ("use_id", "person_id", "service_provider_id")
        if facts:
            uses = [same | dict(zip(names, each.values(), strict=True)) for each in facts]
            self.database.connection().execute(WRITE, uses)
        return [self.audit.digest_of(**each) for each in facts]
