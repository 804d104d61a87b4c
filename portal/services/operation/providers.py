"""Service providers: admitted under an ID that never changes, named, set up, suspended."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.domain.formats.check_digit import CHECK_DIGITS
from portal.domain.formats.name import read_name
from portal.domain.formats.origin import is_handoff_url, origin_of
from portal.domain.ids.service_id import example
from portal.domain.ids.service_provider_id import read_provider_id
from portal.domain.providers import FirstLinks
from portal.models import ServiceProvider
from portal.services.record.audit import Audit, Event
from portal.services.record.service_providers import ServiceProviders
from portal.transactions import Service, act, reads


@dataclass(frozen=True)
class SetUp:
    """What an operator sets for a provider; nothing in picture and check digit is free text."""

    name: str
    picture: str | None
    check_digit: str | None
    first_links: FirstLinks
    typed_mykey_ids: bool
    handoff_url: str | None

    @classmethod
    def of(cls, row: ServiceProvider) -> "SetUp":
        return cls(**{each.name: getattr(row, each.name) for each in fields(cls)})

    def check(self) -> None:
        """Raise PortalError: picture-malformed, request-malformed, handoff-url-malformed."""
        check_form(self.picture, self.check_digit)
        if self.handoff_url is not None:
            check_handoff_url(self.handoff_url)


def check_form(picture: str | None, check_digit: str | None) -> None:
    """Raise PortalError: picture-malformed (also one that no check digit fits), request-malformed."""
    if check_digit is not None and check_digit not in CHECK_DIGITS:
        raise PortalError(Code.REQUEST_MALFORMED)
    if picture is not None and example(picture, check_digit) is None:
        raise PortalError(Code.PICTURE_MALFORMED)


def check_handoff_url(url: str) -> None:
    """Raise PortalError handoff-url-malformed."""
    if not is_handoff_url(url):
        raise PortalError(Code.HANDOFF_URL_MALFORMED)


class Providers(Service):
    """The list of service providers; `by` in each act names who did it and why."""

    service_providers: ServiceProviders
    audit: Audit

    @reads
    def free_id(self, typed: str) -> str:
        """Return the ID that somebody means, where no provider has it.

        Raises PortalError: service-provider-id-malformed, service-provider-id-not-greek, service-provider-exists.
        """
        service_provider_id = read_provider_id(typed)
        if self.database.get(ServiceProvider, service_provider_id):
            raise PortalError(Code.SERVICE_PROVIDER_EXISTS)
        return service_provider_id

    @act
    def add(self, typed_id: str, typed_name: str, **by: Any) -> ServiceProvider:
        """Admit a service provider, under an ID that stays for ever.

        Raises PortalError: service-provider-malformed for the name, and what free_id raises.
        """
        service_provider_id = self.free_id(typed_id)
        name = read_name(typed_name, Code.SERVICE_PROVIDER_MALFORMED)
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

        Raises PortalError: service-provider-unknown, service-provider-malformed for the name, request-malformed,
        picture-malformed, handoff-url-malformed.
        """
        new.check()
        new = replace(new, name=read_name(new.name, Code.SERVICE_PROVIDER_MALFORMED))
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
