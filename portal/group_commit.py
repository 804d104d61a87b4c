"""Group commit: what several threads ask at once is done in one act, and each is answered after that has committed.

It has no thread of its own, so that nothing starts with the portal and a fork, while nobody asks, takes nothing along:
who finds nobody at it does it, for all who wait at that moment; meanwhile the next ones gather, and the first of them
goes on.
"""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Generic, TypeVar

from sqlalchemy.exc import InterfaceError, InternalError, OperationalError

from portal.domain.codes import Code
from portal.domain.errors import PortalError, Refusal

_log = logging.getLogger(__name__)
Work = TypeVar("Work")
Answer = TypeVar("Answer")
AT_ONCE = 64
"""Works of one act."""
PATIENCE = 15.0
"""Seconds in which the turn of a work must come, as long as SQLite's writers wait."""
ALL_ALIKE = (Refusal, OperationalError, InternalError, InterfaceError)
"""What no work is the cause of. After a COMMIT that failed so, the works may be done: nobody tries them again."""


class _Asked(Generic[Work, Answer]):
    """A work in the queue, and what became of it; `woken` opens when it is done, or when it is to lead."""

    answer: Answer
    error: Exception | None = None
    leads = False

    def __init__(self, work: Work) -> None:
        self.work, self.woken = work, Lock()
        self.woken.acquire()


class Batches(Generic[Work, Answer]):
    """The queue of one kind of work; `do` does many as one act, or none of them, and returns their answers in order."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: deque[_Asked[Work, Answer]] = deque()
        self._led = False

    def ask(self, work: Work, do: Callable[[Sequence[Work]], Sequence[Answer]]) -> Answer:
        """Return the answer to a work as soon as it is committed.

        Raises what the work itself raised; PortalError unavailable where its turn did not come: then it is not done.
        """
        mine: _Asked[Work, Answer] = _Asked(work)
        with self._lock:
            self._waiting.append(mine)
            mine.leads, self._led = not self._led, True
        if not mine.leads and not mine.woken.acquire(timeout=PATIENCE):
            self._take_back(mine)
        if mine.leads:
            self._lead(mine, do)
        if mine.error:
            raise mine.error
        return mine.answer

    def _take_back(self, mine: _Asked[Work, Answer]) -> None:
        """Take a work out of the queue, or wait for what is about to be done."""
        with self._lock:
            if mine in self._waiting and not mine.leads:
                self._waiting.remove(mine)
                _log.error("no turn within %s seconds: is the database's write lock held by another program?", PATIENCE)
                raise PortalError(Code.UNAVAILABLE)
        mine.woken.acquire()

    def _lead(self, mine: _Asked[Work, Answer], do: Callable[[Sequence[Work]], Sequence[Answer]]) -> None:
        """Do what waits, mine first; then let the first of those who have come meanwhile lead."""
        with self._lock:
            batch = [self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting)))]
        try:
            _do(batch, do)
        finally:
            with self._lock:
                self._led = bool(self._waiting)
                following = [self._waiting[0]] if self._waiting else []
                for each in following:
                    each.leads = True
            for each in (*following, *batch):
                if each is not mine:
                    each.woken.release()


def _do(batch: Sequence[_Asked[Work, Answer]], do: Callable[[Sequence[Work]], Sequence[Answer]]) -> None:
    """Do all at once; where one of them is in the way, each alone, so that it fails alone."""
    try:
        for each, answer in zip(batch, do([each.work for each in batch]), strict=True):
            each.answer = answer
    except Exception as error:  # noqa: BLE001 - it is raised where the work was asked
        if len(batch) > 1 and not isinstance(error, ALL_ALIKE):
            for each in batch:
                _do([each], do)
        else:
            for each in batch:
                each.error = error
