"""The municipal counter: visits, and what the rules send to staff."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.codes import Code
from portal.domain.visit import Step
from portal.models.base import Base


class Visit(Base):
    """One visit of a citizen at the counter: the old card read with its PIN, the new certificate, and who did what."""

    __tablename__ = "visit"

    visit_number: Mapped[str] = mapped_column(primary_key=True)
    opened_by: Mapped[UUID]
    opened_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    person_id: Mapped[UUID]
    old_issuer_key_id: Mapped[str]
    old_serial_number: Mapped[str]
    for_reservation: Mapped[bool]
    identity: Mapped[str | None]
    identity_note: Mapped[str | None]
    before_read_at: Mapped[datetime | None]
    after: Mapped[bytes | None]
    after_issuer_key_id: Mapped[str | None]
    reason: Mapped[str | None]
    asked_by: Mapped[UUID | None]
    ended_at: Mapped[datetime | None]

    @property
    def step(self) -> Step:
        """Return the step that comes next; the new card may have been read without the old one."""
        if self.ended_at:
            return Step.DONE
        if self.identity is None:
            return Step.IDENTITY
        if self.after:
            return Step.CHECK
        return Step.NEW_CARD if self.before_read_at else Step.OLD_CARD

    @property
    def facts(self) -> dict[str, Any]:
        """Return what each entry of the audit says of a visit."""
        confirmed = {"identity": self.identity, "identity_note": self.identity_note}
        return {"visit": self.visit_number, "person": self.person_id, **confirmed}


class Review(Base):
    """Something that only staff may decide; the key names what it is about, so that it is listed once."""

    __tablename__ = "review"

    review_key: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[Code]
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    opened_at: Mapped[datetime] = mapped_column(index=True)
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None]
    reason: Mapped[str | None]
