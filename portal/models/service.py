"""Service providers, the service IDs that hang on a person, and each use of them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base


class ServiceProvider(Base):
    """A library, shop or office that links service IDs, under its サービス提供ID."""

    __tablename__ = "service_provider"

    service_provider_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    added_at: Mapped[datetime]


class ServiceLink(Base):
    """One person's service ID at one provider; both uniquenesses lie within the provider."""

    __tablename__ = "service_link"
    __table_args__ = (UniqueConstraint("service_provider_id", "service_id"),)

    service_provider_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True, index=True)
    service_id: Mapped[str]
    linked_at: Mapped[datetime]


class IdUse(Base):
    """Who did what with a person's ID and when; deleted after its time."""

    __tablename__ = "id_use"

    use_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(index=True)
    service_provider_id: Mapped[str]
    what: Mapped[str]
    used_at: Mapped[datetime] = mapped_column(index=True)
