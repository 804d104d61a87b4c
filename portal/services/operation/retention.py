"""What is kept for a time alone, and when it goes: deleted once a minute, a little at a time."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Delete, Update, and_, delete, inspect, or_, select, tuple_, update

from portal.domain.card_session import LIFETIME as CARD_SESSION_LIFETIME
from portal.domain.continuity import VISIT_LIFETIME
from portal.domain.figures import KEPT as FIGURES_KEPT
from portal.domain.formats.link_file import KEPT as LINK_FILE_KEPT
from portal.domain.providers import EMPTY
from portal.models import (
    Base,
    BrowserSession,
    CardSession,
    CorrespondenceLine,
    DailyFigure,
    IdUse,
    LinkFile,
    Move,
    PendingLink,
    ReceptionState,
    TryCount,
    Visit,
    WebhookMessage,
)
from portal.transactions import Service, act

MESSAGE_KEPT = timedelta(days=30)
BATCH_ROWS = 1000
"""Rows deleted in one act, which other acts may have to wait for."""


class Retention(Service):
    """The one place that says what is deleted when, and does it; what others hold at the moment goes the next time."""

    uses_kept_for: timedelta

    def forget(self) -> None:
        """Delete everything whose time is over, and empty what terminals have read; each batch is its own act."""
        for change, table, over in self._over():
            while self._batch(change, table, over) == BATCH_ROWS:
                pass

    def _over(self) -> Iterator[tuple[Update | Delete, type[Base], ColumnElement[bool]]]:
        """Say for each table what becomes of which rows when they are out of time."""
        now = self.clock()
        read = or_(ReceptionState.certificate.is_not(None), ReceptionState.service_id.is_not(None))
        held = or_(CardSession.certificate.is_not(None), CardSession.nonce.is_not(None))
        forgotten = update(CardSession).values(certificate=None, nonce=None)
        yield forgotten, CardSession, and_(CardSession.expires_at <= now, held)
        over_with = update(Move).values(before=None, aside=None, kept_until=None)
        yield over_with, Move, Move.kept_until <= now
        yield update(ReceptionState).values(EMPTY), ReceptionState, and_(ReceptionState.expires_at <= now, read)
        over: dict[type[Base], ColumnElement[bool]] = {
            CardSession: CardSession.expires_at < now - CARD_SESSION_LIFETIME,  # so long it still says how it ended
            BrowserSession: BrowserSession.expires_at < now,
            TryCount: TryCount.ends_at <= now,
            Visit: and_(Visit.expires_at < now - VISIT_LIFETIME, Visit.ended_at.is_(None)),
            PendingLink: PendingLink.expires_at <= now,
            CorrespondenceLine: CorrespondenceLine.expires_at <= now,
            DailyFigure: DailyFigure.day < (now - FIGURES_KEPT).date(),
            IdUse: IdUse.used_at < now - self.uses_kept_for,
            WebhookMessage: WebhookMessage.made_at < now - MESSAGE_KEPT,  # taken or not
            LinkFile: and_(LinkFile.loaded_at <= now - LINK_FILE_KEPT, LinkFile.imported_at.is_(None)),
        }
        yield from ((delete(table), table, rows) for table, rows in over.items())

    @act
    def _batch(self, change: Update | Delete, table: type[Base], over: ColumnElement[bool]) -> int:
        """Change up to BATCH_ROWS rows; return how many there were."""
        key: tuple[Any, ...] = inspect(table).primary_key
        some = select(*key).where(over).limit(BATCH_ROWS).with_for_update(skip_locked=True)
        return self.database.connection().execute(change.where(tuple_(*key).in_(some))).rowcount
