"""マイキーID管理テーブル as the operator sees it, whole; each look at a page of it is an act with a reason."""

import unicodedata
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import and_, select, tuple_

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.domain.ids.mykey_id import LENGTH, fold_id
from portal.domain.ids.service_id import LONGEST, is_sound, read
from portal.models import MyKeyIdRecord, ServiceLink, ServiceProvider
from portal.services.record.audit import Audit, Event, masked
from portal.transactions import Service, act, reads

PAGE_ROWS = 50
COLUMNS = {
    "mykey_id": MyKeyIdRecord.mykey_id,
    "service_provider_id": ServiceLink.service_provider_id,
    "service_id": ServiceLink.service_id,
}


class Look(NamedTuple):
    """One look: in which column for what, and after which row the page begins."""

    column: str
    sought: str
    after: Sequence[str] = ()


class Row(NamedTuple):
    mykey_id: str | None
    service_provider_id: str
    service_id: str


class OperatorTable(Service):
    """The links of all providers with the present MyKey ID of each."""

    audit: Audit

    @act
    def announce(self, look: Look, **by: Any) -> Look:
        """Write into the chain who is about to look for what, and why; fold what was typed.

        Raises PortalError: request-malformed for another column or place, service-id-too-long or service-id-malformed
        for no column's text.
        """
        if look.column not in COLUMNS or len(look.after) not in (0, 2) or not all(map(is_sound, look.after)):
            raise PortalError(Code.REQUEST_MALFORMED)
        by_id = look.column == "mykey_id"
        if len(look.sought.strip()) > LONGEST:
            raise PortalError(Code.SERVICE_ID_TOO_LONG)
        sought = fold_id(look.sought) if by_id else unicodedata.normalize("NFC", look.sought.strip())
        if sought and not is_sound(sought):
            raise PortalError(Code.SERVICE_ID_MALFORMED)
        whole = by_id or len(fold_id(sought)) == LENGTH  # an ID typed for another column is no better in the chain
        told = masked(sought) if sought and whole else sought
        self.audit.entry(Event.TABLE_SEEN, column=look.column, sought=told, after=look.after, **by)
        return look._replace(sought=sought)

    @reads
    def rows(self, look: Look) -> tuple[list[Row], bool]:
        """Return one page in the order of provider and service ID, and whether more follow.

        It goes by way of the providers, of whom there are few: each has an index of its service IDs.
        """
        place = (ServiceLink.service_provider_id, ServiceLink.service_id)
        current = and_(MyKeyIdRecord.person_id == ServiceLink.person_id, MyKeyIdRecord.retired_at.is_(None))
        every = ServiceLink.service_provider_id.in_(select(ServiceProvider.service_provider_id))
        query = (
            select(MyKeyIdRecord.mykey_id, *place)
            .select_from(ServiceLink)
            .outerjoin(MyKeyIdRecord, current)
            .where(every)
        )
        if look.sought:
            query = query.where(COLUMNS[look.column].in_(self._readings(look)))
        if look.after:
            query = query.where(tuple_(*place) > tuple_(*look.after))
        found = [Row(*row) for row in self.database.execute(query.order_by(*place).limit(PAGE_ROWS + 1))]
        return found[:PAGE_ROWS], len(found) > PAGE_ROWS

    def _readings(self, look: Look) -> set[str]:
        """Return what was typed, and for a service ID how each provider reads it."""
        if look.column != "service_id":
            return {look.sought}
        forms = self.database.execute(select(ServiceProvider.picture, ServiceProvider.check_digit).distinct())
        return {look.sought, *(read(*form, look.sought).text for form in forms)}
