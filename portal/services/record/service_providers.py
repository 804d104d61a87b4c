"""Service providers as every act meets them: known, and allowed to act."""

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.domain.ids.service_id import is_sound
from portal.models import ServiceProvider
from portal.transactions import Service


class ServiceProviders(Service):
    def known(self, service_provider_id: str) -> ServiceProvider:
        """Return a provider. Raises PortalError service-provider-unknown."""
        sound = is_sound(service_provider_id)  # PostgreSQL takes no NUL
        found = self.database.get(ServiceProvider, service_provider_id) if sound else None
        if found is None:
            raise PortalError(Code.SERVICE_PROVIDER_UNKNOWN)
        return found

    def active(self, service_provider_id: str) -> ServiceProvider:
        """Return a provider that may act. Raises PortalError: service-provider-unknown, service-provider-suspended."""
        found = self.known(service_provider_id)
        if found.suspended_at:
            raise PortalError(Code.SERVICE_PROVIDER_SUSPENDED)
        return found
