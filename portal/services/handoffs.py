"""引渡し: what a business system is told, written with the look-up that it tells of and sent until it is taken."""

import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import scoped_session

from portal.domain.reception import Handoff
from portal.models import HandoffMessage, ServiceProvider, Terminal
from portal.services.providers import Providers
from portal.services.secrecy import Secrecy

LOOKED_UP = "service-id.looked-up"


@dataclass(frozen=True)
class Handoffs:
    """The outbox of every provider."""

    database: scoped_session[Any]
    clock: Callable[[], datetime]
    secrecy: Secrecy
    providers: Providers

    def secret(self, provider: ServiceProvider) -> str:
        """Return the secret with which a provider's messages are signed (Standard Webhooks); no row holds it."""
        return f"whsec_{b64encode(bytes.fromhex(self.secrecy.hash('handoff', provider.handoff_key or ''))).decode()}"

    def tell(self, terminal: Terminal, service_id: str) -> None:
        """Write a message about a look-up, where the terminal is set up so; the caller commits."""
        provider = self.providers.active(terminal.service_provider_id)
        if terminal.handoff != Handoff.WEBHOOK or provider.handoff_url is None:
            return
        now = self.clock()
        data = {
            "service_provider_id": provider.service_provider_id,
            "service_id": service_id,
            "terminal": terminal.name,
        }
        body = {"type": LOOKED_UP, "timestamp": now.astimezone(UTC).isoformat(timespec="seconds"), "data": data}
        self.database.add(
            HandoffMessage(
                message_id=f"msg_{self.secrecy.token()}",
                service_provider_id=provider.service_provider_id,
                body=json.dumps(body, ensure_ascii=False),
                made_at=now,
                due_at=now,
                tries=0,
            )
        )
