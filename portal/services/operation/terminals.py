"""The terminals of providers as the operator keeps them: added, set up, given codes, revoked."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import select

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.domain.formats.handoff_link import is_handoff_link
from portal.domain.formats.name import read_name
from portal.domain.formats.origin import origin_of
from portal.domain.providers import CODE_LIFETIME, Handoff
from portal.models import Terminal
from portal.services.record.audit import Audit, Event
from portal.services.record.secrecy import Secrecy
from portal.services.record.service_providers import ServiceProviders
from portal.transactions import Service, act, reads

CODE_LENGTH = 12


class Codes(NamedTuple):
    """What enrols a terminal: one code for its bridge, one for its page; each is shown once and kept nowhere."""

    bridge: str
    page: str


@dataclass(frozen=True)
class TerminalSetUp:
    """How a terminal is set up; all of it may be changed while it works."""

    name: str
    staffed: bool = True
    stays_armed: bool = False
    handoff: Handoff = Handoff.SCREEN


class Terminals(Service):
    """The terminals of all providers; `by` in each act names who did it and why."""

    origin: str
    secrecy: Secrecy
    service_providers: ServiceProviders
    audit: Audit

    @act
    def add(  # noqa: PLR0913 - how a terminal is set up
        self,
        service_provider_id: str,
        name: str,
        *,
        staffed: bool = True,
        stays_armed: bool = False,
        handoff: Handoff = Handoff.SCREEN,
        seed: str | None = None,
        **by: Any,
    ) -> tuple[Terminal, Codes]:
        """Add a terminal to a provider; return it with the codes that enrol it (`seed` as in codes).

        Raises PortalError: service-provider-unknown, terminal-malformed.
        """
        self.service_providers.known(service_provider_id)
        terminal = Terminal(
            terminal_id=uuid4(),
            service_provider_id=service_provider_id,
            name=read_name(name, Code.TERMINAL_MALFORMED),
            staffed=staffed,
            stays_armed=stays_armed,
            handoff=handoff,
            added_at=self.clock(),
        )
        self.database.add(terminal)
        codes = self._new_codes(terminal, seed)
        self.audit.entry(
            Event.TERMINAL_ADDED, terminal=terminal.terminal_id, provider=service_provider_id, staffed=staffed, **by
        )
        return terminal, codes

    @act
    def set_up(self, terminal_id: UUID, new: TerminalSetUp, **by: Any) -> None:
        """Set a terminal up anew, which holds from its next request on; the entry names what changed.

        Raises PortalError: terminal-malformed for the name; terminal-unknown, also for one that was revoked.
        """
        terminal = self._unrevoked(terminal_id)
        wanted = asdict(new) | {"name": read_name(new.name, Code.TERMINAL_MALFORMED)}
        changed = {name: value for name, value in wanted.items() if value != getattr(terminal, name)}
        for name, value in changed.items():
            setattr(terminal, name, value)
        if changed:
            self.audit.entry(Event.TERMINAL_SET_UP, terminal=terminal_id, changed=changed, **by)

    @reads
    def of_provider(self, service_provider_id: str) -> Sequence[Terminal]:
        """Return a provider's terminals, the longest there first. Raises PortalError service-provider-unknown."""
        self.service_providers.known(service_provider_id)
        mine = select(Terminal).where(Terminal.service_provider_id == service_provider_id)
        return self.database.scalars(mine.order_by(Terminal.added_at, Terminal.terminal_id)).all()

    @reads
    def known(self, terminal_id: UUID, *, hold: bool = False) -> Terminal:
        """Return a terminal, held if asked for an act. Raises PortalError terminal-unknown."""
        lock = {"of": Terminal} if hold else None  # not its provider's row, which is read with it
        found = self.database.get(Terminal, terminal_id, with_for_update=lock, populate_existing=hold)
        if found is None:
            raise PortalError(Code.TERMINAL_UNKNOWN)
        return found

    def codes(self, seed: str) -> Codes:
        """Derive the codes of a seed; without the portal's key, the seed in a row tells nothing."""
        return Codes(*(self.secrecy.code_from(f"terminal-{part}-code", seed, CODE_LENGTH) for part in Codes._fields))

    @act
    def new_codes(self, terminal_id: UUID, *, seed: str | None = None, **by: Any) -> Codes:
        """Make new codes, which void older ones; token and cookie go on until a code is used.

        Raises PortalError terminal-unknown, also for one that was revoked.
        """
        codes = self._new_codes(self._unrevoked(terminal_id), seed)
        self.audit.entry(Event.TERMINAL_CODES_MADE, terminal=terminal_id, **by)
        return codes

    @act
    def set_handoff_link(self, terminal_id: UUID, template: str | None, *, one_window: bool = False, **by: Any) -> None:
        """Let a terminal's page lead to the business system by a template, or by none; the entry names its host alone.

        Raises PortalError: handoff-link-malformed; terminal-unknown, also for one that was revoked.
        """
        if template is not None:
            self.check_link(template)
        terminal = self._unrevoked(terminal_id)
        terminal.handoff_link, terminal.one_window = template, template is not None and one_window
        host = template and origin_of(template)
        self.audit.entry(Event.HANDOFF_LINK_SET, terminal=terminal_id, to=host, one_window=terminal.one_window, **by)

    def check_link(self, template: str) -> None:
        """Raise PortalError handoff-link-malformed."""
        if not is_handoff_link(template, self.origin):
            raise PortalError(Code.HANDOFF_LINK_MALFORMED)

    @act
    def revoke(self, terminal_id: UUID, **by: Any) -> None:
        """Refuse a terminal from the next request on, and for ever; a second time is none."""
        terminal = self.known(terminal_id, hold=True)
        if terminal.revoked_at:
            return
        terminal.revoked_at = self.clock()
        terminal.bridge_code_hash = terminal.page_code_hash = terminal.token_hash = terminal.page_hash = None
        self.audit.entry(Event.TERMINAL_REVOKED, terminal=terminal_id, **by)

    def _unrevoked(self, terminal_id: UUID) -> Terminal:
        terminal = self.known(terminal_id, hold=True)
        if terminal.revoked_at:
            raise PortalError(Code.TERMINAL_UNKNOWN)
        return terminal

    def _new_codes(self, terminal: Terminal, seed: str | None) -> Codes:
        codes = self.codes(seed or self.secrecy.token())
        terminal.bridge_code_hash, terminal.page_code_hash = (
            self.secrecy.hash("terminal-code", each) for each in codes
        )
        terminal.codes_until = self.clock() + CODE_LIFETIME
        return codes
