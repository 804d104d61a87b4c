"""Who may work here: added, suspended and given one-time links by the commands of `mykey staff`."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from unicodedata import normalize
from uuid import UUID, uuid4

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.domain.formats.typed_code import LONGEST_TYPED
from portal.domain.roles import Role
from portal.domain.service_id import is_sound
from portal.domain.sign_in import STAFF
from portal.models import Passkey, ServiceProvider, Staff, StaffLink
from portal.services.record import audit
from portal.services.record.audit import Audit
from portal.services.record.secrecy import Secrecy
from portal.transactions import Service, act, reads

LINK_LIFETIME = timedelta(hours=24)
FIRST_OPERATOR = UUID(int=1)
"""Whom set-up adds: with a fixed primary key, two concurrent set-ups cannot add two."""


class StaffList(Service):
    secrecy: Secrecy
    audit: Audit

    @act
    def add(self, name: str, roles: Iterable[Role], service_provider_id: str | None = None) -> tuple[Staff, str]:
        """Add somebody; return the row and the token of the first one-time link.

        Raises PortalError: staff-without-provider where the role wants one or a provider wants the role,
        service-provider-unknown.
        """
        staff = Staff(
            staff_id=uuid4(),
            name=name,
            roles=sorted(set(roles)),
            service_provider_id=service_provider_id,
            added_at=self.clock(),
        )
        if (Role.PROVIDER in staff.roles) != (service_provider_id is not None):
            raise PortalError(Code.STAFF_WITHOUT_PROVIDER)
        if service_provider_id and self.database.get(ServiceProvider, service_provider_id) is None:
            raise PortalError(Code.SERVICE_PROVIDER_UNKNOWN)
        self.database.add(staff)
        facts: dict[str, Any] = {"provider": service_provider_id} if service_provider_id else {}
        self.audit.entry(audit.Event.STAFF_ADDED, staff=staff.staff_id, roles=staff.roles, **facts)
        return staff, self._link(staff.staff_id)

    @reads
    def needs_set_up(self) -> bool:
        """Tell whether no operator has a passkey."""
        with_passkey = Staff.staff_id.in_(select(Passkey.staff_id))
        return not any(
            Role.OPERATOR in roles for roles in self.database.scalars(select(Staff.roles).where(with_passkey))
        )

    @reads
    def set_up_is_open(self) -> bool:
        """Tell whether a link for the first operator was made and is still good."""
        mine = select(StaffLink).where(StaffLink.staff_id == FIRST_OPERATOR, StaffLink.expires_at > self.clock())
        return self.needs_set_up() and self.database.scalar(mine) is not None

    @act
    def set_up(self) -> str:
        """Return the token of a link by which somebody becomes the first operator, and says who that is."""
        staff = Staff(staff_id=FIRST_OPERATOR, name="", roles=[Role.OPERATOR], added_at=self.clock())
        try:
            with self.database.begin_nested():
                self.database.add(staff)
            self.audit.entry(audit.Event.STAFF_ADDED, staff=staff.staff_id, roles=staff.roles)
        except IntegrityError:
            self._held(FIRST_OPERATOR)
        return self._link(FIRST_OPERATOR)

    @act
    def name_first_operator(self, staff_id: UUID, name: str) -> None:
        """Write the name of who opened the set-up link; of two concurrent requests the first one wins.

        Raises PortalError staff-name-malformed.
        """
        name = normalize("NFC", name).strip() if len(name) <= LONGEST_TYPED else ""
        if not is_sound(name):
            raise PortalError(Code.STAFF_NAME_MALFORMED)
        unnamed = update(Staff).where(Staff.staff_id == staff_id, Staff.name == "").values(name=name)
        if self.database.scalar(unnamed.returning(Staff.staff_id)):
            self.audit.entry(audit.Event.STAFF_NAMED, staff=staff_id)

    @reads
    def all(self) -> list[tuple[Staff, int]]:
        """Return everybody with the number of their passkeys, the longest there first."""
        passkeys = select(func.count()).where(Passkey.staff_id == Staff.staff_id).scalar_subquery()
        rows = self.database.execute(select(Staff, passkeys).order_by(Staff.added_at, Staff.staff_id))
        return [(staff, count) for staff, count in rows]

    @reads
    def name_of(self, staff_id: UUID) -> str:
        """Return the name that somebody's acts are shown with."""
        staff = self.database.get(Staff, staff_id)
        return staff.name if staff else ""

    @reads
    def find(self, name_or_id: str) -> list[Staff]:
        """Return everybody of that name, or the one with that ID."""
        try:
            wanted = or_(Staff.staff_id == UUID(name_or_id), Staff.name == name_or_id)
        except ValueError:
            wanted = Staff.name == name_or_id
        return list(self.database.scalars(select(Staff).where(wanted)))

    @act
    def new_link(self, staff_id: UUID, *, forget_passkeys: bool = False) -> str:
        """Return the token of a new one-time link, which voids an older one; forgetting passkeys ends sessions too."""
        staff = self._held(staff_id)
        if forget_passkeys:
            self.database.execute(delete(Passkey).where(Passkey.staff_id == staff_id))
            staff.version += 1
            self.audit.entry(audit.Event.PASSKEYS_FORGOTTEN, staff=staff_id)
        return self._link(staff_id)

    @act
    def suspend(self, staff_id: UUID) -> None:
        """Refuse somebody from the next request on, also in the middle of a step."""
        staff = self._held(staff_id)
        staff.suspended_at = self.clock()
        staff.version += 1
        self.audit.entry(audit.Event.STAFF_SUSPENDED, staff=staff_id)

    @act
    def resume(self, staff_id: UUID) -> None:
        """Let somebody sign in again; sessions from before stay ended."""
        self._held(staff_id).suspended_at = None
        self.audit.entry(audit.Event.STAFF_RESUMED, staff=staff_id)

    @reads
    def signed_in(self, staff_id: UUID, grounds: str, since: datetime) -> Staff:
        """Return who signed in then, while the same grounds hold.

        Raises PortalError: staff-suspended; staff-sign-in-needed for a session that is over.
        """
        staff = self.database.get(Staff, staff_id)
        if staff and staff.suspended_at:
            raise PortalError(Code.STAFF_SUSPENDED)
        if staff is None or staff.grounds != grounds or self.clock() >= since + STAFF:
            raise PortalError(Code.STAFF_SIGN_IN_NEEDED)
        return staff

    def _held(self, staff_id: UUID) -> Staff:
        """Return somebody with their row locked, so that concurrent acts queue."""
        return self.database.get_one(Staff, staff_id, with_for_update=True, populate_existing=True)

    def _link(self, staff_id: UUID) -> str:
        """Replace an older link by a new one; the caller has locked the person's row."""
        self.database.execute(delete(StaffLink).where(StaffLink.staff_id == staff_id))
        token = self.secrecy.token()
        self.database.add(
            StaffLink(
                link_hash=self.secrecy.hash("staff-link", token),
                staff_id=staff_id,
                expires_at=self.clock() + LINK_LIFETIME,
            )
        )
        self.audit.entry(audit.Event.STAFF_LINK_MADE, staff=staff_id)
        return token
