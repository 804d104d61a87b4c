"""Continuity: moves of a record from one certificate to the next, and what proves that they are one person's."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base


class Move(Base):
    """A record that went from one certificate to another: what changed, and until when the old key can undo it.

    The old ID is what the move replaced: None where it replaced none, empty where there was none before. `before` is
    the record as it was, while it can be undone; `aside` what came in between, once it was; both go with `kept_until`.
    """

    __tablename__ = "move"

    move_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(index=True)
    proof: Mapped[str]
    moved_at: Mapped[datetime]
    old_issuer_key_id: Mapped[str]
    old_serial_number: Mapped[str]
    new_issuer_key_id: Mapped[str]
    new_serial_number: Mapped[str]
    old_mykey_id: Mapped[str | None] = mapped_column(String(14))
    old_terminal_code: Mapped[str | None] = mapped_column(String(9))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    aside: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    kept_until: Mapped[datetime | None] = mapped_column(index=True)
    undo_until: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]


class CarryOverCode(Base):
    """引継ぎコード: the keyed hash; one a person, and gone when used."""

    __tablename__ = "carry_over_code"

    code_hash: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(index=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class CorrespondenceFile(Base):
    """A file of a certified verifier: loaded by one operator, confirmed by another."""

    __tablename__ = "correspondence_file"

    file_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    content: Mapped[bytes | None]
    loaded_at: Mapped[datetime]
    loaded_by: Mapped[UUID]
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[UUID | None]


class CorrespondenceLine(Base):
    """Says that a new certificate replaces an old one: a permission for a year, never a move."""

    __tablename__ = "correspondence_line"

    new_issuer_key_id: Mapped[str] = mapped_column(primary_key=True)
    new_serial_number: Mapped[str] = mapped_column(primary_key=True)
    old_issuer_key_id: Mapped[str]
    old_serial_number: Mapped[str]
    file_id: Mapped[UUID] = mapped_column(index=True)
    expires_at: Mapped[datetime]
