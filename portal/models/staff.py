"""Staff, their passkeys, and the one-time links by which a passkey is added."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base


class Staff(Base):
    """Somebody who works here, or at a provider; their acts are shown with the name.

    A session rests on `grounds`, and ends when they are others.
    """

    __tablename__ = "staff"

    staff_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    roles: Mapped[list[str]] = mapped_column(JSON)
    service_provider_id: Mapped[str | None]
    added_at: Mapped[datetime]
    suspended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=0)

    @property
    def grounds(self) -> str:
        """Return what a session rests on: the roles, and the version, which any other reason to end it raises."""
        return f"{self.version} {self.service_provider_id} {' '.join(sorted(self.roles))}"


class Passkey(Base):
    """A passkey: its name in base64url, and its public key as COSE wrote it (RFC 9052)."""

    __tablename__ = "passkey"

    credential_id: Mapped[str] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(index=True)
    public_key: Mapped[bytes]
    sign_count: Mapped[int] = mapped_column(BigInteger)  # 32 bits without a sign
    added_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class StaffLink(Base):
    """A one-time link that was not used yet; the services keep one a person."""

    __tablename__ = "staff_link"

    link_hash: Mapped[str] = mapped_column(primary_key=True)
    staff_id: Mapped[UUID] = mapped_column(index=True)
    expires_at: Mapped[datetime]
