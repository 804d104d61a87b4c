"""Calls a minute, counted in this process's memory: no look-up pays a write for it. Wrong tries are in the database."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from weakref import WeakValueDictionary

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.domain.limits import Limit

SWEPT_EVERY = 60.0


@dataclass
class Limiter:
    """How many calls each key had, and until when they count; no thread or timer, which a look-up would pay for."""

    windows: dict[Hashable, tuple[int, float]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    _swept: float = 0.0

    def hit(self, limit: Limit, *key: Hashable) -> bool:
        """Count a call; tell whether it was within the limit."""
        with self._lock:
            now = monotonic()
            calls, ends = self.windows.get((limit, key), (0, 0.0))
            if now >= ends:
                calls, ends = 0, now + limit.seconds
            self.windows[limit, key] = calls + 1, ends
            self._sweep()
        return calls < limit.times

    def _sweep(self) -> None:
        """Forget the windows that are over, once in a while."""
        now = monotonic()
        if now >= self._swept + SWEPT_EVERY:
            self.windows = {key: (calls, ends) for key, (calls, ends) in self.windows.items() if now < ends}
            self._swept = now


class Turn:
    """The one turn of its kind: it lasts as long as somebody refers to this, so that it ends however its work does."""


@dataclass
class Turns:
    """Whose turn it is with what keeps a thread: one at a time, in this process, whose threads they are."""

    _taken: WeakValueDictionary[Hashable, Turn] = field(default_factory=WeakValueDictionary)
    _lock: Lock = field(default_factory=Lock)

    def take(self, *key: str) -> Turn:
        """Take the turn. Raises PortalError already-going-on while another has it."""
        mine = Turn()
        with self._lock:
            if self._taken.setdefault(key, mine) is not mine:
                raise PortalError(Code.ALREADY_GOING_ON)
        return mine
