"""The page of a terminal: it asks for a tap, which its bridge brings, and acts for one citizen at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, update
from sqlalchemy.orm import scoped_session

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.domain.reception import ARMED, IDLE, STAYS_ARMED, Result, Step
from portal.domain.service_id import is_uid, scanned
from portal.models import Desk, ServiceProvider, Terminal
from portal.pki.errors import PkiError
from portal.services.providers.providers import accepts
from portal.services.providers.service_links import ServiceLinks
from portal.services.providers.tapped_cards import Held, TappedCards
from portal.services.providers.webhooks import Handoffs

MALFORMED = Code.SERVICE_ID_MALFORMED
EMPTY: dict[str, Any] = {"certificate": None, "mykey_id": None, "service_id": None, "problem": None, "result": None}


@dataclass(frozen=True)
class Desks:
    """One desk a terminal. A tap is taken in one statement, only while its page asks, for one step."""

    database: scoped_session[Any]
    clock: Callable[[], datetime]
    tapped_cards: TappedCards
    links: ServiceLinks
    handoffs: Handoffs

    def of(self, terminal: Terminal, *, hold: bool = False) -> Desk | None:
        """Return what the page is doing, held so that no tap comes in between if asked; None when it is idle."""
        desk: Desk | None = self.database.get(
            Desk, terminal.terminal_id, populate_existing=True, with_for_update=hold or None
        )
        return desk if desk and desk.expires_at > self.clock() else None

    def ask(self, terminal: Terminal, step: Step) -> None:
        """Press 【読取】: wait for a tap from now on; what the step read before is forgotten. Commits."""
        desk = self._touched(terminal)
        if step is not Step.SERVICE_CARD:
            self._fill(desk, **EMPTY)
        self._fill(desk, asks=step, asks_until=self.clock() + ARMED, service_id=None, problem=None, result=None)
        if terminal.stays_armed and step is Step.INQUIRY:
            self._fill(desk, **self._armed())
        self.database.commit()

    def clear(self, terminal: Terminal) -> None:
        """Forget everything that was read. Commits."""
        self._fill(self._touched(terminal), asks=None, asks_until=None, **EMPTY)
        self.database.commit()

    def tap_certificate(self, terminal: Terminal, der: bytes) -> None:
        """Bring a My Number card to the page, while it asks for one; else it goes nowhere. Commits.

        Raises PortalError: mykey-id-not-registered, mykey-id-stopped; PkiError. The page is told too.
        """
        try:
            held = self.tapped_cards.verify(der)
        except (PortalError, PkiError) as error:
            self.database.rollback()
            self._take(terminal, Step.CARD, problem=error.code)
            self._tell_look_up(terminal, problem=error.code)
            self._misplaced(terminal)
            self.database.commit()
            raise
        if not self._take(terminal, Step.CARD, certificate=der, mykey_id=held.mykey_id):
            self._misplaced(terminal)
            self._look_up(terminal, held)
        self.database.commit()

    def tap_service_card(self, terminal: Terminal, uid: str) -> None:
        """Bring a service card's UID to the page, while it asks for one; else it goes nowhere. Commits.

        Raises PortalError request-malformed for what is no UID of such a card.
        """
        if not is_uid(uid):
            raise PortalError(Code.REQUEST_MALFORMED)
        if not self._take(terminal, Step.SERVICE_CARD, **_read(terminal.provider, uid)):
            wanted = Code.MY_NUMBER_CARD_WANTED  # the page goes on asking for one
            self._take(terminal, Step.CARD, asks=Step.CARD, problem=wanted)
            self._tell_look_up(terminal, asks=Step.INQUIRY, problem=wanted)
        self.database.commit()

    def type_service_id(self, terminal: Terminal, typed: str) -> None:
        """Take what a scanner or a keyboard wrote for step 2; the desk tells if that is none. Commits.

        Raises PortalError card-wanted before step 1.
        """
        desk, provider = self.of(terminal, hold=True), self.links.providers.active(terminal.service_provider_id)
        if desk is None or desk.certificate is None:
            raise PortalError(Code.CARD_WANTED)
        told = _read(provider, scanned(typed, provider.picture))
        self._fill(desk, asks=None, result=None, expires_at=self.clock() + IDLE, **told)
        self.database.commit()

    def register(self, terminal: Terminal, *, replaces: str | None = None) -> None:
        """Press 【登録】: link what both steps read, and commit; the desk tells how it went."""
        desk = self.of(terminal)
        if desk is None or desk.certificate is None or desk.service_id is None:
            raise PortalError(Code.CARD_WANTED)
        if desk.result:
            return  # pressed twice
        provider_id, service_id, pressed = terminal.service_provider_id, desk.service_id, desk.certificate
        try:
            held = self.tapped_cards.verify(pressed)
            self.links.link(provider_id, held, service_id, terminal=terminal, replaces=replaces)
        except (PortalError, PkiError) as error:
            self.database.rollback()
            unconfirmed = error.code == Code.SERVICE_LINK_UNCONFIRMED
            told: dict[str, Any] = {"result": Result.UNCONFIRMED} if unconfirmed else {"problem": error.code}
        else:
            told = {"result": Result.REPLACED if replaces else Result.REGISTERED, "problem": None}
        desk = self._touched(terminal)
        if desk.certificate == pressed and not desk.result:  # else pressed twice at once, or begun anew meanwhile
            self._fill(desk, asks=None, **told)
        self.database.commit()

    def replaceable(self, terminal: Terminal, desk: Desk) -> str | None:
        """Return the present service ID that the new one may replace here, to be shown before it is; None elsewhere."""
        if desk.problem != Code.SERVICE_ID_ALREADY_REGISTERED or desk.certificate is None or not terminal.staffed:
            return None
        try:
            held = self.tapped_cards.verify(desk.certificate)
        except (PortalError, PkiError):
            return None  # refused since; the button would tell
        present = self.links.present(terminal.service_provider_id, held.person_id)
        return present if present != desk.service_id else None

    def look_up_typed(self, terminal: Terminal, mykey_id: str) -> bool:
        """Look a typed MyKey ID up and hand it over; the desk tells how it went. Commits; tells if it was found."""
        try:
            service_id = self.links.look_up_typed(terminal.service_provider_id, mykey_id)
            self.handoffs.tell(terminal, service_id)
            told = EMPTY | {"service_id": service_id, "result": Result.FOUND}
        except PortalError as error:
            self.database.rollback()
            told = EMPTY | {"problem": error.code}
        self._fill(self._touched(terminal), **told)
        self.database.commit()
        return told["result"] is not None

    def _look_up(self, terminal: Terminal, held: Held) -> None:
        """Look up and hand over in one transaction, if the page asks for it."""
        if not self._tell_look_up(terminal):
            return
        try:
            with self.database.begin_nested():
                service_id = self.links.look_up(terminal.service_provider_id, held)
                self.handoffs.tell(terminal, service_id)
            told = EMPTY | {"service_id": service_id, "result": Result.FOUND}
        except PortalError as error:
            told = EMPTY | {"problem": error.code}
        self._fill(self._touched(terminal), **told)

    def _tell_look_up(self, terminal: Terminal, **values: object) -> bool:
        """Take a tap for a look-up; a terminal that is set so goes on asking."""
        kept = {"asks": Step.INQUIRY} | self._armed() if terminal.stays_armed else {}
        return self._take(terminal, Step.INQUIRY, **EMPTY | values | kept)

    def _armed(self) -> dict[str, datetime]:
        """Say until when a terminal that stays armed goes on."""
        return dict.fromkeys(("asks_until", "expires_at"), self.clock() + STAYS_ARMED)

    def _misplaced(self, terminal: Terminal) -> None:
        """Tell that a My Number card is no service card; the page goes on asking for one."""
        self._take(terminal, Step.SERVICE_CARD, asks=Step.SERVICE_CARD, problem=Code.SERVICE_CARD_WANTED)

    def _take(self, terminal: Terminal, step: Step, **values: object) -> bool:
        """Give a tap to the page that asks for it, once, in one statement; tell whether it did."""
        now = self.clock()
        asking = (Desk.terminal_id == terminal.terminal_id, Desk.asks == step, Desk.asks_until > now)
        changes: dict[str, Any] = {"asks": None, "problem": None, "change": Desk.change + 1, "expires_at": now + IDLE}
        taking = update(Desk).where(*asking).values(changes | values).returning(Desk.terminal_id)
        return self.database.scalar(taking) is not None

    def _touched(self, terminal: Terminal) -> Desk:
        """Return the desk, held so that no tap comes in between, and begun anew where its time was over."""
        desk = self.of(terminal, hold=True)
        if desk is None:
            fresh = Desk(terminal_id=terminal.terminal_id, asks=None, asks_until=None, change=0, **EMPTY)
            desk = self.database.merge(fresh)
        desk.expires_at = max(desk.expires_at or self.clock(), self.clock() + IDLE)
        return desk

    def forget(self) -> None:
        """Empty what terminals read and nobody has touched in time, and commit."""
        read = or_(Desk.certificate.is_not(None), Desk.service_id.is_not(None))
        self.database.execute(update(Desk).where(Desk.expires_at <= self.clock(), read).values(EMPTY))
        self.database.commit()

    @staticmethod
    def _fill(desk: Desk, **values: object) -> None:
        for name, value in values.items():
            setattr(desk, name, value)
        desk.change += 1


def _read(provider: ServiceProvider, service_id: str) -> dict[str, Any]:
    """Tell what step 2 has read: a service ID of this provider's, or that it is none."""
    if accepts(provider, service_id):
        return {"service_id": service_id, "problem": None}
    return {"service_id": None, "problem": MALFORMED}
