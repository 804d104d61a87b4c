"""Card sessions: from a start in a browser to its completion there."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.codes import Code
from portal.models.base import Base


class CardSession(Base):
    """One reading of a card. Secrets are keyed hashes; the nonce's text and the certificate live as long as needed."""

    __tablename__ = "card_session"

    card_session_id: Mapped[UUID] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    parameters: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str]
    ending: Mapped[str | None]
    problem: Mapped[Code | None]
    match_code: Mapped[str]
    flow_hash: Mapped[str] = mapped_column(unique=True)
    handle_hash: Mapped[str] = mapped_column(unique=True)
    pairing_hash: Mapped[str | None] = mapped_column(unique=True)
    claim_hash: Mapped[str | None] = mapped_column(unique=True)
    claimed_by: Mapped[str | None]
    bridge: Mapped[str | None]
    nonce: Mapped[str | None]
    nonce_spent: Mapped[bool]
    completion_hash: Mapped[str | None] = mapped_column(index=True)
    wrong_digits: Mapped[int]
    certificate: Mapped[bytes | None]
    issuer_key_id: Mapped[str | None]
    person_id: Mapped[UUID | None]
    version: Mapped[int | None]
    prolonged: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime] = mapped_column(index=True)
