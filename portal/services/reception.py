"""サービスID: linked to a person by a tap of the card, and looked up by one."""

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import scoped_session

from portal.domain.errors import PortalError
from portal.models import IdUse, Person, ServiceLink, ServiceProvider
from portal.pki.verifier import VerifiedCertificate
from portal.services.audit import Audit, Event
from portal.services.people import People

LONGEST = 64
AT_ONCE = 100
"""So many uses out of time are deleted by one act, which adds one."""


class What(StrEnum):
    """What a provider did with an ID."""

    LINKED = "linked"
    LOOKED_UP = "looked-up"


@dataclass(frozen=True)
class Reception:
    """What a service provider does with a card that was tapped; each provider sees its own links alone."""

    database: scoped_session[Any]
    people: People
    audit: Audit
    clock: Callable[[], datetime]
    kept: timedelta

    def add_provider(self, service_provider_id: str, name: str) -> None:
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
        self.audit.entry(Event.PROVIDER_ADDED, provider=service_provider_id)
        self.database.commit()

    def link(self, service_provider_id: str, certificate: VerifiedCertificate, service_id: str) -> None:
        """Link a service ID to the person whose card it is, and commit.

        Raises PortalError: service-provider-unknown, service-id-malformed, mykey-id-not-registered, mykey-id-stopped,
        service-id-already-registered, service-id-in-use.
        """
        if not is_sound(service_id):
            raise PortalError("service-id-malformed")
        self._provider(service_provider_id)
        person_id = self._person(certificate)
        key = (service_provider_id, person_id)
        if self.database.get(ServiceLink, key):
            raise PortalError("service-id-already-registered")
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
            raise PortalError("service-id-in-use") from None
        self._used(person_id, service_provider_id, What.LINKED, Event.LINKED)

    def look_up(self, service_provider_id: str, certificate: VerifiedCertificate) -> str:
        """Return this provider's service ID of the person whose card it is, and commit the use.

        Raises PortalError: service-provider-unknown, mykey-id-not-registered, mykey-id-stopped,
        service-id-not-registered.
        """
        self._provider(service_provider_id)
        person_id = self._person(certificate)
        link = self.database.get(ServiceLink, (service_provider_id, person_id))
        if link is None:
            raise PortalError("service-id-not-registered")
        self._used(person_id, service_provider_id, What.LOOKED_UP, Event.LOOKED_UP)
        return str(link.service_id)

    def _provider(self, service_provider_id: str) -> None:
        if self.database.get(ServiceProvider, service_provider_id) is None:
            raise PortalError("service-provider-unknown")

    def _person(self, certificate: VerifiedCertificate) -> UUID:
        """Find the person; a card whose record has gone on, or that only reserved, names nobody."""
        found = self.people.held(certificate)
        if found is None or found.retired_at or self.people.current_id(found.person_id) is None:
            raise PortalError("mykey-id-not-registered")
        person = self.database.get(Person, found.person_id)
        if person and person.stopped_at:
            raise PortalError("mykey-id-stopped")
        return found.person_id

    def _used(self, person_id: UUID, service_provider_id: str, what: What, event: Event) -> None:
        """Write a use for the citizen to see, delete those whose time is over, and commit."""
        now, use_id = self.clock(), uuid4()
        over = select(IdUse.use_id).where(IdUse.used_at < now - self.kept).limit(AT_ONCE)
        over = over.with_for_update(skip_locked=True)  # what a join holds, or another tap deletes, is left to others
        self.database.execute(delete(IdUse).where(IdUse.use_id.in_(over)))
        self.database.add(
            IdUse(use_id=use_id, person_id=person_id, service_provider_id=service_provider_id, what=what, used_at=now)
        )
        self.audit.entry(event, keep=False, use=use_id, person=person_id, provider=service_provider_id)
        self.database.commit()


def is_sound(text: str) -> bool:
    """Tell whether a text is 1 to 64 characters in NFC without control characters or outer spaces (bridge-protocol)."""
    return (
        1 <= len(text) <= LONGEST
        and text == text.strip() == unicodedata.normalize("NFC", text)
        and not any(unicodedata.category(character)[0] == "C" for character in text)
    )
