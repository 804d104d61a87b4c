"""How often something was tried."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, Hex


class TryCount(Base):
    """The tries of one person, terminal or address until a time; the keyed hash tells neither whose nor of what."""

    __tablename__ = "try_count"

    bucket: Mapped[str] = mapped_column(Hex, primary_key=True)
    times: Mapped[int]
    ends_at: Mapped[datetime] = mapped_column(index=True)
