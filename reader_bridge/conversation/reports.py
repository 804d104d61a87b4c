"""What the waiting page is told, in order, by a conversation that waits for no portal longer than a person would."""

import logging
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from threading import Lock
from time import monotonic

from reader_bridge.errors import PortalRefused, PortalUnreachable
from reader_bridge.portal.client import begun

_SLICE = 0.1  # seconds between two looks at whether the citizen has left
PATIENCE = 2.0  # seconds for the reply to a report; the conversation then goes on without it
_TOLD = {  # what the page is told of what has a sentence of its own here
    "service-silent": "reader-silent",
    "service-mismatched": "no-service",
    "another-card": "card-removed",
    "card-data-unusable": "card-unreadable",
    "card-stopped": "certificate-absent",
    "algorithm-unsupported": "card-not-supported",
    "certificate-wrong-kind": "card-not-supported",
}
_LATER = frozenset({"rate-limited", "unavailable"})
_log = logging.getLogger(__name__)


def page_code(code: str) -> str:
    """Name what the page is told for a code of ours."""
    return _TOLD.get(code, code)


class Reports:
    """Each report is made in a thread of its own, after the one before it, and not at all once there is a newer one."""

    def __init__(self, post: Callable[[str], None], stopped: Callable[[], bool] = bool) -> None:
        self._post, self._stopped, self._turn = post, stopped, Lock()
        self._newest: object = None

    def tell(self, code: str) -> None:
        """Tell the page; a lost report is no reason to stop, a refused one is: raise PortalRefused."""
        self._newest = report = object()
        problem = self._within(PATIENCE, begun(partial(self._make, page_code(code), report)))
        if isinstance(problem, PortalUnreachable):
            _log.warning("the portal was not told %s", code)
        elif problem and not (isinstance(problem, PortalRefused) and problem.problem_code in _LATER):
            raise problem

    def _within(self, patience: float, made: Future[None]) -> BaseException | None:
        end = monotonic() + patience
        while (left := end - monotonic()) > 0 and not self._stopped():
            with suppress(TimeoutError):
                return made.exception(min(left, _SLICE))
        return PortalUnreachable("no reply in time")

    def _make(self, code: str, report: object) -> None:
        with self._turn:
            if self._newest is report:
                self._post(code)
