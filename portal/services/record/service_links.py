"""A service link as every wing writes it: made, confirmed with the PIN, its use recorded."""

from uuid import UUID

from sqlalchemy.exc import IntegrityError

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.domain.providers import What
from portal.models import PendingLink, ServiceLink
from portal.services.record.people import People
from portal.services.record.service_providers import ServiceProviders
from portal.services.record.uses import Uses
from portal.transactions import Service


class ServiceLinks(Service):
    people: People
    service_providers: ServiceProviders
    uses: Uses

    def add(self, service_provider_id: str, person_id: UUID, service_id: str) -> None:
        """Link a service ID to a person, and write the use.

        Raises PortalError: service-id-already-registered, service-id-in-use.
        """
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
            raise PortalError(Code.SERVICE_ID_ALREADY_REGISTERED if mine else Code.SERVICE_ID_IN_USE) from None
        self.uses.write(person_id, service_provider_id, What.LINKED)

    def confirm(self, service_provider_id: str, person_id: UUID, service_id: str) -> None:
        """Make a pending link real, by the citizen's PIN; the caller holds the person.

        Raises PortalError: service-provider-unknown, service-provider-suspended, mykey-id-not-registered,
        mykey-id-stopped, service-link-not-pending, service-id-already-registered, service-id-in-use.
        """
        self.service_providers.active(service_provider_id)
        if self.people.current_id(person_id) is None:
            raise PortalError(Code.MYKEY_ID_NOT_REGISTERED)
        self.people.refuse_stopped(person_id)
        pending = self.database.get(PendingLink, (service_provider_id, person_id))
        if pending is None or pending.service_id != service_id or pending.expires_at <= self.clock():
            raise PortalError(Code.SERVICE_LINK_NOT_PENDING)
        self.database.delete(pending)
        self.add(service_provider_id, person_id, service_id)
