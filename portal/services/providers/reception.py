"""The page of a terminal: it asks for a tap, which its bridge brings, and acts for one citizen at a time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.domain.codes import Code
from portal.domain.errors import PortalError, Refusal, recorded
from portal.domain.reception import ARMED, EMPTY, IDLE, STAYS_ARMED, Result, Step
from portal.domain.service_id import accepts, is_uid, scanned
from portal.models import Desk, ServiceProvider, Terminal
from portal.services.providers.links import Links
from portal.services.providers.tapped_cards import CardHolder, TappedCards
from portal.services.providers.webhooks import Webhooks
from portal.transactions import Service, act, reads


@dataclass(frozen=True)
class Reception(Service):
    """One desk a terminal, whose row each act holds from its beginning: of two taps one is taken, for one step."""

    tapped_cards: TappedCards
    links: Links
    webhooks: Webhooks

    @reads
    def of(self, terminal: Terminal) -> Desk | None:
        """Return what the page is doing; None when it is idle."""
        desk = self.database.get(Desk, terminal.terminal_id, populate_existing=True)
        return desk if desk and desk.expires_at > self.clock() else None

    def asked(self, desk: Desk | None) -> Step | None:
        """Name the step that waits for a tap now."""
        if desk is None or not desk.asks or desk.asks_until is None or desk.asks_until <= self.clock():
            return None
        return Step(desk.asks)

    @act
    def ask(self, terminal: Terminal, step: Step) -> None:
        """Press 【読取】: wait for a tap from now on; what the step read before is forgotten."""
        desk = self._touched(terminal)
        if step is not Step.SERVICE_CARD:
            _fill(desk, **EMPTY)
        _fill(desk, asks=step, asks_until=self.clock() + ARMED, service_id=None, problem=None, result=None)
        if terminal.stays_armed and step is Step.INQUIRY:
            _fill(desk, **self._armed())

    @act
    def clear(self, terminal: Terminal) -> None:
        """Forget everything that was read."""
        _fill(self._touched(terminal), asks=None, asks_until=None, **EMPTY)

    @act
    def tap_certificate(self, terminal: Terminal, der: bytes) -> None:
        """Bring a My Number card to the page, while it asks for one; else it goes nowhere.

        Raises PortalError: mykey-id-not-registered, mykey-id-stopped; PkiError. The page is told too.
        """
        desk = self._held(terminal)
        step = self.asked(desk)
        try:
            holder = self.tapped_cards.verify(der)
        except Refusal as error:
            if desk and step:
                self._refuse(terminal, desk, step, error.code)
            raise recorded(error) from None
        if desk is None or step is None:
            return
        if step is Step.CARD:
            self._tell(desk, certificate=der, mykey_id=holder.mykey_id)
        elif step is Step.INQUIRY:
            self._look_up(terminal, desk, holder)
        else:
            self._misplaced(terminal, desk, step)

    @act
    def tap_service_card(self, terminal: Terminal, uid: str) -> None:
        """Bring a service card's UID to the page, while it asks for one; else it goes nowhere.

        Raises PortalError request-malformed for what is no UID of such a card.
        """
        if not is_uid(uid):
            raise PortalError(Code.REQUEST_MALFORMED)
        desk = self._held(terminal)
        step = self.asked(desk)
        if desk and step is Step.SERVICE_CARD:
            self._tell(desk, **_read(self._provider(terminal), uid))
        elif desk and step:
            self._misplaced(terminal, desk, step)

    @act
    def type_service_id(self, terminal: Terminal, typed: str) -> None:
        """Take what a scanner or a keyboard wrote for step 2; the desk tells if that is none.

        Raises PortalError card-wanted before step 1.
        """
        desk, provider = self._held(terminal), self._provider(terminal)
        if desk is None or desk.certificate is None:
            raise PortalError(Code.CARD_WANTED)
        self._tell(desk, result=None, **_read(provider, scanned(typed, provider.picture)))

    @act
    def register(self, terminal: Terminal, *, replaces: str | None = None) -> None:
        """Press 【登録】: link what both steps read; the desk tells how it went. Pressed twice, it does so once.

        Raises PortalError card-wanted before both steps.
        """
        desk = self._held(terminal)
        if desk is None or desk.certificate is None or desk.service_id is None:
            raise PortalError(Code.CARD_WANTED)
        if desk.result:
            return
        provider_id, service_id = terminal.service_provider_id, desk.service_id
        try:
            holder = self.tapped_cards.verify(desk.certificate)
            self.links.link(provider_id, holder, service_id, terminal=terminal, replaces=replaces)
        except Refusal as error:
            unconfirmed = error.code == Code.SERVICE_LINK_UNCONFIRMED
            self._tell(desk, **({"result": Result.UNCONFIRMED} if unconfirmed else {"problem": error.code}))
        else:
            self._tell(desk, result=Result.REPLACED if replaces else Result.REGISTERED)

    def replaceable(self, terminal: Terminal, desk: Desk) -> str | None:
        """Return the present service ID that the new one may replace here, to be shown before it is; None elsewhere."""
        if desk.problem != Code.SERVICE_ID_ALREADY_REGISTERED or desk.certificate is None or not terminal.staffed:
            return None
        try:
            holder = self.tapped_cards.verify(desk.certificate)
        except Refusal:
            return None  # refused since; the button would tell
        present = self.links.present(terminal.service_provider_id, holder.person_id)
        return present if present != desk.service_id else None

    @act
    def look_up_typed(self, terminal: Terminal, mykey_id: str) -> bool:
        """Look a typed MyKey ID up and hand it over; the desk tells how it went. Tells if it was found."""
        desk = self._touched(terminal)
        try:
            provider = self._provider(terminal)
            service_id = self.links.look_up_typed(provider.service_provider_id, mykey_id)
        except PortalError as error:
            _fill(desk, **EMPTY | {"problem": error.code})
            return False
        self.webhooks.tell(provider, terminal, service_id)
        _fill(desk, **EMPTY | {"service_id": service_id, "result": Result.FOUND})
        return True

    def _look_up(self, terminal: Terminal, desk: Desk, holder: CardHolder) -> None:
        """Look up, and hand over."""
        try:
            provider = self._provider(terminal)
            service_id = self.links.look_up(provider.service_provider_id, holder)
        except PortalError as error:
            self._refuse(terminal, desk, Step.INQUIRY, error.code)
            return
        self.webhooks.tell(provider, terminal, service_id)
        self._tell(desk, **EMPTY | {"service_id": service_id, "result": Result.FOUND} | self._goes_on(terminal))

    def _refuse(self, terminal: Terminal, desk: Desk, step: Step, problem: Code) -> None:
        """Tell that a My Number card was refused."""
        if step is Step.SERVICE_CARD:
            self._misplaced(terminal, desk, step)
        elif step is Step.INQUIRY:
            self._tell(desk, **EMPTY | {"problem": problem} | self._goes_on(terminal))
        else:
            self._tell(desk, problem=problem)

    def _misplaced(self, terminal: Terminal, desk: Desk, step: Step) -> None:
        """Tell that the step wants a card of the other kind; the page goes on asking for one."""
        if step is Step.SERVICE_CARD:
            self._tell(desk, asks=step, problem=Code.SERVICE_CARD_WANTED)
        elif step is Step.CARD:
            self._tell(desk, asks=step, problem=Code.MY_NUMBER_CARD_WANTED)
        else:
            told = {"asks": step, "problem": Code.MY_NUMBER_CARD_WANTED}
            self._tell(desk, **EMPTY | told | self._goes_on(terminal))

    def _goes_on(self, terminal: Terminal) -> dict[str, Any]:
        """Let a terminal that is set so go on asking after a look-up."""
        return {"asks": Step.INQUIRY} | self._armed() if terminal.stays_armed else {}

    def _armed(self) -> dict[str, datetime]:
        """Say until when a terminal that stays armed goes on."""
        return dict.fromkeys(("asks_until", "expires_at"), self.clock() + STAYS_ARMED)

    def _tell(self, desk: Desk, **values: Any) -> None:
        """Show what came of a step, which asks no more unless the values say so."""
        _fill(desk, **{"asks": None, "problem": None, "expires_at": self.clock() + IDLE} | values)

    def _provider(self, terminal: Terminal) -> ServiceProvider:
        return self.links.service_providers.active(terminal.service_provider_id)

    def _held(self, terminal: Terminal) -> Desk | None:
        """Return the desk, held so that nothing comes in between; None when it is idle."""
        desk = self._row(terminal)
        return desk if desk and desk.expires_at > self.clock() else None

    def _touched(self, terminal: Terminal) -> Desk:
        """Return the desk, held so that nothing comes in between, and begun anew where its time was over."""
        desk, until = self._row(terminal), self.clock() + IDLE
        if desk is None:
            desk = Desk(terminal_id=terminal.terminal_id, asks=None, asks_until=None, change=0, **EMPTY)
            self.database.add(desk)
        elif desk.expires_at <= self.clock():
            _fill(desk, asks=None, asks_until=None, **EMPTY)
        desk.expires_at = max(desk.expires_at or until, until)
        return desk

    def _row(self, terminal: Terminal) -> Desk | None:
        return self.database.get(Desk, terminal.terminal_id, with_for_update=True, populate_existing=True)


def _fill(desk: Desk, **values: Any) -> None:
    for name, value in values.items():
        setattr(desk, name, value)
    desk.change += 1


def _read(provider: ServiceProvider, service_id: str) -> dict[str, Any]:
    """Tell what step 2 has read: a service ID of this provider's, or that it is none."""
    if accepts(provider.picture, provider.check_digit, service_id):
        return {"service_id": service_id, "problem": None}
    return {"service_id": None, "problem": Code.SERVICE_ID_MALFORMED}
