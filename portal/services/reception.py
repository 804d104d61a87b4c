"""サービスID: linked to a person by a tap of the card, and looked up by one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, cast
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import Table, and_, bindparam, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import scoped_session

from portal.domain.errors import PortalError
from portal.domain.reception import PENDING, FirstLinks, What
from portal.models import (
    Certificate,
    MyKeyIdRecord,
    PendingLink,
    Person,
    ServiceLink,
    ServiceProvider,
    Terminal,
)
from portal.pki.verifier import CertificateName, VerifiedCertificate, Verifier
from portal.services import uses
from portal.services.audit import Audit, Event
from portal.services.people import People
from portal.services.providers import Providers, accepts

JAPAN = ZoneInfo("Asia/Tokyo")
EVENTS = {
    What.LINKED: Event.LINKED,
    What.REPLACED: Event.LINK_REPLACED,
    What.LOOKED_UP: Event.LOOKED_UP,
    What.UNLINKED: Event.PROVIDER_UNLINKED,
}
_PEOPLE, _CERTIFICATES, _IDS, _LINKS = (
    cast("Table", each.__table__) for each in (Person, Certificate, MyKeyIdRecord, ServiceLink)
)
_NAMED = and_(
    _CERTIFICATES.c.issuer_key_id == bindparam("issuer_key_id"),
    _CERTIFICATES.c.serial_number == bindparam("serial_number"),
)
_HOLD = (
    select(_PEOPLE.c.person_id)
    .where(_PEOPLE.c.person_id == select(_CERTIFICATES.c.person_id).where(_NAMED).scalar_subquery())
    .with_for_update()
)
_STANDING = (
    select(_CERTIFICATES.c.public_key_digest, _CERTIFICATES.c.person_id, _PEOPLE.c.stopped_at)
    .join(_PEOPLE, _PEOPLE.c.person_id == _CERTIFICATES.c.person_id)
    .join(_IDS, _IDS.c.person_id == _CERTIFICATES.c.person_id)
    .where(_NAMED, _CERTIFICATES.c.retired_at.is_(None), _IDS.c.retired_at.is_(None))
)
"""One row for a certificate that names somebody with a MyKey ID now."""
_LINKED = select(_LINKS.c.service_id).where(
    _LINKS.c.service_provider_id == bindparam("service_provider_id"), _LINKS.c.person_id == bindparam("person_id")
)


class Held(NamedTuple):
    """A card that was verified, and whose it is; the person is held until the transaction ends."""

    certificate: VerifiedCertificate
    person_id: UUID


@dataclass(frozen=True)
class Reception:
    """What a service provider does with a card that was tapped; each provider sees its own links alone."""

    database: scoped_session[Any]
    verifier: Verifier
    people: People
    providers: Providers
    audit: Audit
    clock: Callable[[], datetime]
    kept: timedelta

    def verify(self, der: bytes) -> Held:
        """Verify a certificate that was only read; one that names nobody is refused before revocation.

        Raises PortalError: mykey-id-not-registered, mykey-id-stopped; PkiError.
        """
        holders: list[UUID] = []
        certificate = self.verifier.verify_certificate(
            der, self.clock(), before_revocation=lambda name: holders.append(self._person(name))
        )
        return Held(certificate, *holders)

    def _person(self, certificate: CertificateName) -> UUID:
        """Return whose card it is, held as by People.held, but in two statements, for every tap runs them.

        One whose record has gone on, or that only reserved, names nobody; another key under a known serial number
        names nobody either: that is for staff to see when it registers, not for a shop. Raises PortalError:
        mykey-id-not-registered, mykey-id-stopped.
        """
        held = self.database.scalar(_HOLD, certificate._asdict())
        standing = self.database.execute(_STANDING, certificate._asdict()).one_or_none()
        if standing is None or standing.public_key_digest != certificate.public_key_digest:
            raise PortalError("mykey-id-not-registered")
        if standing.person_id != held:  # joined to another meanwhile
            return self._person(certificate)
        if standing.stopped_at:
            raise PortalError("mykey-id-stopped")
        return UUID(str(held))

    def link(
        self,
        service_provider_id: str,
        held: Held,
        service_id: str,
        *,
        terminal: Terminal | None = None,
        replaces: str | None = None,
    ) -> None:
        """Link a service ID to the person whose card it is, or put it in the place of the present one, and commit.

        Raises PortalError: service-provider-unknown, service-provider-suspended, service-id-malformed,
        service-id-already-registered, service-id-in-use, service-id-not-registered, first-link-not-allowed,
        replacement-not-allowed, service-link-unconfirmed.
        """
        provider = self.providers.active(service_provider_id)
        if not accepts(provider, service_id):
            raise PortalError("service-id-malformed")
        if replaces is not None:
            self._replace(provider, held.person_id, service_id, replaces, terminal)
        else:
            self._link(provider, held.person_id, service_id, terminal)

    def confirm(self, service_provider_id: str, person_id: UUID, service_id: str) -> None:
        """Make a pending link real, by the citizen's PIN; the caller holds the person, and commits.

        Raises PortalError: service-provider-unknown, service-provider-suspended, mykey-id-not-registered,
        mykey-id-stopped, service-link-not-pending, service-id-already-registered, service-id-in-use.
        """
        self.providers.active(service_provider_id)
        if self.people.current_id(person_id) is None:
            raise PortalError("mykey-id-not-registered")
        self._refuse_stopped(person_id)
        pending = self.database.get(PendingLink, (service_provider_id, person_id))
        if pending is None or pending.service_id != service_id or pending.expires_at <= self.clock():
            raise PortalError("service-link-not-pending")
        self.database.delete(pending)
        self._add(service_provider_id, person_id, service_id)
        self.used(person_id, service_provider_id, What.LINKED)

    def look_up(self, service_provider_id: str, held: Held) -> str:
        """Return this provider's service ID of the person whose card it is; the use is written, the caller commits.

        Raises PortalError: service-provider-unknown, service-provider-suspended, service-id-not-registered.
        """
        self.providers.active(service_provider_id)
        service_id = self.present(service_provider_id, held)
        if service_id is None:
            raise PortalError("service-id-not-registered")
        self.used(held.person_id, service_provider_id, What.LOOKED_UP)
        return service_id

    def look_up_typed(self, service_provider_id: str, mykey_id: str) -> str:
        """Return this provider's service ID of a typed MyKey ID, found among its own links; the caller commits.

        Raises PortalError: inquiry-not-allowed, service-id-not-registered, mykey-id-stopped, card-wanted where two of
        its customers have the same 14 characters.
        """
        if not self.providers.active(service_provider_id).typed_mykey_ids:
            raise PortalError("inquiry-not-allowed")
        found = self.database.scalars(
            select(ServiceLink)
            .join(MyKeyIdRecord, MyKeyIdRecord.person_id == ServiceLink.person_id)
            .where(MyKeyIdRecord.mykey_id == mykey_id, MyKeyIdRecord.retired_at.is_(None))
            .where(ServiceLink.service_provider_id == service_provider_id)
        ).all()
        if not found:
            raise PortalError("service-id-not-registered")
        if len(found) > 1:
            raise PortalError("card-wanted")
        (link,) = found
        self.people.lock(link.person_id)
        self._refuse_stopped(link.person_id)
        self.used(link.person_id, service_provider_id, What.LOOKED_UP)
        return str(link.service_id)

    def present(self, service_provider_id: str, held: Held) -> str | None:
        """Return the service ID that the person has at this provider."""
        mine = {"service_provider_id": service_provider_id, "person_id": held.person_id}
        found: str | None = self.database.scalar(_LINKED, mine)
        return found

    def _link(self, provider: ServiceProvider, person_id: UUID, service_id: str, terminal: Terminal | None) -> None:
        if self.database.get(ServiceLink, (provider.service_provider_id, person_id)):
            raise PortalError("service-id-already-registered")
        if terminal and provider.first_links == FirstLinks.CONFIRMED:
            self._ask_to_confirm(provider, person_id, service_id)
        if terminal and not terminal.staffed:
            raise PortalError("first-link-not-allowed")
        self._add(provider.service_provider_id, person_id, service_id)
        self.used(person_id, provider.service_provider_id, What.LINKED)
        self.database.commit()

    def _replace(
        self, provider: ServiceProvider, person_id: UUID, service_id: str, replaces: str, terminal: Terminal | None
    ) -> None:
        link = self.database.get(ServiceLink, (provider.service_provider_id, person_id))
        if link is None:
            raise PortalError("service-id-not-registered")
        if replaces != link.service_id or service_id == replaces:
            raise PortalError("service-id-already-registered")
        if terminal and not terminal.staffed:
            raise PortalError("replacement-not-allowed")
        try:
            with self.database.begin_nested():
                link.service_id, link.linked_at = service_id, self.clock()
        except IntegrityError:
            raise PortalError("service-id-in-use") from None
        self.used(person_id, provider.service_provider_id, What.REPLACED)
        self.database.commit()

    def _ask_to_confirm(self, provider: ServiceProvider, person_id: UUID, service_id: str) -> None:
        """Keep a first link until the citizen confirms it; a newer one takes its place. Always raises."""
        provider_id, now = provider.service_provider_id, self.clock()
        taken = (ServiceLink.service_provider_id == provider_id, ServiceLink.service_id == service_id)
        if self.database.scalar(select(ServiceLink.person_id).where(*taken)):
            raise PortalError("service-id-in-use")
        self.database.merge(
            PendingLink(
                service_provider_id=provider_id,
                person_id=person_id,
                service_id=service_id,
                asked_at=now,
                expires_at=now + PENDING,
            )
        )
        self.database.execute(delete(PendingLink).where(PendingLink.expires_at <= now))
        self.audit.entry(Event.LINK_ASKED, keep=False, person=person_id, provider=provider_id)
        self.database.commit()
        raise PortalError("service-link-unconfirmed")

    def _add(self, service_provider_id: str, person_id: UUID, service_id: str) -> None:
        link = ServiceLink(
            service_provider_id=service_provider_id,
            person_id=person_id,
            service_id=service_id,
            linked_at=self.clock(),
        )
        try:
            with self.database.begin_nested():
                self.database.add(link)
        except IntegrityError:
            mine = self.database.get(ServiceLink, (service_provider_id, person_id), populate_existing=True)
            raise PortalError("service-id-already-registered" if mine else "service-id-in-use") from None

    def _refuse_stopped(self, person_id: UUID) -> None:
        person = self.database.get(Person, person_id)
        if person and person.stopped_at:
            raise PortalError("mykey-id-stopped")

    def used(self, person_id: UUID, service_provider_id: str, what: What, **by: Any) -> None:
        """Write a use for the citizen to see, delete those whose time is over, and count it; the caller commits."""
        now, use_id = self.clock(), uuid4()
        self.database.execute(uses.FORGET, {"before": now - self.kept})
        use = {"use_id": use_id, "person_id": person_id, "service_provider_id": service_provider_id}
        self.database.execute(uses.WRITE, use | {"what": what, "used_at": now})
        self.count(service_provider_id, what)
        facts = {"use": use_id, "person": person_id, "provider": service_provider_id, **by}
        self.audit.entry(EVENTS[what], keep=bool(by), **facts)

    def count(self, service_provider_id: str, what: What, times: int = 1) -> None:
        """Count what a provider did this month, in Japan; the caller commits."""
        month = self.clock().astimezone(JAPAN).date().replace(day=1)
        row = {"service_provider_id": service_provider_id, "month": month, "what": what, "times": times}
        self.database.execute(uses.COUNT[self.database.get_bind().dialect.name], row)
