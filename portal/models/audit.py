"""The audit chain: one entry an act, each digest over the one before."""

from datetime import datetime

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base


class AuditEntry(Base):
    """One act. The chain holds the digest of the details, which may be deleted without breaking it."""

    __tablename__ = "audit_entry"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    event: Mapped[str]
    details: Mapped[str | None]
    details_digest: Mapped[bytes]
    digest: Mapped[bytes]


class AuditHead(Base):
    """The one row that says where the chain ends; each act locks it last."""

    __tablename__ = "audit_head"

    head_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[bytes]
