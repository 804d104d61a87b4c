"""マイページ: signing in, what a person can see of its own record, and what it ends with card and PIN."""

from collections.abc import Container, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import delete, select, update

from portal.domain.card_session import Purpose
from portal.domain.codes import Code
from portal.domain.errors import PortalError, Refusal
from portal.domain.registration import ReservationEnding
from portal.models import (
    CardSession,
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
    StopCode,
)
from portal.pki.errors import TrustAnchorsUnusable
from portal.pki.verifier import VerifiedCertificate
from portal.services.citizen.own_record import AtProvider, Record, Row
from portal.services.record import audit
from portal.services.record.audit import Audit
from portal.services.record.people import People
from portal.services.record.service_links import ServiceLinks
from portal.services.record.signed_actions import SignedActions
from portal.transactions import Service, act, reads

SHOWN_USES = 100
"""Uses that the page lists, newest first; the citizen's data as JSON has all."""


class Asked(NamedTuple):
    """What a card signed for, and whose record it is."""

    card_session: CardSession
    person_id: UUID
    done: bool


class MyPage(Service):
    signed_actions: SignedActions
    people: People
    service_links: ServiceLinks
    audit: Audit

    @act
    def sign_in(self, card_session_id: UUID) -> UUID | None:
        """End a completed card session by telling whose card it was; None for a card that never registered.

        Raises PortalError: card-session-ended, certificate-replaced; PkiError.
        """
        card_session = self.signed_actions.take(card_session_id, Purpose.SIGN_IN)
        if card_session is None:
            raise PortalError(Code.CARD_SESSION_ENDED)
        try:
            certificate = self.signed_actions.verified(card_session)
            person_id = self.people.holder(certificate)
        except TrustAnchorsUnusable:
            raise
        except Refusal as error:
            raise self.signed_actions.refused(card_session, error) from None
        self.signed_actions.done(card_session, person_id)
        if person_id:
            audit.record(audit.Event.SIGNED_IN, person=person_id, revocation=certificate.revocation.value)
        return person_id

    @reads
    def asked(self, card_session_id: UUID, purposes: Container[str]) -> Asked:
        """Tell for which purpose a card signed: before the button by its certificate, after it by what was done.

        Raises PortalError: card-needed, card-not-registered, certificate-replaced, those of SignedActions.result.
        """
        card_session = self.database.get(CardSession, card_session_id)
        if card_session is None or card_session.purpose not in purposes:
            raise PortalError(Code.CARD_NEEDED)
        if not self.signed_actions.waiting(card_session_id):
            return Asked(card_session, self.signed_actions.result(card_session_id), done=True)
        person_id = self.people.holder(self.signed_actions.read(card_session))
        if person_id is None:
            raise PortalError(Code.CARD_NOT_REGISTERED)
        return Asked(card_session, person_id, done=False)

    @reads
    def record(self, person_id: UUID, uses_shown: int | None = SHOWN_USES) -> Record:
        """Gather what is kept about a person, the newest first; of the uses so many, or all."""
        person = self.database.get(Person, person_id)
        if person is None or person.ended_at:
            raise PortalError(Code.SIGN_IN_NEEDED)
        return Record(
            person=person,
            ids=self._all(MyKeyIdRecord, person_id, MyKeyIdRecord.registered_at),
            certificates=self._all(Certificate, person_id, Certificate.registered_at),
            reservations=self._all(Reservation, person_id, Reservation.reserved_at),
            moves=self._all(Move, person_id, Move.moved_at),
            links=self._at_providers(ServiceLink, person_id, ServiceLink.linked_at),
            pending=self._at_providers(PendingLink, person_id, PendingLink.asked_at),
            uses=self._at_providers(IdUse, person_id, IdUse.used_at, uses_shown),
            carry_over=self.database.scalars(
                select(CarryOverCode).where(CarryOverCode.person_id == person_id)
            ).one_or_none(),
        )

    @act
    def link(self, card_session_id: UUID) -> UUID:
        """Confirm the pending service link that the card session names."""
        return self.signed_actions.carry_out(card_session_id, Purpose.LINK, self._link)

    @act
    def unlink(self, card_session_id: UUID) -> UUID:
        """Take off the service link that the card session names."""
        return self.signed_actions.carry_out(card_session_id, Purpose.UNLINK, self._unlink)

    @act
    def cancel_registration(self, card_session_id: UUID) -> UUID:
        """End the registration: the ID is retired for ever, and every link and code is taken off."""
        return self.signed_actions.carry_out(card_session_id, Purpose.CANCEL_REGISTRATION, self._cancel)

    def _link(self, certificate: VerifiedCertificate, card_session: CardSession) -> UUID:
        person_id, named = self.people.registered(certificate), card_session.parameters
        self.service_links.confirm(named["service_provider_id"], person_id, named["service_id"])
        return person_id

    def _unlink(self, certificate: VerifiedCertificate, card_session: CardSession) -> UUID:
        person_id = self.people.registered(certificate)
        provider = card_session.parameters["service_provider_id"]
        mine = (ServiceLink.person_id == person_id, ServiceLink.service_provider_id == provider)
        gone = self.database.scalar(delete(ServiceLink).where(*mine).returning(ServiceLink.service_id))
        if gone is None:
            raise PortalError(Code.SERVICE_ID_NOT_REGISTERED)
        revocation = certificate.revocation.value
        self.audit.entry(audit.Event.UNLINKED, person=person_id, provider=provider, revocation=revocation)
        return person_id

    def _cancel(self, certificate: VerifiedCertificate, _: CardSession) -> UUID:
        person_id = self.people.settled(certificate)
        person, now = self.people.lock(person_id, sign_out=True), self.clock()
        person.ended_at, person.stopped_at = now, None
        self.people.current_certificate(person_id).retired_at = now
        if current := self.people.current_id(person_id):
            current.retired_at = now
        if reservation := self.people.active_reservation(person_id):
            self.people.end_reservation(reservation, ReservationEnding.CANCELLED)
        for table in (ServiceLink, PendingLink, StopCode, CarryOverCode):
            self.database.execute(delete(table).where(table.person_id == person_id))
        forgotten = update(Move).values(before=None, aside=None, kept_until=None)
        self.database.execute(forgotten.where(Move.person_id == person_id))
        self.audit.entry(audit.Event.CANCELLED, person=person_id, revocation=certificate.revocation.value)
        return person_id

    def _at_providers(
        self, table: type[Row], person_id: UUID, newest: Any, limit: int | None = None
    ) -> list[AtProvider[Row]]:
        at_provider = table.service_provider_id == ServiceProvider.service_provider_id
        rows = select(ServiceProvider, table).join(table, at_provider).where(table.person_id == person_id)
        return [AtProvider(*row) for row in self.database.execute(rows.order_by(newest.desc()).limit(limit))]

    def _all(self, table: type[Any], person_id: UUID, newest: Any) -> Sequence[Any]:
        rows = select(table).where(table.person_id == person_id).order_by(newest.desc())
        return self.database.scalars(rows).all()
