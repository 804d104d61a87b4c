"""Terminals at work: enrolled by one-time codes, known by a token (bridge) and a cookie (page), locked by staff."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, select, update

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.domain.formats.typed_code import fold_code
from portal.domain.providers import AWAY, PRESENT
from portal.models import Terminal
from portal.services.record.audit import Audit, Event
from portal.services.record.secrecy import Secrecy
from portal.transactions import Service, act, reads

SEEN_EVERY = PRESENT * 0.8
"""`last_used_at` is written at most this often."""

# Made once: every tap and every poll runs one of them.
_ACTIVE = select(Terminal).where(Terminal.revoked_at.is_(None))
_BY_TOKEN = _ACTIVE.where(Terminal.token_hash == bindparam("secret"))
_BY_PAGE = _ACTIVE.where(Terminal.page_hash == bindparam("secret"))


class Enrolment(Service):
    secrecy: Secrecy
    good_tokens: set[str]
    audit: Audit

    @act
    def enrol_bridge(self, typed: str, bridge: str | None = None) -> tuple[Terminal, str]:
        """Spend the code of a bridge that calls itself so; return the terminal and its new bearer token.

        Raises PortalError enrolment-code-not-found.
        """
        terminal, token = self._enrol(typed, Terminal.bridge_code_hash, Terminal.token_hash, "terminal-token")
        terminal.last_used_at, terminal.bridge = self.clock(), bridge
        return terminal, token

    @act
    def enrol_page(self, typed: str) -> tuple[Terminal, str]:
        """Spend a page's code; return the terminal and the content of its cookie.

        Raises PortalError enrolment-code-not-found.
        """
        return self._enrol(typed, Terminal.page_code_hash, Terminal.page_hash, "terminal-page")

    @act
    def of_token(self, token: str, bridge: str | None = None) -> Terminal:
        """Return whose bearer token came, from a bridge that calls itself so.

        Raises PortalError: terminal-token-invalid, service-provider-suspended.
        """
        terminal = self._named(_BY_TOKEN, "terminal-token", token, Code.TERMINAL_TOKEN_INVALID)
        now = self.clock()
        if terminal.last_used_at is None or now - terminal.last_used_at >= SEEN_EVERY:
            terminal.last_used_at, terminal.bridge = now, bridge
            self.database.flush()  # its row is held first of all, so that who waits for it holds nothing
        return terminal

    @reads
    def of_page(self, cookie: str) -> Terminal:
        """Return whose page it is. Raises PortalError: terminal-page-unknown, service-provider-suspended."""
        return self._named(_BY_PAGE, "terminal-page", cookie, Code.TERMINAL_PAGE_UNKNOWN)

    def is_away(self, terminal: Terminal) -> bool:
        """Tell whether the terminal's bridge has not called for so long that no card can be read there."""
        return terminal.last_used_at is None or self.clock() - terminal.last_used_at >= AWAY

    @act
    def lock(self, terminal_id: UUID, *, locked: bool) -> None:
        locked_at = self.clock() if locked else None
        self.database.execute(update(Terminal).where(Terminal.terminal_id == terminal_id).values(locked_at=locked_at))

    def _named(self, named: Select[Any], kind: str, secret: str, refusal: Code) -> Terminal:
        hashed = self.secrecy.hash(kind, secret)
        terminal: Terminal | None = self.database.scalars(named, {"secret": hashed}).one_or_none()
        if terminal is None or terminal.provider.suspended_at:
            self.good_tokens.discard(hashed)
            raise PortalError(Code.SERVICE_PROVIDER_SUSPENDED if terminal else refusal)
        return terminal

    def _enrol(self, typed: str, code: Any, secret: Any, kind: str) -> tuple[Terminal, str]:
        made = self.secrecy.token()
        hashed = self.secrecy.hash("terminal-code", fold_code(typed))
        terminal = self.database.scalars(
            update(Terminal)
            .where(code == hashed, Terminal.codes_until > self.clock(), Terminal.revoked_at.is_(None))
            .values({code: None, secret: self.secrecy.hash(kind, made)})
            .returning(Terminal),
            execution_options={"populate_existing": True},
        ).one_or_none()
        if terminal is None:
            raise PortalError(Code.ENROLMENT_CODE_NOT_FOUND)
        self.audit.entry(Event.TERMINAL_ENROLLED, terminal=terminal.terminal_id, part=kind)
        return terminal, made
