"""Rate limits, counted in this process's memory; several processes each count for themselves."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from typing import NamedTuple

SWEPT_EVERY = 60.0


class Limit(NamedTuple):
    """So many calls in so many seconds from the first one on."""

    calls: int
    seconds: float = 60.0


class Window(NamedTuple):
    """How many calls there were, and until when they count."""

    calls: int
    ends: float


@dataclass
class Limiter:
    """One window for each key; without a thread or a timer, which would cost a look-up a third of its time."""

    windows: dict[Hashable, Window] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)
    _swept: float = 0.0

    def hit(self, limit: Limit, *key: Hashable) -> bool:
        """Count a call; tell whether it was within the limit."""
        with self._lock:
            now = monotonic()
            self._sweep(now)
            window = self.windows.get((limit, key), Window(0, 0.0))
            ends = window.ends if now < window.ends else now + limit.seconds
            calls = window.calls + 1 if now < window.ends else 1
            self.windows[limit, key] = Window(calls, ends)
            return calls <= limit.calls

    def test(self, limit: Limit, *key: Hashable) -> bool:
        """Tell whether one more call would be within the limit."""
        window = self.windows.get((limit, key))
        return window is None or window.calls < limit.calls or window.ends <= monotonic()

    def _sweep(self, now: float) -> None:
        """Forget the windows that are over, once in a while."""
        if now >= self._swept + SWEPT_EVERY:
            self.windows = {key: window for key, window in self.windows.items() if now < window.ends}
            self._swept = now
