"""Rate limits, counted in this process's memory; several processes each count for themselves."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from typing import NamedTuple

SWEPT_EVERY = 60.0


class Limit(NamedTuple):
    """Allow a number of calls within a number of seconds, counted from the first call."""

    calls: int
    seconds: float = 60.0


@dataclass
class Limiter:
    """How many calls each key had, and until when they count; no thread or timer, which a look-up would pay for."""

    windows: dict[Hashable, tuple[int, float]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    _swept: float = 0.0

    def hit(self, limit: Limit, *key: Hashable) -> bool:
        """Count a call; tell whether it was within the limit."""
        with self._lock:
            calls, ends = self._window(limit, key)
            self.windows[limit, key] = calls + 1, ends
            self._sweep()
        return calls < limit.calls

    def test(self, limit: Limit, *key: Hashable) -> bool:
        """Tell whether one more call would be within the limit."""
        return self._window(limit, key)[0] < limit.calls

    def _window(self, limit: Limit, key: Hashable) -> tuple[int, float]:
        now = monotonic()
        calls, ends = self.windows.get((limit, key), (0, 0.0))
        return (calls, ends) if now < ends else (0, now + limit.seconds)

    def _sweep(self) -> None:
        """Forget the windows that are over, once in a while."""
        now = monotonic()
        if now >= self._swept + SWEPT_EVERY:
            self.windows = {key: (calls, ends) for key, (calls, ends) in self.windows.items() if now < ends}
            self._swept = now
