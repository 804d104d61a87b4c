"""Service providers: admitted, set up, suspended."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.domain.formats.check_digit import CHECK_DIGITS
from portal.domain.formats.origin import is_handoff_url, origin_of
from portal.domain.reception import FirstLinks
from portal.domain.service_id import example, is_sound
from portal.models import ServiceProvider
from portal.services.record.audit import Audit, Event
from portal.services.record.service_providers import ServiceProviders
from portal.transactions import Service, act, reads


@dataclass(frozen=True)
class SetUp:
    """What an operator sets for a provider; nothing in picture and check digit is free text."""

    picture: str | None
    check_digit: str | None
    first_links: FirstLinks
    typed_mykey_ids: bool
    handoff_url: str | None

    @classmethod
    def of(cls, row: ServiceProvider) -> "SetUp":
        return cls(**{each.name: getattr(row, each.name) for each in fields(cls)})

    def check(self) -> None:
        """Raise PortalError: picture-malformed (also one that no check digit fits), handoff-url-malformed."""
        if self.check_digit is not None and self.check_digit not in CHECK_DIGITS:
            raise PortalError(Code.REQUEST_MALFORMED)
        if self.picture is not None and example(self.picture, self.check_digit) is None:
            raise PortalError(Code.PICTURE_MALFORMED)
        if self.handoff_url is not None and not is_handoff_url(self.handoff_url):
            raise PortalError(Code.HANDOFF_URL_MALFORMED)


class Providers(Service):
    """The list of service providers; `by` in each act names who did it and why."""

    service_providers: ServiceProviders
    audit: Audit

    @act
    def add(self, service_provider_id: str, name: str, **by: Any) -> ServiceProvider:
        """Admit a service provider.

        Raises PortalError: service-provider-malformed, service-provider-exists.
        """
        if not (is_sound(service_provider_id) and is_sound(name)):
            raise PortalError(Code.SERVICE_PROVIDER_MALFORMED)
        row = ServiceProvider(service_provider_id=service_provider_id, name=name, added_at=self.clock())
        try:
            with self.database.begin_nested():
                self.database.add(row)
        except IntegrityError:
            raise PortalError(Code.SERVICE_PROVIDER_EXISTS) from None
        self.audit.entry(Event.PROVIDER_ADDED, provider=service_provider_id, **by)
        return row

    @reads
    def all(self) -> Sequence[ServiceProvider]:
        """Return every provider, in the order of their IDs."""
        return self.database.scalars(select(ServiceProvider).order_by(ServiceProvider.service_provider_id)).all()

    @act
    def set_up(self, service_provider_id: str, new: SetUp, **by: Any) -> None:
        """Set a provider up; the entry names what changed, but nothing of an address after its host.

        Raises PortalError: service-provider-unknown, request-malformed, picture-malformed, handoff-url-malformed.
        """
        new.check()
        row = self.service_providers.known(service_provider_id)
        old, changed = asdict(SetUp.of(row)), {}
        for name, value in asdict(new).items():
            if value != old[name]:
                setattr(row, name, value)
                changed[name] = origin_of(value) if value and name == "handoff_url" else value
        if changed:
            self.audit.entry(Event.PROVIDER_SET_UP, provider=service_provider_id, changed=changed, **by)

    @act
    def suspend(self, service_provider_id: str, **by: Any) -> None:
        """Refuse the provider, its terminals and its staff from the next request on; a second time is none."""
        row = self.service_providers.known(service_provider_id)
        if row.suspended_at is None:
            row.suspended_at = self.clock()
            self.audit.entry(Event.PROVIDER_SUSPENDED, provider=service_provider_id, **by)

    @act
    def resume(self, service_provider_id: str, **by: Any) -> None:
        """Let a suspended provider act again."""
        row = self.service_providers.known(service_provider_id)
        if row.suspended_at is not None:
            row.suspended_at = None
            self.audit.entry(Event.PROVIDER_RESUMED, provider=service_provider_id, **by)
