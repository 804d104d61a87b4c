"""What an operator sees of the messages to business systems, and how they are sent once more."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import scoped_session

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.models import HandoffMessage
from portal.services.providers.providers import Providers
from portal.services.providers.webhooks import Handoffs
from portal.services.record.audit import Audit, Event

SHOWN = 100
"""Messages that one page shows."""


@dataclass(frozen=True)
class Outbox:
    """The messages of one provider that its business system has not taken yet; never what they tell."""

    database: scoped_session[Any]
    clock: Callable[[], datetime]
    providers: Providers
    handoffs: Handoffs
    audit: Audit

    def waiting(self, service_provider_id: str) -> Sequence[HandoffMessage]:
        """Return what was not taken, the oldest first. Raises PortalError service-provider-unknown."""
        self.providers.known(service_provider_id)
        mine = select(HandoffMessage).where(*_waiting(service_provider_id))
        found: Sequence[HandoffMessage] = self.database.scalars(
            mine.order_by(HandoffMessage.made_at).limit(SHOWN)
        ).all()
        return found

    def send_again(self, service_provider_id: str, message_ids: Iterable[str], **by: Any) -> None:
        """Make messages due now, also such as were given up, and commit.

        Raises PortalError handoff-message-missing where none of them waits.
        """
        chosen = (*_waiting(service_provider_id), HandoffMessage.message_id.in_(filter(str.isprintable, message_ids)))
        due = update(HandoffMessage).where(*chosen).values(due_at=self.clock()).returning(HandoffMessage.message_id)
        again = self.database.scalars(due).all()
        if not again:
            raise PortalError(Code.HANDOFF_MESSAGE_MISSING)
        self.audit.entry(Event.HANDOFF_AGAIN, provider=service_provider_id, messages=again, **by)
        self.database.commit()

    def new_secret(self, service_provider_id: str, **by: Any) -> None:
        """Make a new secret, which voids an older one at once, and commit."""
        self.providers.known(service_provider_id).handoff_key = self.handoffs.secrecy.token()
        self.audit.entry(Event.HANDOFF_SECRET_MADE, provider=service_provider_id, **by)
        self.database.commit()


def _waiting(service_provider_id: str) -> tuple[Any, ...]:
    return (HandoffMessage.service_provider_id == service_provider_id, HandoffMessage.delivered_at.is_(None))
