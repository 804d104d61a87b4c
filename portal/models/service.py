"""Service providers, the service IDs that hang on a person, and each use of them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.providers import FirstLinks
from portal.models.base import Base


class ServiceProvider(Base):
    """A library, shop or office that links service IDs, under its サービス提供ID, and what its operator set for it.

    The secret of the webhook is derived from `handoff_key`, so that no row holds it.
    """

    __tablename__ = "service_provider"

    service_provider_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    added_at: Mapped[datetime]
    suspended_at: Mapped[datetime | None]
    picture: Mapped[str | None]
    check_digit: Mapped[str | None]
    first_links: Mapped[str] = mapped_column(default=FirstLinks.STAFFED)
    typed_mykey_ids: Mapped[bool] = mapped_column(default=False)
    handoff_url: Mapped[str | None]
    handoff_key: Mapped[str | None]


CODE_POINTS = String().with_variant(String(collation="C"), "postgresql")
"""A text in the order of its characters' numbers on both databases, so that an index finds a beginning."""


class ServiceLink(Base):
    """One person's service ID at one provider; both uniquenesses lie within the provider."""

    __tablename__ = "service_link"
    __table_args__ = (UniqueConstraint("service_provider_id", "service_id"),)

    service_provider_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True, index=True)
    service_id: Mapped[str] = mapped_column(CODE_POINTS)
    linked_at: Mapped[datetime]


class PendingLink(Base):
    """A first link that a terminal asked for and the citizen has yet to confirm with the PIN."""

    __tablename__ = "pending_link"

    service_provider_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True, index=True)
    service_id: Mapped[str]
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class LinkFile(Base):
    """Links that a provider had before, loaded by its staff; the content holds MyKey IDs and goes with the import."""

    __tablename__ = "link_file"

    file_id: Mapped[UUID] = mapped_column(primary_key=True)
    service_provider_id: Mapped[str] = mapped_column(index=True)
    name: Mapped[str]
    content: Mapped[bytes | None]
    loaded_at: Mapped[datetime]
    loaded_by: Mapped[UUID]
    lines: Mapped[int]
    imported_at: Mapped[datetime | None]


class IdUse(Base):
    """Who did what with a person's ID and when; deleted after its time."""

    __tablename__ = "id_use"

    use_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(index=True)
    service_provider_id: Mapped[str]
    what: Mapped[str]
    used_at: Mapped[datetime] = mapped_column(index=True)


class DailyFigure(Base):
    """How often something was done on a day in Japan: a number, and nobody's name.

    Without a provider it is the portal's; `code` says why something was refused. Those of a month that was counted
    as a whole, before days were, are on its first day.
    """

    __tablename__ = "daily_figure"

    service_provider_id: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True, index=True)
    what: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    times: Mapped[int]
