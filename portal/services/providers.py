"""Service providers: admitted, set up, suspended."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import scoped_session

from portal.domain.errors import PortalError
from portal.domain.service_id import fits, has_check_digit, is_sound
from portal.models import ServiceProvider
from portal.services.audit import Audit, Event


@dataclass(frozen=True)
class Providers:
    """The list of service providers; `by` in each act names who did it and why."""

    database: scoped_session[Any]
    clock: Callable[[], datetime]
    audit: Audit

    def add(self, service_provider_id: str, name: str, **by: Any) -> ServiceProvider:
        """Admit a service provider, and commit.

        Raises PortalError: service-provider-malformed, service-provider-exists.
        """
        if not (is_sound(service_provider_id) and is_sound(name)):
            raise PortalError("service-provider-malformed")
        row = ServiceProvider(service_provider_id=service_provider_id, name=name, added_at=self.clock())
        try:
            with self.database.begin_nested():
                self.database.add(row)
        except IntegrityError:
            raise PortalError("service-provider-exists") from None
        self.audit.entry(Event.PROVIDER_ADDED, provider=service_provider_id, **by)
        self.database.commit()
        return row

    def all(self) -> Sequence[ServiceProvider]:
        """Return every provider, in the order of their IDs."""
        found: Sequence[ServiceProvider] = self.database.scalars(
            select(ServiceProvider).order_by(ServiceProvider.service_provider_id)
        ).all()
        return found

    def known(self, service_provider_id: str) -> ServiceProvider:
        """Return a provider. Raises PortalError service-provider-unknown."""
        found: ServiceProvider | None = self.database.get(ServiceProvider, service_provider_id)
        if found is None:
            raise PortalError("service-provider-unknown")
        return found

    def active(self, service_provider_id: str) -> ServiceProvider:
        """Return a provider that may act. Raises PortalError: service-provider-unknown, service-provider-suspended."""
        found = self.known(service_provider_id)
        if found.suspended_at:
            raise PortalError("service-provider-suspended")
        return found

    def suspend(self, service_provider_id: str, **by: Any) -> None:
        """Refuse the provider, its terminals and its staff from the next request on."""
        self.known(service_provider_id).suspended_at = self.clock()
        self.audit.entry(Event.PROVIDER_SUSPENDED, provider=service_provider_id, **by)
        self.database.commit()

    def resume(self, service_provider_id: str, **by: Any) -> None:
        """Let a suspended provider act again."""
        self.known(service_provider_id).suspended_at = None
        self.audit.entry(Event.PROVIDER_RESUMED, provider=service_provider_id, **by)
        self.database.commit()


def accepts(provider: ServiceProvider, service_id: str) -> bool:
    """Tell whether a text is a service ID as this provider has them."""
    return (
        is_sound(service_id)
        and (provider.picture is None or fits(provider.picture, service_id))
        and (provider.check_digit is None or has_check_digit(provider.check_digit, service_id))
    )
