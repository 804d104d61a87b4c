"""One's own record, as マイページ shows it: what is kept, what ends by itself, and what cannot be done yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

from portal.domain.registration import ReservationEnding, may_change_from
from portal.models import (
    CarryOverCode,
    Certificate,
    IdUse,
    Move,
    MyKeyIdRecord,
    PendingLink,
    Person,
    Reservation,
    ServiceLink,
    ServiceProvider,
)
from portal.services.record.people import is_open

Row = TypeVar("Row", ServiceLink, PendingLink, IdUse)


class AtProvider(NamedTuple, Generic[Row]):
    """A link that is made, one that a terminal asked for, or a use of the ID, as the citizen sees it."""

    provider: ServiceProvider
    row: Row


class Ends(StrEnum):
    """What ends by itself."""

    CERTIFICATE = "certificate"
    OBJECTION = "objection"
    """The time in which the card before may take the record back."""
    RESERVATION = "reservation"
    LINK = "link"
    CARRY_OVER = "carry-over"


class Deadline(NamedTuple):
    until: datetime
    what: Ends
    provider: str = ""


@dataclass(frozen=True)
class Record:
    """Everything that is kept about a person, but for keyed hashes."""

    person: Person
    ids: Sequence[MyKeyIdRecord]
    certificates: Sequence[Certificate]
    reservations: Sequence[Reservation]
    moves: Sequence[Move]
    links: list[AtProvider[ServiceLink]]
    pending: list[AtProvider[PendingLink]]
    uses: list[AtProvider[IdUse]]
    carry_over: CarryOverCode | None

    @property
    def current_id(self) -> MyKeyIdRecord | None:
        return next((each for each in self.ids if each.retired_at is None), None)

    @property
    def certificate(self) -> Certificate | None:
        return next((each for each in self.certificates if each.retired_at is None), None)

    def waiting(self, now: datetime) -> list[AtProvider[PendingLink]]:
        """Return the links that the card may confirm: in time, at providers where there is none yet."""
        linked = {each.row.service_provider_id for each in self.links}
        in_time = (each for each in self.pending if each.row.expires_at > now)
        return [each for each in in_time if each.row.service_provider_id not in linked]

    def reservation(self, now: datetime) -> Reservation | None:
        """Return the provisional registration that holds now."""
        return next((each for each in self.reservations if each.lapsed_at() > now), None)

    @property
    def displaced(self) -> Reservation | None:
        """Return the last provisional registration, where a card that bore the string before has taken it."""
        last = next(iter(self.reservations), None)
        return last if last and last.ending == ReservationEnding.DISPLACED else None

    def code(self, now: datetime) -> CarryOverCode | None:
        """Return the 引継ぎコード that is good now."""
        return self.carry_over if self.carry_over and self.carry_over.expires_at > now else None

    def open_until(self, now: datetime) -> datetime | None:
        """Return until when the key before may object, and no code is made and no registration ended."""
        to_here = (each for each in self.moves if self.certificate and is_open(each, self.certificate))
        return next((each.undo_until for each in to_here if each.undo_until and each.undo_until > now), None)

    def may_change_from(self, now: datetime, period: timedelta) -> datetime | None:
        """Return when a provisional registration may be changed again; None where it may be now."""
        return may_change_from([each.reserved_at for each in self.reservations], now, period)

    def deadlines(self, now: datetime) -> list[Deadline]:
        """List what ends by itself, the soonest first."""
        ends = [
            (self.certificate and self.certificate.not_after, Ends.CERTIFICATE, ""),
            (self.open_until(now), Ends.OBJECTION, ""),
            ((held := self.reservation(now)) and held.expires_at, Ends.RESERVATION, ""),
            ((code := self.code(now)) and code.expires_at, Ends.CARRY_OVER, ""),
            *((each.row.expires_at, Ends.LINK, each.provider.name) for each in self.waiting(now)),
        ]
        return sorted(Deadline(until, what, provider) for until, what, provider in ends if until)
