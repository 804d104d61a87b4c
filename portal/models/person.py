"""People, the certificates that registered, and the MyKey IDs they have or had.

Each uniqueness is the primary key of its own table, so that it holds on a sharded database too; `person_id` is
therefore a plain column there, and the services see to it that the person exists.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base


class Person(Base):
    """Somebody with a MyKey ID; nothing about who that is."""

    __tablename__ = "person"

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    registered_at: Mapped[datetime]


class Certificate(Base):
    """A certificate that registered: the name by which a person is found (bridge-protocol, "Three rules")."""

    __tablename__ = "certificate"

    issuer_key_id: Mapped[str] = mapped_column(primary_key=True)
    serial_number: Mapped[str] = mapped_column(primary_key=True)
    public_key_digest: Mapped[str]
    person_id: Mapped[UUID] = mapped_column(index=True)
    not_before: Mapped[datetime]
    not_after: Mapped[datetime]
    registered_at: Mapped[datetime]


class MyKeyIdRecord(Base):
    """A MyKey ID over all time; a default one is unique together with its terminal code, a chosen one has none."""

    __tablename__ = "mykey_id"

    mykey_id: Mapped[str] = mapped_column(String(14), primary_key=True)
    terminal_code: Mapped[str] = mapped_column(String(9), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(index=True)
    registered_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
