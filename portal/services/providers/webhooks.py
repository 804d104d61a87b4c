"""引渡し: what a business system is told, written with the look-up that it tells of and sent until it is taken."""

import hmac
import json
import logging
from base64 import b64encode
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import delete, select, update
from sqlalchemy.orm import scoped_session

from portal.domain.reception import Handoff
from portal.gateways.webhook import Answer
from portal.models import HandoffMessage, ServiceProvider, Terminal
from portal.services.providers.providers import Providers
from portal.services.record.secrecy import Secrecy

LOOKED_UP = "service-id.looked-up"
WRITTEN = "handoff-written"
"""So a database session is marked until its transaction ends: somebody may want to send at once."""
BACK_OFF = (
    timedelta(seconds=5),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=8),
    timedelta(hours=24),
)
"""So long a message waits after each try that failed; after the last one it is given up."""
CLAIMED = timedelta(minutes=2)
"""So long a message is in the hands of who sends it; who died with it held it no longer."""
KEPT = timedelta(days=30)
AT_ONCE = 100
GONE = 410
ASK_LATER = (429, 503)
_log = logging.getLogger("portal.handoff")


class Due(NamedTuple):
    """A message in the hands of who sends it."""

    message_id: str
    service_provider_id: str
    address: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Handoffs:
    """The outbox of every provider; `post` is the way out (portal/gateways/webhook.py)."""

    database: scoped_session[Any]
    clock: Callable[[], datetime]
    secrecy: Secrecy
    providers: Providers
    post: Callable[[str, dict[str, str], bytes], Answer]

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
            "terminal_id": str(terminal.terminal_id),
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
        self.database.info[WRITTEN] = True

    def secret(self, provider: ServiceProvider) -> str:
        """Return what the provider's business system verifies signatures with; another `handoff_key` changes it."""
        return f"whsec_{b64encode(self._key(provider)).decode()}"

    def claim(self, busy: Collection[str] = ()) -> Due | None:
        """Take the message that has been due longest, but of providers that are `busy`, and commit.

        Nobody else sends it meanwhile. A suspended provider's messages wait, as do those that have no address or no
        secret yet.
        """
        now = self.clock()
        longest = (
            select(HandoffMessage.message_id)
            .join(ServiceProvider, ServiceProvider.service_provider_id == HandoffMessage.service_provider_id)
            .where(ServiceProvider.suspended_at.is_(None))
            .where(ServiceProvider.handoff_url.is_not(None), ServiceProvider.handoff_key.is_not(None))
            .where(HandoffMessage.due_at <= now, HandoffMessage.service_provider_id.not_in(list(busy)))
            .order_by(HandoffMessage.due_at)
            .limit(1)
            .with_for_update(skip_locked=True, of=HandoffMessage)
        )
        claimed: HandoffMessage | None = self.database.scalars(
            update(HandoffMessage)
            .where(HandoffMessage.message_id == longest.scalar_subquery())
            .values(due_at=now + CLAIMED, tries=HandoffMessage.tries + 1)
            .returning(HandoffMessage),
            execution_options={"populate_existing": True},
        ).one_or_none()
        due = self._due(claimed) if claimed else None
        self.database.commit()
        return due

    def send(self, due: Due) -> None:
        """Hand a claimed message over, write how it went, and commit; no transaction waits for the answer."""
        answer = self.post(due.address, due.headers, due.body)
        row: HandoffMessage | None = self.database.get(HandoffMessage, due.message_id, with_for_update=True)
        if row and row.delivered_at is None:
            row.answer, row.due_at = answer.told, self._next(row.tries, answer)
            if _taken(answer):
                row.delivered_at = self.clock()
        self.database.commit()
        _log.info("%s of %s: %s", due.message_id, due.service_provider_id, answer.told)

    def forget(self) -> None:
        """Delete messages out of time, delivered or not, and commit."""
        old = select(HandoffMessage.message_id).where(HandoffMessage.made_at < self.clock() - KEPT).limit(AT_ONCE)
        old = old.with_for_update(skip_locked=True)
        gone = delete(HandoffMessage).where(HandoffMessage.message_id.in_(old)).returning(HandoffMessage.message_id)
        while self.database.scalars(gone).all():
            self.database.commit()
        self.database.commit()

    def _due(self, message: HandoffMessage) -> Due:
        provider = self.providers.known(message.service_provider_id)
        body, timestamp = message.body.encode(), str(int(self.clock().timestamp()))
        signed = b".".join((message.message_id.encode(), timestamp.encode(), body))
        signature = b64encode(hmac.digest(self._key(provider), signed, sha256)).decode()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "MyKey-Portal",
            "webhook-id": message.message_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": f"v1,{signature}",
        }
        return Due(message.message_id, message.service_provider_id, provider.handoff_url or "", headers, body)

    def _key(self, provider: ServiceProvider) -> bytes:
        return bytes.fromhex(self.secrecy.hash("handoff", f"{provider.service_provider_id}:{provider.handoff_key}"))

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
