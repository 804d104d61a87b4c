"""The page of a terminal: it asks for a tap, which its bridge brings, and acts for one citizen at a time."""

from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, select

from portal.domain.codes import Code
from portal.domain.errors import PortalError, Refusal, recorded
from portal.domain.ids.service_id import UNREADABLE, accepts, is_uid, read
from portal.domain.providers import ARMED, EMPTY, IDLE, STAYS_ARMED, Outcome, Step
from portal.models import ReceptionState, ServiceProvider, Terminal
from portal.refusal_counts import Refusals
from portal.services.providers.links import Links
from portal.services.providers.tapped_cards import CardHolder, TappedCards
from portal.services.providers.webhooks import Webhooks
from portal.services.record.secrecy import Secrecy
from portal.transactions import Glances, Service, act, reads

# Made once: every poll runs it.
_TERMINALS, _PROVIDERS, _STATES = (
    cast("Table", each.__table__) for each in (Terminal, ServiceProvider, ReceptionState)
)
_GLANCE = (
    select(_TERMINALS.c.last_used_at, *(_STATES.c[name] for name in ("asks", "asks_until", "change", "expires_at")))
    .join(_PROVIDERS, _PROVIDERS.c.service_provider_id == _TERMINALS.c.service_provider_id)
    .outerjoin(_STATES, _STATES.c.terminal_id == _TERMINALS.c.terminal_id)
    .where(_TERMINALS.c.page_hash == bindparam("page_hash"), _TERMINALS.c.locked_at.is_(None))
    .where(_TERMINALS.c.revoked_at.is_(None), _PROVIDERS.c.suspended_at.is_(None))
)


class Reception(Service):
    """One state for each terminal. Each act locks its row first, so that of two simultaneous taps only one is taken."""

    tapped_cards: TappedCards
    links: Links
    webhooks: Webhooks
    refusals: Refusals
    secrecy: Secrecy
    glances: Glances

    @reads
    def of(self, terminal: Terminal) -> ReceptionState | None:
        """Return what the page is doing; None when it is idle."""
        state = self.database.get(ReceptionState, terminal.terminal_id, populate_existing=True)
        return state if state and state.expires_at > self.clock() else None

    def glance(self, cookie: str) -> tuple[Any, Any] | None:
        """Read as much of a terminal and its state as its poll needs; None for a page that is locked, or unknown."""
        page = {"page_hash": self.secrecy.hash("terminal-page", cookie)}
        with self.glances() as connection:
            found = connection.execute(_GLANCE, page).one_or_none()
        return found and (found, found if found.expires_at and found.expires_at > self.clock() else None)

    def asked(self, state: ReceptionState | None) -> Step | None:
        """Name the step that waits for a tap now."""
        if state is None or not state.asks or state.asks_until is None or state.asks_until <= self.clock():
            return None
        return Step(state.asks)

    @act
    def ask(self, terminal: Terminal, step: Step) -> None:
        """Press 【読取】: wait for a tap from now on; what the step read before is forgotten."""
        state = self._touched(terminal)
        if step is not Step.SERVICE_CARD:
            _fill(state, **EMPTY)
        _fill(state, asks=step, asks_until=self.clock() + ARMED, service_id=None, problem=None, result=None)
        if terminal.stays_armed and step is Step.INQUIRY:
            _fill(state, **self._armed())

    @act
    def clear(self, terminal: Terminal) -> None:
        """Forget everything that was read."""
        _fill(self._touched(terminal), asks=None, asks_until=None, **EMPTY)

    @act
    def tap_certificate(self, terminal: Terminal, der: bytes) -> None:
        """Bring a My Number card to the page, while it asks for one; else it goes nowhere.

        Raises PortalError: mykey-id-not-registered, mykey-id-stopped; PkiError. The page is told too.
        """
        state = self._held(terminal)
        step = self.asked(state)
        try:
            holder = self.tapped_cards.verify(der)
        except Refusal as error:
            if state and step:
                self._refuse(terminal, state, step, error.code)
            raise recorded(error) from None
        if state is None or step is None:
            return
        if step is Step.CARD:
            self._tell(state, certificate=der, mykey_id=holder.mykey_id)
        elif step is Step.INQUIRY:
            self._look_up(terminal, state, holder)
        else:
            self._misplaced(terminal, state, step)

    @act
    def tap_service_card(self, terminal: Terminal, uid: str) -> None:
        """Bring a service card's UID to the page, while it asks for one; else it goes nowhere.

        Raises PortalError request-malformed for what is no UID of such a card.
        """
        if not is_uid(uid):
            raise PortalError(Code.REQUEST_MALFORMED)
        state = self._held(terminal)
        step = self.asked(state)
        if state and step is Step.SERVICE_CARD:
            provider = self._provider(terminal)  # which has UIDs as they are: one may look like a bar code's letters
            known = accepts(provider.picture, provider.check_digit, uid)
            self._tell(state, service_id=uid, problem=None if known else Code.SERVICE_ID_MALFORMED)
        elif state and step:
            self._misplaced(terminal, state, step)

    @act
    def type_service_id(self, terminal: Terminal, typed: str) -> None:
        """Take what a scanner or a keyboard wrote for step 2; what is no service ID is shown with the reason.

        Raises PortalError card-wanted before step 1.
        """
        state, provider = self._held(terminal), self._provider(terminal)
        if state is None or state.certificate is None:
            raise PortalError(Code.CARD_WANTED)
        found = read(provider.picture, provider.check_digit, typed)
        self._tell(state, result=None, service_id=found.came if found.code else found.text, problem=found.code)

    @act
    def register(self, terminal: Terminal, *, replaces: str | None = None) -> None:
        """Press 【登録】: link what both steps read; the page shows the outcome. A second press changes nothing.

        Raises PortalError card-wanted before both steps.
        """
        state = self._held(terminal)
        if state is None or state.certificate is None or state.service_id is None or state.problem in UNREADABLE:
            raise PortalError(Code.CARD_WANTED)
        if state.result:
            return
        provider_id, service_id = terminal.service_provider_id, state.service_id
        try:
            holder = self.tapped_cards.verify(state.certificate)
            self.links.link(provider_id, holder, service_id, terminal=terminal, replaces=replaces)
        except Refusal as error:
            self.refusals.add(provider_id, error.code)
            unconfirmed = error.code == Code.SERVICE_LINK_UNCONFIRMED
            self._tell(state, **({"result": Outcome.UNCONFIRMED} if unconfirmed else {"problem": error.code}))
        else:
            self._tell(state, result=Outcome.REPLACED if replaces else Outcome.REGISTERED)

    @reads
    def replaceable(self, terminal: Terminal, state: ReceptionState) -> str | None:
        """Return the present service ID that the new one may replace here, to be shown before it is; None elsewhere."""
        if state.problem != Code.SERVICE_ID_ALREADY_REGISTERED or state.certificate is None or not terminal.staffed:
            return None
        try:
            holder = self.tapped_cards.look(state.certificate)
        except Refusal:
            return None  # refused since; the button would tell
        present = self.links.present(terminal.service_provider_id, holder.person_id)
        return present if present != state.service_id else None

    @act
    def look_up_typed(self, terminal: Terminal, mykey_id: str) -> bool:
        """Look a typed MyKey ID up and hand it over; the page shows the outcome. Tell whether it was found."""
        state = self._touched(terminal)
        try:
            provider = self._provider(terminal)
            service_id = self.links.look_up_typed(provider.service_provider_id, mykey_id)
        except PortalError as error:
            _fill(state, **EMPTY | {"problem": error.code})
            return False
        self.webhooks.enqueue(provider, terminal, service_id)
        _fill(state, **EMPTY | {"service_id": service_id, "result": Outcome.FOUND})
        return True

    def _look_up(self, terminal: Terminal, state: ReceptionState, holder: CardHolder) -> None:
        try:
            provider = self._provider(terminal)
            service_id = self.links.look_up(provider.service_provider_id, holder)
        except PortalError as error:
            self.refusals.add(terminal.service_provider_id, error.code)
            self._refuse(terminal, state, Step.INQUIRY, error.code)
            return
        self.webhooks.enqueue(provider, terminal, service_id)
        self._tell(state, **EMPTY | {"service_id": service_id, "result": Outcome.FOUND} | self._goes_on(terminal))

    def _refuse(self, terminal: Terminal, state: ReceptionState, step: Step, problem: Code) -> None:
        """Tell that a My Number card was refused."""
        if step is Step.SERVICE_CARD:
            self._misplaced(terminal, state, step)
        elif step is Step.INQUIRY:
            self._tell(state, **EMPTY | {"problem": problem} | self._goes_on(terminal))
        else:
            self._tell(state, problem=problem)

    def _misplaced(self, terminal: Terminal, state: ReceptionState, step: Step) -> None:
        """Tell that the step wants a card of the other kind; the page goes on asking for one."""
        if step is Step.SERVICE_CARD:
            self._tell(state, asks=step, problem=Code.SERVICE_CARD_WANTED)
        elif step is Step.CARD:
            self._tell(state, asks=step, problem=Code.MY_NUMBER_CARD_WANTED)
        else:
            told = {"asks": step, "problem": Code.MY_NUMBER_CARD_WANTED}
            self._tell(state, **EMPTY | told | self._goes_on(terminal))

    def _goes_on(self, terminal: Terminal) -> dict[str, Any]:
        """Let a terminal that is set so go on asking after a look-up."""
        return {"asks": Step.INQUIRY} | self._armed() if terminal.stays_armed else {}

    def _armed(self) -> dict[str, datetime]:
        """Say until when a terminal that stays armed goes on."""
        return dict.fromkeys(("asks_until", "expires_at"), self.clock() + STAYS_ARMED)

    def _tell(self, state: ReceptionState, **values: Any) -> None:
        """Show what came of a step, which asks no more unless the values say so."""
        _fill(state, **{"asks": None, "problem": None, "expires_at": self.clock() + IDLE} | values)

    def _provider(self, terminal: Terminal) -> ServiceProvider:
        return self.links.service_providers.active(terminal.service_provider_id)

    def _held(self, terminal: Terminal) -> ReceptionState | None:
        """Return the state with its row locked; None when it is idle."""
        state = self._row(terminal)
        return state if state and state.expires_at > self.clock() else None

    def _touched(self, terminal: Terminal) -> ReceptionState:
        """Return the state with its row locked, begun anew where it had expired."""
        state, until = self._row(terminal), self.clock() + IDLE
        if state is None:
            state = ReceptionState(terminal_id=terminal.terminal_id, asks=None, asks_until=None, change=0, **EMPTY)
            self.database.add(state)
        elif state.expires_at <= self.clock():
            _fill(state, asks=None, asks_until=None, **EMPTY)
        state.expires_at = max(state.expires_at or until, until)
        return state

    def _row(self, terminal: Terminal) -> ReceptionState | None:
        return self.database.get(ReceptionState, terminal.terminal_id, with_for_update=True, populate_existing=True)


def _fill(state: ReceptionState, **values: Any) -> None:
    for name, value in values.items():
        setattr(state, name, value)
    state.change += 1
