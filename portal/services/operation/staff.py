"""Who may work here: added, given roles and one-time links, suspended; by pages of operators and `mykey staff`."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.domain.formats.name import read_name
from portal.domain.roles import Role
from portal.domain.session_lifetime import STAFF
from portal.models import Passkey, ServiceProvider, Staff, StaffLink
from portal.services.record import audit
from portal.services.record.audit import Audit
from portal.services.record.secrecy import Secrecy
from portal.transactions import Service, act, reads

LINK_LIFETIME = timedelta(hours=24)
FIRST_OPERATOR = UUID(int=1)
"""Whom set-up adds: with a fixed primary key, two concurrent set-ups cannot add two."""


class Listed(NamedTuple):
    """Somebody of staff, and how they can sign in: passkeys, when one was last used, and until when a link waits."""

    staff: Staff
    passkeys: int
    last_used_at: datetime | None
    link_until: datetime | None


class StaffList(Service):
    """The list of staff. In each act `by` tells who did it and why, where a page or a command knows.

    Where a person acts, it is not upon oneself, and somebody is left who can sign in as operator.
    """

    secrecy: Secrecy
    audit: Audit

    @act
    def add(
        self,
        name: str,
        roles: Iterable[Role],
        service_provider_id: str | None = None,
        *,
        seed: str | None = None,
        **by: Any,
    ) -> tuple[Staff, str]:
        """Add somebody; return the row and the token of the first one-time link (`seed` as in token).

        Raises PortalError: staff-name-malformed, and what check_roles raises.
        """
        name, held = read_name(name, Code.STAFF_NAME_MALFORMED), self.check_roles(roles, service_provider_id)
        facts = {"roles": held, "service_provider_id": service_provider_id}
        staff = Staff(staff_id=uuid4(), name=name, added_at=self.clock(), **facts)
        self.database.add(staff)
        provider: dict[str, Any] = {"provider": service_provider_id} if service_provider_id else {}
        self.audit.entry(audit.Event.STAFF_ADDED, staff=staff.staff_id, roles=held, **provider, **by)
        return staff, self._link(staff.staff_id, seed, by)

    @reads
    def check_roles(self, roles: Iterable[Role], service_provider_id: str | None) -> list[str]:
        """Return roles as they are kept.

        Raises PortalError: staff-without-role; staff-without-provider where the role wants one or a provider wants the
        role; service-provider-unknown.
        """
        held = [str(each) for each in sorted(set(roles))]
        if not held:
            raise PortalError(Code.STAFF_WITHOUT_ROLE)
        if (Role.PROVIDER in held) != (service_provider_id is not None):
            raise PortalError(Code.STAFF_WITHOUT_PROVIDER)
        if service_provider_id and self.database.get(ServiceProvider, service_provider_id) is None:
            raise PortalError(Code.SERVICE_PROVIDER_UNKNOWN)
        return held

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
        name = read_name(name, Code.STAFF_NAME_MALFORMED)
        unnamed = update(Staff).where(Staff.staff_id == staff_id, Staff.name == "").values(name=name)
        if self.database.scalar(unnamed.returning(Staff.staff_id)):
            self.audit.entry(audit.Event.STAFF_NAMED, staff=staff_id)

    @reads
    def all(self, staff_id: UUID | None = None) -> list[Listed]:
        """Return everybody, or one, the longest there first."""
        theirs = Passkey.staff_id == Staff.staff_id
        passkeys = select(func.count()).where(theirs).scalar_subquery()
        last_used_at = select(func.max(Passkey.last_used_at)).where(theirs).scalar_subquery()
        link = (StaffLink.staff_id == Staff.staff_id, StaffLink.expires_at > self.clock())
        link_until = select(func.max(StaffLink.expires_at)).where(*link).scalar_subquery()
        listed = select(Staff, passkeys, last_used_at, link_until).order_by(Staff.added_at, Staff.staff_id)
        rows = self.database.execute(listed.where(Staff.staff_id == staff_id) if staff_id else listed)
        return [Listed(*row) for row in rows]

    @reads
    def known(self, staff_id: UUID) -> Listed:
        """Return one of them. Raises PortalError staff-unknown."""
        if not (found := self.all(staff_id)):
            raise PortalError(Code.STAFF_UNKNOWN)
        return found[0]

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

    def token(self, seed: str) -> str:
        """Derive the token of a seed; without the portal's key, the seed in a row tells nothing."""
        return self.secrecy.token_from("staff-link-token", seed)

    @act
    def new_link(self, staff_id: UUID, *, forget_passkeys: bool = False, seed: str | None = None, **by: Any) -> str:
        """Return the token of a new one-time link, which voids an older one; forgetting passkeys ends sessions too.

        Raises PortalError: staff-unknown; where passkeys are forgotten, staff-oneself and staff-last-operator.
        """
        if forget_passkeys:
            self._refuse_lock_out(staff_id, by)
        staff = self._held(staff_id)
        if forget_passkeys:
            self.database.execute(delete(Passkey).where(Passkey.staff_id == staff_id))
            staff.version += 1
            self.audit.entry(audit.Event.PASSKEYS_FORGOTTEN, staff=staff_id, **by)
        return self._link(staff_id, seed, by)

    @act
    def set_roles(self, staff_id: UUID, roles: Iterable[Role], service_provider_id: str | None, **by: Any) -> None:
        """Give somebody other roles, which ends their sessions.

        Raises PortalError: staff-unknown, staff-oneself, staff-last-operator, and what check_roles raises.
        """
        held = self.check_roles(roles, service_provider_id)
        self._refuse_lock_out(staff_id, by)
        staff = self._held(staff_id)
        if (held, service_provider_id) != (sorted(staff.roles), staff.service_provider_id):
            before = sorted(staff.roles)
            staff.roles, staff.service_provider_id = held, service_provider_id
            facts = {"before": before, "roles": held, "provider": service_provider_id, **by}
            self.audit.entry(audit.Event.STAFF_ROLES_SET, staff=staff_id, **facts)

    @act
    def suspend(self, staff_id: UUID, **by: Any) -> None:
        """Refuse somebody from the next request on, also in the middle of a step.

        Raises PortalError: staff-unknown, staff-oneself, staff-last-operator.
        """
        self._refuse_lock_out(staff_id, by)
        staff = self._held(staff_id)
        staff.suspended_at = self.clock()
        staff.version += 1
        self.audit.entry(audit.Event.STAFF_SUSPENDED, staff=staff_id, **by)

    @act
    def resume(self, staff_id: UUID, **by: Any) -> None:
        """Let somebody sign in again; sessions from before stay ended. Raises PortalError staff-unknown."""
        self._held(staff_id).suspended_at = None
        self.audit.entry(audit.Event.STAFF_RESUMED, staff=staff_id, **by)

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
        """Return somebody with their row locked, so that concurrent acts queue. Raises PortalError staff-unknown."""
        staff = self.database.get(Staff, staff_id, with_for_update=True, populate_existing=True)
        if staff is None:
            raise PortalError(Code.STAFF_UNKNOWN)
        return staff

    def _refuse_lock_out(self, staff_id: UUID, by: dict[str, Any]) -> None:
        """Refuse what a person does to oneself, or would leave no operator who can sign in; call it before _held.

        Two operators who suspend each other queue at the rows of all who can sign in, taken in one order. Whoever types
        commands is bound by neither: they can always add an operator.

        Raises PortalError: staff-oneself, staff-last-operator.
        """
        if "by" not in by:
            return
        if by["by"] == staff_id:
            raise PortalError(Code.STAFF_ONESELF)
        able = select(Staff).where(Staff.suspended_at.is_(None), Staff.staff_id.in_(select(Passkey.staff_id)))
        held = able.order_by(Staff.staff_id).with_for_update().execution_options(populate_existing=True)
        if not any(Role.OPERATOR in each.roles and each.staff_id != staff_id for each in self.database.scalars(held)):
            raise PortalError(Code.STAFF_LAST_OPERATOR)

    def _link(self, staff_id: UUID, seed: str | None = None, by: dict[str, Any] | None = None) -> str:
        """Replace an older link by a new one; the caller has locked the person's row."""
        self.database.execute(delete(StaffLink).where(StaffLink.staff_id == staff_id))
        token = self.token(seed or self.secrecy.token())
        self.database.add(
            StaffLink(
                link_hash=self.secrecy.hash("staff-link", token),
                staff_id=staff_id,
                expires_at=self.clock() + LINK_LIFETIME,
            )
        )
        self.audit.entry(audit.Event.STAFF_LINK_MADE, staff=staff_id, **by or {})
        return token
