"""Terminals of service providers, what the page of each is doing, and the webhook messages to business systems."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from portal.domain.codes import Code
from portal.models.base import Base
from portal.models.service import ServiceProvider


class Terminal(Base):
    """A place where cards are tapped: a bridge with a bearer token, and a page on a tablet with a cookie.

    Codes, token and cookie are keyed hashes. Each code is spent by its first use. `handoff_link` is a template;
    `one_window` lets each look-up open it by itself in the same window. `bridge` is what its bridge called itself last.
    """

    __tablename__ = "terminal"

    terminal_id: Mapped[UUID] = mapped_column(primary_key=True)
    service_provider_id: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    staffed: Mapped[bool]
    stays_armed: Mapped[bool]
    handoff: Mapped[str]
    handoff_link: Mapped[str | None]
    one_window: Mapped[bool] = mapped_column(default=False)
    bridge_code_hash: Mapped[str | None] = mapped_column(unique=True)
    page_code_hash: Mapped[str | None] = mapped_column(unique=True)
    codes_until: Mapped[datetime | None]
    token_hash: Mapped[str | None] = mapped_column(unique=True)
    page_hash: Mapped[str | None] = mapped_column(unique=True)
    added_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    bridge: Mapped[str | None]
    locked_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    provider: Mapped[ServiceProvider] = relationship(
        primaryjoin=lambda: foreign(Terminal.service_provider_id) == ServiceProvider.service_provider_id,
        viewonly=True,
        lazy="joined",
        innerjoin=True,
    )
    """Read with the terminal, whose every request asks whether it is suspended."""


class ReceptionState(Base):
    """What the page of one terminal is doing for one citizen; it is over a little while after the last touch.

    `asks` is the step that waits for a tap until `asks_until`; `change` grows with every change, for the page's polls.
    """

    __tablename__ = "desk"  # the name that it was first made with

    terminal_id: Mapped[UUID] = mapped_column(primary_key=True)
    asks: Mapped[str | None]
    asks_until: Mapped[datetime | None]
    certificate: Mapped[bytes | None]
    mykey_id: Mapped[str | None]
    service_id: Mapped[str | None]
    problem: Mapped[Code | None]
    result: Mapped[str | None]
    change: Mapped[int]
    expires_at: Mapped[datetime]


class WebhookMessage(Base):
    """One message to a business system, written with the look-up that it tells of, and sent until it is taken."""

    __tablename__ = "handoff_message"  # the name that it was first made with
    __table_args__ = (
        Index(
            "ix_handoff_message_waiting",
            "service_provider_id",
            "due_at",
            postgresql_where=text("delivered_at IS NULL"),
            sqlite_where=text("delivered_at IS NULL"),
        ),
    )

    message_id: Mapped[str] = mapped_column(primary_key=True)
    service_provider_id: Mapped[str] = mapped_column(index=True)
    body: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(index=True)
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    tries: Mapped[int]
    answer: Mapped[str | None]
    delivered_at: Mapped[datetime | None]
