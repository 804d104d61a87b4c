"""What an operator sees of the messages to business systems, and how they are sent once more."""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select, update

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.models import ServiceProvider, WebhookMessage
from portal.services.record.audit import Audit, Event
from portal.services.record.secrecy import Secrecy
from portal.services.record.service_providers import ServiceProviders
from portal.transactions import Service, act, reads

LISTED_MESSAGES = 100
"""Messages that one page shows."""


class WebhookMessages(Service):
    """The messages of one provider that its business system has not taken yet; never what they tell."""

    secrecy: Secrecy
    service_providers: ServiceProviders
    audit: Audit

    @reads
    def waiting(self, service_provider_id: str) -> Sequence[WebhookMessage]:
        """Return what was not taken, the oldest first. Raises PortalError service-provider-unknown."""
        self.service_providers.known(service_provider_id)
        mine = select(WebhookMessage).where(*_waiting(service_provider_id))
        return self.database.scalars(mine.order_by(WebhookMessage.made_at).limit(LISTED_MESSAGES)).all()

    @act
    def send_again(self, service_provider_id: str, message_ids: Iterable[str], **by: Any) -> None:
        """Make messages due now, also such as were given up.

        Raises PortalError handoff-message-missing where none of them waits.
        """
        chosen = (*_waiting(service_provider_id), WebhookMessage.message_id.in_(filter(str.isprintable, message_ids)))
        due = update(WebhookMessage).where(*chosen).values(due_at=self.clock()).returning(WebhookMessage.message_id)
        again = self.database.scalars(due).all()
        if not again:
            raise PortalError(Code.HANDOFF_MESSAGE_MISSING)
        self.audit.entry(Event.HANDOFF_AGAIN, provider=service_provider_id, messages=again, **by)

    @act
    def new_secret(self, service_provider_id: str, **by: Any) -> None:
        """Make a new secret, which voids an older one immediately. Raises PortalError service-provider-unknown."""
        self.service_providers.known(service_provider_id).handoff_key = self.secrecy.token()
        self.audit.entry(Event.HANDOFF_SECRET_MADE, provider=service_provider_id, **by)

    def secret(self, provider: ServiceProvider) -> str:
        """Return what the provider's business system verifies signatures with; another `handoff_key` changes it."""
        key = self.secrecy.webhook_key(provider.service_provider_id, provider.handoff_key)
        return f"whsec_{b64encode(key).decode()}"


def _waiting(service_provider_id: str) -> tuple[Any, ...]:
    return (WebhookMessage.service_provider_id == service_provider_id, WebhookMessage.delivered_at.is_(None))
