"""What is done and what is still to do until a new portal's first tap: found anew each time, and kept nowhere."""

from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select

from portal.config import Settings
from portal.domain.providers import What
from portal.models import DailyFigure, Passkey, ServiceProvider, Terminal
from portal.services.operation.authorities import Authorities, Authority
from portal.services.operation.doctor import OK, Examination, able_operators
from portal.transactions import Service, reads


class State(StrEnum):
    DONE = "done"
    TO_DO = "to-do"
    LOOK = "look"
    """Something is there, and not as it should be."""


class Found(NamedTuple):
    """The state of each step by its name, in order, and what the page shows of them."""

    steps: dict[str, State]
    authorities: list[Authority]
    passkeys: int
    provider: ServiceProvider | None
    terminal: Terminal | None


class FirstSteps(Service):
    settings: Settings

    @reads
    def look(self, staff_id: UUID, forwarded: int) -> Found:
        """Look how far a portal is; `forwarded` proxies named a caller of this very request."""
        authorities = Authorities(self.settings.instance / "trust", self.clock()).all()
        passkeys = self._passkeys_of(staff_id)
        provider = self.database.scalar(select(ServiceProvider).order_by(ServiceProvider.added_at).limit(1))
        terminal = self._furthest_terminal()
        steps = {
            "address": self._address(forwarded),
            **self._as_doctor_finds(),
            "passkey": State.DONE if passkeys else State.TO_DO,
            "second": _done(passkeys > 1 or able_operators(self.database) > 1),
            "provider": _done(provider is not None),
            "terminal": _of_terminal(terminal),
            "tap": _done(self._was_tapped()),
        }
        return Found(steps, authorities, passkeys, provider, terminal)

    def _address(self, forwarded: int) -> State:
        """Hold what this request came by against the number of proxies that is set."""
        trusted = self.settings.trusted_proxies
        sound = self.settings.secure and 0 < trusted <= forwarded
        return State.DONE if sound else State.LOOK

    def _as_doctor_finds(self) -> dict[str, State]:
        """Take over what `mykey doctor` says of these checks; no contact and no authority are still to do."""
        found = Examination(self.settings, self.clock()).at_a_look()
        states = {name: State.DONE if one.status == OK else State.LOOK for name, one in found.items()}
        if self.settings.revocation == "none":  # somebody decided it, in writing
            states["revocation"] = State.DONE
        if states["contact"] is State.LOOK:
            states["contact"] = State.TO_DO
        return states

    def _passkeys_of(self, staff_id: UUID) -> int:
        counted = select(func.count()).select_from(Passkey).where(Passkey.staff_id == staff_id)
        return self.database.scalar(counted) or 0

    def _was_tapped(self) -> bool:
        """Tell whether a terminal called and something was done; figures stay when the uses themselves are deleted."""
        called = self.database.scalar(select(Terminal.terminal_id).where(Terminal.last_used_at.is_not(None)).limit(1))
        done = select(DailyFigure.times).where(DailyFigure.what.in_((What.LINKED, What.LOOKED_UP))).limit(1)
        return called is not None and self.database.scalar(done) is not None

    def _furthest_terminal(self) -> Terminal | None:
        """Return the terminal that is nearest to a tap: used last, or enrolled, or just added."""
        order = (Terminal.last_used_at.is_(None), Terminal.token_hash.is_(None), Terminal.added_at)
        return self.database.scalar(select(Terminal).where(Terminal.revoked_at.is_(None)).order_by(*order).limit(1))


def _done(done: bool) -> State:  # noqa: FBT001 - the question is its name
    return State.DONE if done else State.TO_DO


def _of_terminal(terminal: Terminal | None) -> State:
    """Count a terminal as there when both its bridge and its page were enrolled."""
    if terminal is None:
        return State.TO_DO
    return State.DONE if terminal.token_hash and terminal.page_hash else State.LOOK
