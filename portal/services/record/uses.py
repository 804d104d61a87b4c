"""What providers did with IDs: each use for its citizen to see, and how many there were for the provider."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from portal.domain.providers import What
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

    def write_many(self, what: What, whose: Sequence[tuple[UUID, str]]) -> list[dict[str, Any]]:
        """Write uses of one kind, each of a person at a provider; return them as they were written.

        The caller counts them in the figures, and adds the entries (see digest_of) or one that stands for all.
        """
        same = {"what": what, "used_at": self.clock()}
        uses = [
            same | {"use_id": uuid4(), "person_id": person_id, "service_provider_id": provider_id}
            for person_id, provider_id in whose
        ]
        if uses:
            self.database.connection().execute(WRITE, uses)
        return uses

    def digest_of(self, use: dict[str, Any]) -> bytes:
        """Return the digest of one use's facts, for `Audit.entries`."""
        facts = {"use": use["use_id"], "person": use["person_id"], "provider": use["service_provider_id"]}
        return self.audit.digest_of(**facts)
