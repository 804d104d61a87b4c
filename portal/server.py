"""The server of `mykey serve`: waitress, which has a request whole before a thread works on it."""

import os
import signal
from contextlib import suppress
from errno import ENOSPC
from functools import partial
from io import RawIOBase
from threading import Event
from time import monotonic
from typing import Any

import waitress
from waitress import wasyncore
from waitress.buffers import OverflowableBuffer
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import BaseWSGIServer

from portal.config import THREADS

LARGEST_BODY = 9 * 1024 * 1024
"""A file of links is the largest thing that comes; a body lies on disk until its page has looked at who sent it."""
SERVER = {
    "threads": THREADS,
    # X-Forwarded-For is believed or not by the portal itself (MYKEY_TRUSTED_PROXIES)
    "clear_untrusted_proxy_headers": False,
    "max_request_body_size": LARGEST_BODY,
    "connection_limit": 1000,  # idle ones cost little, and a hundred of them must not shut everybody out
    "channel_timeout": 30,
}
DRAIN_SECONDS = 8
"""How long what has come is answered after a signal to end; containers are killed after ten."""


def make_server(app: Any, **where: Any) -> Any:
    """Make the server, listening where waitress's settings say; `run` serves."""
    there: dict[int, Any] = {}
    server = waitress.create_server(app, map=there, **SERVER, **where)
    for each in there.values():
        if isinstance(each, BaseWSGIServer):
            each.channel_class = Channel
    server.there = there
    return server


def run(server: Any) -> None:
    """Serve until SIGTERM or Ctrl+C; then take nothing new, answer what has come, and end."""
    ended, there = Event(), server.there
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    turn = partial(wasyncore.loop, use_poll=server.adj.asyncore_use_poll, map=there, count=1)
    while not ended.is_set():
        turn(server.adj.asyncore_loop_timeout)
    until = monotonic() + DRAIN_SECONDS
    for each in list(there.values()):
        if isinstance(each, BaseWSGIServer):
            wasyncore.dispatcher.close(each)  # and not its trigger, which those who answer still pull
    while monotonic() < until and any(
        isinstance(each, HTTPChannel) and (each.requests or each.total_outbufs_len) for each in there.values()
    ):
        turn(0.1)
    server.task_dispatcher.shutdown(timeout=1)
    wasyncore.close_all(there)


class _NoRoom(RawIOBase):
    """What is read of a body that the disk had no room for."""

    def readinto(self, _buffer: Any) -> int:
        raise OSError(ENOSPC, os.strerror(ENOSPC))


class Body(OverflowableBuffer):  # type: ignore[misc]  # waitress has no types
    """A body that is thrown away where the disk has no room for it, so that its sender hears of it in words."""

    room = True

    def append(self, data: bytes) -> None:
        try:
            if self.room:
                super().append(data)
        except OSError:
            self.room = False
            with suppress(OSError):
                self.close()

    def getfile(self) -> Any:
        return super().getfile() if self.room else _NoRoom()


class Request(HTTPRequestParser):  # type: ignore[misc]
    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        if self.body_rcv is not None:
            self.body_rcv.buf = Body(self.adj.inbuf_overflow)


class Channel(HTTPChannel):  # type: ignore[misc]
    parser_class = Request
