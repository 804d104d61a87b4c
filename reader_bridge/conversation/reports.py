"""What the waiting page is told, in order, by a conversation that waits for no portal longer than a person would."""

import logging
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Lock, Thread

from reader_bridge.errors import PortalRefused, PortalUnreachable

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

    def __init__(self, post: Callable[[str], None]) -> None:
        self._post, self._turn = post, Lock()
        self._newest: object = None

    def tell(self, code: str) -> None:
        """Tell the page; a lost report is no reason to stop, a refused one is: raise PortalRefused."""
        reply: SimpleQueue[Exception | None] = SimpleQueue()
        self._newest = reply
        Thread(target=self._make, args=(page_code(code), reply), daemon=True).start()
        try:
            problem = reply.get(timeout=PATIENCE)
        except Empty:
            problem = PortalUnreachable("no reply in time")
        if isinstance(problem, PortalUnreachable):
            _log.warning("the portal was not told %s", code)
        elif problem and not (isinstance(problem, PortalRefused) and problem.problem_code in _LATER):
            raise problem

    def _make(self, code: str, reply: SimpleQueue[Exception | None]) -> None:
        problem = None
        try:
            with self._turn:
                if self._newest is reply:
                    self._post(code)
        except Exception as raised:  # noqa: BLE001 (raised where it is waited for)
            problem = raised
        reply.put(problem)
