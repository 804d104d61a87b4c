"""Several processes of `mykey serve` on one listening socket: who dies is replaced, and all end in order together."""

import logging
import os
import signal
from collections.abc import Callable
from threading import Thread
from time import monotonic, sleep

YOUNG = 2.0
"""Seconds; a process that dies sooner is replaced no faster, so that what is wrong for good keeps no host busy."""
ENDING = (signal.SIGTERM, signal.SIGINT)
HEARD = {*ENDING, signal.SIGCHLD}
_log = logging.getLogger(__name__)


def run_several(number: int, serve: Callable[[], None]) -> None:
    """Keep so many processes, each of which serves, until SIGTERM or Ctrl+C; then wait until each has ended in order.

    They are forked, so nobody has begun a thread or opened the database before. Where this process is killed they end
    too.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, HEARD)
    alive, ours = os.pipe()
    begun: dict[int, float] = {}

    def begin() -> None:
        if child := os.fork():
            begun[child] = monotonic()
            return
        os.close(ours)
        Thread(target=_end_with_parent, args=(alive,), daemon=True).start()
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        _serve_and_exit(serve)

    for _ in range(number):
        begin()
    while signal.sigwait(HEARD) not in ENDING:
        for child, status in _ended(begun):
            _log.error("Process %d ended (%d); another takes its place.", child, os.waitstatus_to_exitcode(status))
            sleep(max(0.0, begun.pop(child) + YOUNG - monotonic()))
            begin()
    for child in begun:
        os.kill(child, signal.SIGTERM)
    for child in begun:
        os.waitpid(child, 0)
    signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _ended(begun: dict[int, float]) -> list[tuple[int, int]]:
    """Return which of our processes ended, and how; one signal may stand for several."""
    return [(child, status) for child, status in (os.waitpid(each, os.WNOHANG) for each in [*begun]) if child]


def _end_with_parent(alive: int) -> None:
    os.read(alive, 1)  # which is there when nobody can write any more
    os.kill(os.getpid(), signal.SIGTERM)


def _serve_and_exit(serve: Callable[[], None]) -> None:
    """Serve, and leave what the first process has to be closed to it."""
    code = 1
    try:
        serve()
        code = 0
    except Exception:  # noqa: BLE001 - whatever it is, this process must not go on as the first one
        _log.exception("A process cannot serve.")
    finally:
        os._exit(code)
