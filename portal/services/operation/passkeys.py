"""Passkeys of staff (W3C Web Authentication, level 3): adding one by a one-time link, and signing in with it."""

from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.domain.roles import Role
from portal.models import Passkey, Staff, StaffLink
from portal.services.operation.staff import FIRST_OPERATOR
from portal.services.record import audit
from portal.services.record.audit import Audit
from portal.services.record.secrecy import Secrecy
from portal.transactions import Service, act, reads

if TYPE_CHECKING:
    from webauthn.helpers.structs import AuthenticationCredential
    from webauthn.registration.verify_registration_response import VerifiedRegistration

    from portal.services.operation.webauthn_ceremony import Ceremony


class Passkeys(Service):
    """Both ceremonies. The caller keeps the challenge in the browser's session, and takes it out before the answer."""

    secrecy: Secrecy
    audit: Audit
    origin: str

    @property
    def rp_id(self) -> str:
        """Return the host to which passkeys are bound, without its port."""
        return urlsplit(self.origin).hostname or ""

    def new_challenge(self) -> str:
        """Make a challenge of 32 random bytes, in base64url."""
        return _base64url(self.secrecy.token_bytes(32))

    def sign_in_options(self, challenge: str) -> str:
        """Return what navigator.credentials.get wants, in JSON; the passkey itself tells whose it is."""
        return self._ceremony(challenge).sign_in_options()

    @act
    def sign_in(self, credential: str, challenge: str) -> Staff:
        """Return whose passkey signed the challenge.

        Raises PortalError: passkey-refused, staff-suspended.
        """
        ceremony = self._ceremony(challenge)
        passkey, answer = self._find(ceremony, credential)
        try:
            verified = ceremony.verify_use(passkey, answer)
        except ValueError:
            raise self._refused(passkey.staff_id) from None
        unchanged = (Passkey.credential_id == passkey.credential_id, Passkey.sign_count == passkey.sign_count)
        used = {"sign_count": verified.new_sign_count, "last_used_at": self.clock()}
        if not self.database.scalar(update(Passkey).where(*unchanged).values(used).returning(Passkey.staff_id)):
            raise self._refused(passkey.staff_id)
        staff = self._allowed(passkey.staff_id)
        audit.record(audit.Event.STAFF_SIGNED_IN, staff=staff.staff_id)
        return staff

    @reads
    def open_link(self, token: str) -> str:
        """Return the name under which a one-time link is kept, without spending it.

        Raises PortalError: staff-link-invalid, staff-suspended.
        """
        link_hash = self.secrecy.hash("staff-link", token)
        self.whose(link_hash)
        return link_hash

    @reads
    def enrolment_options(self, link_hash: str, challenge: str) -> tuple[Staff, str]:
        """Return whose link it is, and what navigator.credentials.create wants, in JSON.

        Raises PortalError: staff-link-invalid, staff-suspended.
        """
        staff = self.whose(link_hash)
        known = self.database.scalars(select(Passkey.credential_id).where(Passkey.staff_id == staff.staff_id))
        return staff, self._ceremony(challenge).enrolment_options(staff, known)

    @act
    def enrol(self, link_hash: str, credential: str, challenge: str) -> Staff:
        """Store a new passkey and spend the one-time link, both or neither; return whose it is.

        Raises PortalError: staff-link-invalid, staff-suspended, staff-name-malformed, passkey-refused.
        """
        staff = self.whose(link_hash)
        if not staff.name:
            raise PortalError(Code.STAFF_NAME_MALFORMED)
        try:
            verified = self._ceremony(challenge).verify_new(credential)
        except ValueError:
            raise self._refused(staff.staff_id) from None
        if not self.database.scalar(
            delete(StaffLink).where(StaffLink.link_hash == link_hash).returning(StaffLink.staff_id)
        ):
            raise PortalError(Code.STAFF_LINK_INVALID)
        able = select(Staff.roles).where(Staff.staff_id.in_(select(Passkey.staff_id)))
        first = not any(Role.OPERATOR in roles for roles in self.database.scalars(able))
        self._store(staff, verified)
        if first and Role.OPERATOR in staff.roles:  # set-up is over, even for somebody who has opened its link
            self.database.execute(delete(StaffLink).where(StaffLink.staff_id == FIRST_OPERATOR))
        self.audit.entry(audit.Event.PASSKEY_ADDED, staff=staff.staff_id)
        return staff

    @reads
    def whose(self, link_hash: str) -> Staff:
        """Return whose link it is. Raises PortalError: staff-link-invalid, staff-suspended."""
        link = self.database.get(StaffLink, link_hash)
        if link is None or link.expires_at <= self.clock():
            raise PortalError(Code.STAFF_LINK_INVALID)
        return self._allowed(link.staff_id)

    def _ceremony(self, challenge: str) -> "Ceremony":
        from portal.services.operation.webauthn_ceremony import Ceremony  # noqa: PLC0415 - a tenth of the portal's start-up

        return Ceremony(self.rp_id, self.origin, challenge)

    def _find(self, ceremony: "Ceremony", credential: str) -> "tuple[Passkey, AuthenticationCredential]":
        """Find a passkey by its name; the owner that its device remembers must be ours."""
        try:
            answer = ceremony.read(credential)
        except ValueError:
            raise self._refused() from None
        passkey = self.database.get(Passkey, _base64url(answer.raw_id))
        if passkey is None or answer.response.user_handle != passkey.staff_id.bytes:
            raise self._refused()
        return passkey, answer

    def _store(self, staff: Staff, verified: "VerifiedRegistration") -> None:
        """Write the passkey; a name that is taken, whosever it is, is refused."""
        passkey = Passkey(
            credential_id=_base64url(verified.credential_id),
            staff_id=staff.staff_id,
            public_key=verified.credential_public_key,
            sign_count=verified.sign_count,
            added_at=self.clock(),
        )
        try:
            with self.database.begin_nested():
                self.database.add(passkey)
        except IntegrityError:
            raise self._refused(staff.staff_id) from None

    def _allowed(self, staff_id: UUID) -> Staff:
        staff = self.database.get_one(Staff, staff_id)
        if staff.suspended_at:
            raise PortalError(Code.STAFF_SUSPENDED)
        self.database.expunge(staff)  # a session rests on what was true in this act, not on what is read after it
        return staff

    def _refused(self, staff_id: UUID | None = None) -> PortalError:
        audit.record(audit.Event.STAFF_REFUSED, staff=staff_id)
        return PortalError(Code.PASSKEY_REFUSED)


def _base64url(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")
