"""People, the certificates that registered, and the MyKey IDs they have or had.

Each uniqueness is the primary key of its own table, so that it holds on a sharded database too; `person_id` is
therefore a plain column there, and the services see to it that the person exists.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, Hex, HexNumber


class Person(Base):
    """Somebody with a MyKey ID or a reservation; nothing about who that is. A session rests on one `version`."""

    __tablename__ = "person"

    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    registered_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    stopped_by: Mapped[str | None]
    """How it was stopped last; it stays when the stop is undone."""
    version: Mapped[int] = mapped_column(default=0)


class Certificate(Base):
    """A certificate that registered: the name by which a person is found (bridge-protocol, "Three rules").

    A retired one names its person no longer; each person has at most one that is not.
    """

    __tablename__ = "certificate"
    __table_args__ = (
        Index(
            "ix_certificate_current_not_after",
            "not_after",
            postgresql_where=text("retired_at IS NULL"),
            sqlite_where=text("retired_at IS NULL"),
        ),
    )

    issuer_key_id: Mapped[str] = mapped_column(Hex, primary_key=True)
    serial_number: Mapped[str] = mapped_column(HexNumber, primary_key=True)
    public_key_digest: Mapped[str] = mapped_column(Hex)
    random_string: Mapped[str] = mapped_column(String(14), index=True)
    terminal_code: Mapped[str] = mapped_column(String(9))
    person_id: Mapped[UUID] = mapped_column(index=True)
    not_before: Mapped[datetime]
    not_after: Mapped[datetime]
    registered_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class MyKeyIdRecord(Base):
    """A MyKey ID over all time; a default one is unique together with its terminal code, a chosen one has none."""

    __tablename__ = "mykey_id"

    mykey_id: Mapped[str] = mapped_column(String(14), primary_key=True)
    terminal_code: Mapped[str] = mapped_column(String(9), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(index=True)
    registered_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]

    @property
    def chosen(self) -> bool:
        return not self.terminal_code


class TakenString(Base):
    """Who may use 14 characters: everybody whose card bears them (default), or one person (chosen, reserved).

    The primary key is the last word between a default ID, a chosen one and a reservation of the same characters.
    """

    __tablename__ = "taken_string"

    string: Mapped[str] = mapped_column(String(14), primary_key=True)
    use: Mapped[str]
    person_id: Mapped[UUID | None]
    reserved_at: Mapped[datetime | None]
    reserved_until: Mapped[datetime | None]


class Reservation(Base):
    """仮登録: a chosen ID that waits for the municipal counter, or what became of it."""

    __tablename__ = "reservation"

    receipt_number: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(index=True)
    mykey_id: Mapped[str] = mapped_column(String(14))
    reserved_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ending: Mapped[str | None]

    def lapsed_at(self) -> datetime:
        """Return when it ended, or will by itself."""
        return self.ended_at or self.expires_at


class StopCode(Base):
    """停止コード: the keyed hash of what was printed at registration; spent by use."""

    __tablename__ = "stop_code"

    code_hash: Mapped[str] = mapped_column(Hex, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(index=True)
