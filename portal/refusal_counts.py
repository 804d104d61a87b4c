"""Refusals as they happen, counted in the process: a refused act is rolled back, so nothing that it wrote would stay.

The worker takes them into the database once a minute and at its end; a process that is killed loses those since then.
"""

from collections import Counter
from threading import Lock

from portal.domain.codes import Code
from portal.domain.figures import NO_REFUSAL

Refused = tuple[str, Code]
"""At which service provider, empty where at none, and why."""


class Refusals:
    def __init__(self) -> None:
        self._lock = Lock()
        self._counted: Counter[Refused] = Counter()

    def add(self, service_provider_id: str, code: Code) -> None:
        """Count one, unless it refuses nobody."""
        if code not in NO_REFUSAL:
            self.put_back(Counter({(service_provider_id, code): 1}))

    def take(self) -> Counter[Refused]:
        """Return what was counted since the last time."""
        with self._lock:
            taken, self._counted = self._counted, Counter()
        return taken

    def put_back(self, taken: Counter[Refused]) -> None:
        """Count again what could not be written."""
        with self._lock:
            self._counted.update(taken)
