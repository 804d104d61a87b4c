"""サービスID: linked to a person by a tap of the card, and looked up by one."""

from typing import cast
from uuid import UUID

from sqlalchemy import Table, bindparam, select
from sqlalchemy.exc import IntegrityError

from portal.domain.codes import Code
from portal.domain.errors import PortalError, recorded
from portal.domain.ids.service_id import accepts, is_sound, read
from portal.domain.providers import PENDING, FirstLinks, What
from portal.models import MyKeyIdRecord, PendingLink, ServiceLink, ServiceProvider, Terminal
from portal.services.providers.tapped_cards import CardHolder
from portal.services.record.audit import Audit, Event
from portal.services.record.people import People
from portal.services.record.service_links import ServiceLinks
from portal.services.record.service_providers import ServiceProviders
from portal.services.record.uses import Uses
from portal.transactions import Service, act, reads

_LINKS = cast("Table", ServiceLink.__table__)
_LINKED = select(_LINKS.c.service_id).where(
    _LINKS.c.service_provider_id == bindparam("service_provider_id"), _LINKS.c.person_id == bindparam("person_id")
)


class Links(Service):
    """Each provider makes, replaces and sees its own links alone."""

    people: People
    service_providers: ServiceProviders
    service_links: ServiceLinks
    uses: Uses
    audit: Audit

    @act
    def link(
        self,
        service_provider_id: str,
        holder: CardHolder,
        service_id: str,
        *,
        terminal: Terminal | None = None,
        replaces: str | None = None,
    ) -> None:
        """Link a service ID to the card's holder, or replace the present one.

        Raises PortalError: service-provider-unknown, service-provider-suspended, service-id-malformed,
        service-id-already-registered, service-id-in-use, service-id-not-registered, first-link-not-allowed,
        replacement-not-allowed, service-link-unconfirmed.
        """
        provider = self.service_providers.active(service_provider_id)
        if not accepts(provider.picture, provider.check_digit, service_id):
            raise PortalError(Code.SERVICE_ID_MALFORMED)
        if replaces is not None:
            self._replace(provider, holder.person_id, service_id, replaces, terminal)
        else:
            self._link(provider, holder.person_id, service_id, terminal)

    @reads
    def readable(self, service_provider_id: str, text: str) -> str:
        """Return the service ID that a program or a command brings, as it is kept.

        Raises PortalError: service-provider-unknown, service-provider-suspended, those of UNREADABLE.
        """
        provider = self.service_providers.active(service_provider_id)
        if not is_sound(text):  # what comes by a call has a form of its own (bridge-protocol, "Terminals")
            raise PortalError(Code.SERVICE_ID_MALFORMED)
        found = read(provider.picture, provider.check_digit, text)
        if found.code:
            raise PortalError(found.code)
        return found.text

    @act
    def look_up(self, service_provider_id: str, holder: CardHolder) -> str:
        """Return this provider's service ID of the person whose card it is; the use is written.

        Raises PortalError: service-provider-unknown, service-provider-suspended, service-id-not-registered.
        """
        self.service_providers.active(service_provider_id)
        return self._looked_up(service_provider_id, holder.person_id)

    @act
    def look_up_typed(self, service_provider_id: str, mykey_id: str) -> str:
        """Return this provider's service ID of a typed MyKey ID, found among its own links.

        Raises PortalError: inquiry-not-allowed, service-id-not-registered, mykey-id-stopped, card-wanted where two of
        its customers have the same 14 characters.
        """
        if not self.service_providers.active(service_provider_id).typed_mykey_ids:
            raise PortalError(Code.INQUIRY_NOT_ALLOWED)
        found = self.database.scalars(
            select(ServiceLink.person_id)
            .join(MyKeyIdRecord, MyKeyIdRecord.person_id == ServiceLink.person_id)
            .where(MyKeyIdRecord.mykey_id == mykey_id, MyKeyIdRecord.retired_at.is_(None))
            .where(ServiceLink.service_provider_id == service_provider_id)
        ).all()
        if not found:
            raise PortalError(Code.SERVICE_ID_NOT_REGISTERED)
        if len(found) > 1:
            raise PortalError(Code.CARD_WANTED)
        self.people.lock(found[0])
        self.people.refuse_stopped(found[0])
        return self._looked_up(service_provider_id, found[0])

    @reads
    def present(self, service_provider_id: str, person_id: UUID) -> str | None:
        """Return the service ID that the person has at this provider."""
        mine = {"service_provider_id": service_provider_id, "person_id": person_id}
        found: str | None = self.database.connection().scalar(_LINKED, mine)
        return found

    def _looked_up(self, service_provider_id: str, person_id: UUID) -> str:
        service_id = self.present(service_provider_id, person_id)
        if service_id is None:
            raise PortalError(Code.SERVICE_ID_NOT_REGISTERED)
        self.uses.write(person_id, service_provider_id, What.LOOKED_UP)
        return service_id

    def _link(self, provider: ServiceProvider, person_id: UUID, service_id: str, terminal: Terminal | None) -> None:
        if self.database.get(ServiceLink, (provider.service_provider_id, person_id)):
            raise PortalError(Code.SERVICE_ID_ALREADY_REGISTERED)
        if terminal and provider.first_links == FirstLinks.CONFIRMED:
            self._ask_to_confirm(provider, person_id, service_id)
        if terminal and not terminal.staffed:
            raise PortalError(Code.FIRST_LINK_NOT_ALLOWED)
        self.service_links.add(provider.service_provider_id, person_id, service_id)

    def _replace(
        self, provider: ServiceProvider, person_id: UUID, service_id: str, replaces: str, terminal: Terminal | None
    ) -> None:
        link = self.database.get(ServiceLink, (provider.service_provider_id, person_id))
        if link is None:
            raise PortalError(Code.SERVICE_ID_NOT_REGISTERED)
        named = {replaces, read(provider.picture, provider.check_digit, replaces).text}
        if link.service_id not in named or service_id == link.service_id:
            raise PortalError(Code.SERVICE_ID_ALREADY_REGISTERED)
        if terminal and not terminal.staffed:
            raise PortalError(Code.REPLACEMENT_NOT_ALLOWED)
        try:
            with self.database.begin_nested():
                link.service_id, link.linked_at = service_id, self.clock()
        except IntegrityError:
            raise PortalError(Code.SERVICE_ID_IN_USE) from None
        self.uses.write(person_id, provider.service_provider_id, What.REPLACED)

    def _ask_to_confirm(self, provider: ServiceProvider, person_id: UUID, service_id: str) -> None:
        """Keep a first link until the citizen confirms it; a newer one takes its place. Always raises."""
        provider_id, now = provider.service_provider_id, self.clock()
        taken = (ServiceLink.service_provider_id == provider_id, ServiceLink.service_id == service_id)
        if self.database.scalar(select(ServiceLink.person_id).where(*taken)):
            raise PortalError(Code.SERVICE_ID_IN_USE)
        self.database.merge(
            PendingLink(
                service_provider_id=provider_id,
                person_id=person_id,
                service_id=service_id,
                asked_at=now,
                expires_at=now + PENDING,
            )
        )
        self.audit.entry(Event.LINK_ASKED, keep=False, person=person_id, provider=provider_id)
        raise recorded(PortalError(Code.SERVICE_LINK_UNCONFIRMED))
