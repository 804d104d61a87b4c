"""Sessions of browsers, kept by the server."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base


class BrowserSession(Base):
    """One browser's session; the cookie holds the key, the row its keyed hash."""

    __tablename__ = "browser_session"

    key_hash: Mapped[str] = mapped_column(primary_key=True)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    expires_at: Mapped[datetime] = mapped_column(index=True)
