"""Terminals: enrolled by one-time codes, known by a bearer token (bridge) and a cookie (page), revoked at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from sqlalchemy import Select, bindparam, select, update
from sqlalchemy.orm import scoped_session

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.domain.formats.typed_code import fold_code
from portal.domain.reception import CODE_LIFETIME, Handoff
from portal.domain.service_id import is_sound
from portal.models import Terminal
from portal.services.providers.providers import Providers
from portal.services.record.audit import Audit, Event
from portal.services.record.secrecy import Secrecy

CODE_LENGTH = 12
SEEN_EVERY = timedelta(minutes=1)
"""`last_used_at` is written at most this often."""

# Made once: every tap and every poll runs one of them.
_ACTIVE = select(Terminal).where(Terminal.revoked_at.is_(None))
_BY_TOKEN = _ACTIVE.where(Terminal.token_hash == bindparam("secret"))
_BY_PAGE = _ACTIVE.where(Terminal.page_hash == bindparam("secret"))


class Codes(NamedTuple):
    """What enrols a terminal: one code for its bridge, one for its page; each is shown once and kept nowhere."""

    bridge: str
    page: str


@dataclass(frozen=True)
class Terminals:
    """The terminals of all providers; `by` in each act names who did it and why."""

    database: scoped_session[Any]
    clock: Callable[[], datetime]
    secrecy: Secrecy
    providers: Providers
    audit: Audit

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
        """Add a terminal to a provider, and commit; return it with the codes that enrol it (`seed` as in codes).

        Raises PortalError: service-provider-unknown, terminal-malformed.
        """
        self.providers.known(service_provider_id)
        if not is_sound(name):
            raise PortalError(Code.TERMINAL_MALFORMED)
        terminal = Terminal(
            terminal_id=uuid4(),
            service_provider_id=service_provider_id,
            name=name,
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
        self.database.commit()
        return terminal, codes

    def of_provider(self, service_provider_id: str) -> Sequence[Terminal]:
        """Return a provider's terminals, the longest there first. Raises PortalError service-provider-unknown."""
        self.providers.known(service_provider_id)
        mine = select(Terminal).where(Terminal.service_provider_id == service_provider_id)
        found: Sequence[Terminal] = self.database.scalars(mine.order_by(Terminal.added_at, Terminal.terminal_id)).all()
        return found

    def known(self, terminal_id: UUID) -> Terminal:
        """Return a terminal. Raises PortalError terminal-unknown."""
        found: Terminal | None = self.database.get(Terminal, terminal_id)
        if found is None:
            raise PortalError(Code.TERMINAL_UNKNOWN)
        return found

    def seed(self) -> str:
        """Make that from which a page derives codes once more after its redirect."""
        return self.secrecy.token()

    def codes(self, seed: str) -> Codes:
        """Derive the codes of a seed; without the portal's key, the seed in a row tells nothing."""
        return Codes(*(self.secrecy.code_from(f"terminal-{part}-code", seed, CODE_LENGTH) for part in Codes._fields))

    def new_codes(self, terminal: Terminal, *, seed: str | None = None, **by: Any) -> Codes:
        """Make new codes, which void older ones; token and cookie go on until a code is used. Commits.

        Raises PortalError terminal-unknown for one that was revoked.
        """
        if terminal.revoked_at:
            raise PortalError(Code.TERMINAL_UNKNOWN)
        codes = self._new_codes(terminal, seed)
        self.audit.entry(Event.TERMINAL_CODES_MADE, terminal=terminal.terminal_id, **by)
        self.database.commit()
        return codes

    def revoke(self, terminal: Terminal, **by: Any) -> None:
        """Refuse a terminal from the next request on, and for ever; a second time is none. Commits."""
        if terminal.revoked_at:
            return
        terminal.revoked_at = self.clock()
        terminal.bridge_code_hash = terminal.page_code_hash = terminal.token_hash = terminal.page_hash = None
        self.audit.entry(Event.TERMINAL_REVOKED, terminal=terminal.terminal_id, **by)
        self.database.commit()

    def enrol_bridge(self, typed: str) -> tuple[Terminal, str]:
        """Spend a bridge's code, and commit; return the terminal and its new bearer token.

        Raises PortalError enrolment-code-not-found.
        """
        return self._enrol(typed, Terminal.bridge_code_hash, Terminal.token_hash, "terminal-token")

    def enrol_page(self, typed: str) -> tuple[Terminal, str]:
        """Spend a page's code, and commit; return the terminal and the content of its cookie.

        Raises PortalError enrolment-code-not-found.
        """
        return self._enrol(typed, Terminal.page_code_hash, Terminal.page_hash, "terminal-page")

    def of_token(self, token: str) -> Terminal:
        """Return whose bearer token it is. Raises PortalError: terminal-token-invalid, service-provider-suspended."""
        terminal = self._named(_BY_TOKEN, "terminal-token", token, Code.TERMINAL_TOKEN_INVALID)
        now = self.clock()
        if terminal.last_used_at is None or now - terminal.last_used_at >= SEEN_EVERY:
            terminal.last_used_at = now
            self.database.commit()
        return terminal

    def of_page(self, cookie: str) -> Terminal:
        """Return whose page it is. Raises PortalError: terminal-page-unknown, service-provider-suspended."""
        return self._named(_BY_PAGE, "terminal-page", cookie, Code.TERMINAL_PAGE_UNKNOWN)

    def lock(self, terminal: Terminal, *, locked: bool) -> None:
        """Lock a terminal's page, or open it again. Commits."""
        terminal.locked_at = self.clock() if locked else None
        self.database.commit()

    def _named(self, named: Select[Terminal], kind: str, secret: str, refusal: Code) -> Terminal:
        hashed = {"secret": self.secrecy.hash(kind, secret)}
        terminal: Terminal | None = self.database.scalars(named, hashed).one_or_none()
        if terminal is None:
            raise PortalError(refusal)
        self.providers.active(terminal.service_provider_id)
        return terminal

    def _enrol(self, typed: str, code: Any, secret: Any, kind: str) -> tuple[Terminal, str]:
        made = self.secrecy.token()
        hashed = self.secrecy.hash("terminal-code", fold_code(typed))
        terminal: Terminal | None = self.database.scalars(
            update(Terminal)
            .where(code == hashed, Terminal.codes_until > self.clock(), Terminal.revoked_at.is_(None))
            .values({code: None, secret: self.secrecy.hash(kind, made)})
            .returning(Terminal),
            execution_options={"populate_existing": True},
        ).one_or_none()
        if terminal is None:
            raise PortalError(Code.ENROLMENT_CODE_NOT_FOUND)
        self.audit.entry(Event.TERMINAL_ENROLLED, terminal=terminal.terminal_id, part=kind)
        self.database.commit()
        return terminal, made

    def _new_codes(self, terminal: Terminal, seed: str | None) -> Codes:
        codes = self.codes(seed or self.seed())
        terminal.bridge_code_hash, terminal.page_code_hash = (
            self.secrecy.hash("terminal-code", each) for each in codes
        )
        terminal.codes_until = self.clock() + CODE_LIFETIME
        return codes
