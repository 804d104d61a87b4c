"""Sessions of browsers, kept by the server."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base


class BrowserSession(Base):
    """One browser's session, with the citizen who is signed in; the cookie holds the key, the row its keyed hash."""

    __tablename__ = "browser_session"

    key_hash: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[UUID | None] = mapped_column(index=True)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    expires_at: Mapped[datetime] = mapped_column(index=True)
