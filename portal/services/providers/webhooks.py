"""引渡し: what a business system is told, written with the look-up that it tells of and sent until it is taken."""

import hmac
import json
import logging
from base64 import b64encode
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import select, update

from portal.domain.providers import Handoff
from portal.gateways.webhook import Answer
from portal.models import ServiceProvider, Terminal, WebhookMessage
from portal.services.record.secrecy import Secrecy
from portal.services.record.service_providers import ServiceProviders
from portal.transactions import Service, act

LOOKED_UP = "service-id.looked-up"
ENQUEUED = "webhook-enqueued"
"""Marks a database session until its commit, which then wakes the worker."""
BACK_OFF = (
    timedelta(seconds=5),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=8),
    timedelta(hours=24),
)
"""How long a message waits after each failed try; after the last it is given up."""
CLAIMED = timedelta(minutes=2)
"""How long a sender owns a message; after a crash another sender takes it."""
GONE = 410
ASK_LATER = (429, 503)
_log = logging.getLogger("portal.webhook")


class Due(NamedTuple):
    """A message that this sender has claimed."""

    message_id: str
    service_provider_id: str
    address: str
    headers: dict[str, str]
    body: bytes


class Webhooks(Service):
    """The messages to every provider's business system; `post_webhook` sends one (portal/gateways/webhook.py)."""

    secrecy: Secrecy
    service_providers: ServiceProviders
    post_webhook: Callable[[str, dict[str, str], bytes], Answer]

    @act
    def enqueue(self, provider: ServiceProvider, terminal: Terminal, service_id: str) -> None:
        """Write a message about a look-up, where the terminal is set up so."""
        if terminal.handoff != Handoff.WEBHOOK or provider.handoff_url is None:
            return
        now = self.clock()
        data = {
            "service_provider_id": provider.service_provider_id,
            "service_id": service_id,
            "terminal": terminal.name,
            "terminal_id": str(terminal.terminal_id),
        }
        body = {"type": LOOKED_UP, "timestamp": now.astimezone(UTC).isoformat(timespec="seconds"), "data": data}
        self.database.add(
            WebhookMessage(
                message_id=f"msg_{self.secrecy.token()}",
                service_provider_id=provider.service_provider_id,
                body=json.dumps(body, ensure_ascii=False, separators=(",", ":")),  # as a receiver writes it anew
                made_at=now,
                due_at=now,
                tries=0,
            )
        )
        self.database.info[ENQUEUED] = True

    @act
    def claim(self, busy: Collection[str] = ()) -> Due | None:
        """Take the message that has been due longest, but of providers that are `busy`.

        Nobody else sends it meanwhile. A suspended provider's messages wait, as do those that have no address or no
        secret yet.
        """
        now = self.clock()
        longest = (
            select(WebhookMessage.message_id)
            .join(ServiceProvider, ServiceProvider.service_provider_id == WebhookMessage.service_provider_id)
            .where(ServiceProvider.suspended_at.is_(None))
            .where(ServiceProvider.handoff_url.is_not(None), ServiceProvider.handoff_key.is_not(None))
            .where(WebhookMessage.due_at <= now, WebhookMessage.service_provider_id.not_in(list(busy)))
            .order_by(WebhookMessage.due_at)
            .limit(1)
            .with_for_update(skip_locked=True, of=WebhookMessage)
        )
        claimed = self.database.scalars(
            update(WebhookMessage)
            .where(WebhookMessage.message_id == longest.scalar_subquery())
            .values(due_at=now + CLAIMED, tries=WebhookMessage.tries + 1)
            .returning(WebhookMessage),
            execution_options={"populate_existing": True},
        ).one_or_none()
        return self._due(claimed) if claimed else None

    def send(self, due: Due) -> None:
        """Hand a claimed message over, and write how it went; no transaction waits for the answer."""
        answer = self.post_webhook(due.address, due.headers, due.body)
        self._answered(due.message_id, answer)
        _log.info("%s of %s: %s", due.message_id, due.service_provider_id, answer.told)

    @act
    def _answered(self, message_id: str, answer: Answer) -> None:
        row = self.database.get(WebhookMessage, message_id, with_for_update=True)
        if row and row.delivered_at is None:
            row.answer, row.due_at = answer.told, self._next(row.tries, answer)
            if _taken(answer):
                row.delivered_at = self.clock()

    def _due(self, message: WebhookMessage) -> Due:
        provider = self.service_providers.known(message.service_provider_id)
        key = self.secrecy.webhook_key(provider.service_provider_id, provider.handoff_key)
        body, timestamp = message.body.encode(), str(int(self.clock().timestamp()))
        signed = b".".join((message.message_id.encode(), timestamp.encode(), body))
        signature = b64encode(hmac.digest(key, signed, sha256)).decode()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "MyKey-Portal",
            "webhook-id": message.message_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": f"v1,{signature}",
        }
        return Due(message.message_id, message.service_provider_id, provider.handoff_url or "", headers, body)

    def _next(self, tries: int, answer: Answer) -> datetime | None:
        """Return when to try again; None for what was taken, is not wanted any more, or is given up."""
        if _taken(answer) or answer.status == GONE or tries > len(BACK_OFF):
            return None
        asked = _asked(answer.retry_after, self.clock()) if answer.status in ASK_LATER else None
        return self.clock() + (BACK_OFF[tries - 1] if asked is None else min(max(asked, BACK_OFF[0]), BACK_OFF[-1]))


def _taken(answer: Answer) -> bool:
    return answer.status is not None and answer.status // 100 == 2  # noqa: PLR2004


def _asked(retry_after: str | None, now: datetime) -> timedelta | None:
    """Read Retry-After: seconds, or a date (RFC 9110, section 10.2.3)."""
    text = (retry_after or "").strip()
    if text.isascii() and text.isdecimal():
        return timedelta(seconds=min(int(text[:9]), BACK_OFF[-1].total_seconds()))
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # a year beyond all numbers
        return None
    return (date if date.tzinfo else date.replace(tzinfo=UTC)) - now
