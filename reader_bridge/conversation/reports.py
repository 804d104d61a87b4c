"""What the waiting page is told, in order, by a conversation that waits for no portal longer than a person would."""

from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Lock, Thread

from reader_bridge.errors import PortalUnreachable

PATIENCE = 2.0  # seconds for the reply to a report; the conversation then goes on without it


class Reports:
    """Each report is made in a thread of its own, after the one before it, and not at all once there is a newer one."""

    def __init__(self, post: Callable[[str], None]) -> None:
        self._post, self._turn = post, Lock()
        self._newest: object = None

    def tell(self, code: str) -> None:
        """Tell the page; raise what the portal says to that, PortalUnreachable when it says nothing in time."""
        reply: SimpleQueue[Exception | None] = SimpleQueue()
        self._newest = reply
        Thread(target=self._make, args=(code, reply), daemon=True).start()
        try:
            problem = reply.get(timeout=PATIENCE)
        except Empty:
            raise PortalUnreachable("no reply in time") from None
        if problem:
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
