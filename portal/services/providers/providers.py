"""Service providers: admitted, set up, suspended."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import scoped_session

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.domain.formats.origin import is_handoff_url
from portal.domain.reception import FirstLinks
from portal.domain.service_id import CHECK_DIGITS, example, fits, has_check_digit, is_sound
from portal.models import ServiceProvider
from portal.services.record.audit import Audit, Event


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
        """Read how a provider is set up now."""
        return cls(**{each.name: getattr(row, each.name) for each in fields(cls)})

    def check(self) -> None:
        """Raise PortalError: picture-malformed (also one that no check digit fits), handoff-url-malformed."""
        if self.check_digit is not None and self.check_digit not in CHECK_DIGITS:
            raise PortalError(Code.REQUEST_MALFORMED)
        if self.picture is not None and example(self.picture, self.check_digit) is None:
            raise PortalError(Code.PICTURE_MALFORMED)
        if self.handoff_url is not None and not is_handoff_url(self.handoff_url):
            raise PortalError(Code.HANDOFF_URL_MALFORMED)


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
            raise PortalError(Code.SERVICE_PROVIDER_MALFORMED)
        row = ServiceProvider(service_provider_id=service_provider_id, name=name, added_at=self.clock())
        try:
            with self.database.begin_nested():
                self.database.add(row)
        except IntegrityError:
            raise PortalError(Code.SERVICE_PROVIDER_EXISTS) from None
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
        sound = is_sound(service_provider_id)  # PostgreSQL takes no NUL
        found: ServiceProvider | None = self.database.get(ServiceProvider, service_provider_id) if sound else None
        if found is None:
            raise PortalError(Code.SERVICE_PROVIDER_UNKNOWN)
        return found

    def active(self, service_provider_id: str) -> ServiceProvider:
        """Return a provider that may act. Raises PortalError: service-provider-unknown, service-provider-suspended."""
        found = self.known(service_provider_id)
        if found.suspended_at:
            raise PortalError(Code.SERVICE_PROVIDER_SUSPENDED)
        return found

    def set_up(self, service_provider_id: str, new: SetUp, **by: Any) -> None:
        """Set a provider up, and commit; the entry names what changed, but nothing of an address after its host.

        Raises PortalError: service-provider-unknown, request-malformed, picture-malformed, handoff-url-malformed.
        """
        new.check()
        row = self.known(service_provider_id)
        old, changed = asdict(SetUp.of(row)), {}
        for name, value in asdict(new).items():
            if value != old[name]:
                setattr(row, name, value)
                changed[name] = "/".join(value.split("/")[:3]) if value and name == "handoff_url" else value
        if changed:
            self.audit.entry(Event.PROVIDER_SET_UP, provider=service_provider_id, changed=changed, **by)
            self.database.commit()

    def suspend(self, service_provider_id: str, **by: Any) -> None:
        """Refuse the provider, its terminals and its staff from the next request on; a second time is none."""
        row = self.known(service_provider_id)
        if row.suspended_at is None:
            row.suspended_at = self.clock()
            self.audit.entry(Event.PROVIDER_SUSPENDED, provider=service_provider_id, **by)
            self.database.commit()

    def resume(self, service_provider_id: str, **by: Any) -> None:
        """Let a suspended provider act again."""
        row = self.known(service_provider_id)
        if row.suspended_at is not None:
            row.suspended_at = None
            self.audit.entry(Event.PROVIDER_RESUMED, provider=service_provider_id, **by)
            self.database.commit()


def accepts(provider: ServiceProvider, service_id: str) -> bool:
    """Tell whether a text is a service ID as this provider has them."""
    return (
        is_sound(service_id)
        and (provider.picture is None or fits(provider.picture, service_id))
        and (provider.check_digit is None or has_check_digit(provider.check_digit, service_id))
    )
