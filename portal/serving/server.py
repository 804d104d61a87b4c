"""The server of `mykey serve`: waitress, which has a request whole before a thread works on it, with less patience.

Whoever sends or reads slowly holds a connection and no thread, and there are not many connections for such.
"""

import os
import signal
import socket
from contextlib import suppress
from errno import ENOSPC
from functools import partial
from io import RawIOBase
from threading import Event
from time import monotonic
from types import SimpleNamespace
from typing import Any

import waitress
from waitress import wasyncore
from waitress.buffers import OverflowableBuffer
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import BaseWSGIServer
from waitress.utilities import RequestEntityTooLarge

from portal.config import THREADS
from portal.web.request_hooks import LARGEST_BODY, LARGEST_FILE, WITH_FILES

SERVER = {
    "threads": THREADS,
    # X-Forwarded-For is believed or not by the portal itself (MYKEY_TRUSTED_PROXIES)
    "clear_untrusted_proxy_headers": False,
    "max_request_body_size": LARGEST_BODY + 1,
    "max_request_header_size": 32 * 1024,
    "connection_limit": 1000,
    "asyncore_use_poll": True,  # select() would end the server at its 1,024th open file
    "channel_timeout": 30,
    "outbuf_high_watermark": 1 << 30,  # for who reads slowly, a reply waits in a temporary file, and no thread with it
}
WAITING_OF_ONE, WAITING = 100, 800
"""Connections without a whole request that one address may have, and all together; the oldest goes for the next."""
SECONDS, BYTES_A_SECOND = 20.0, 8 * 1024
"""A request has so long to come, and a second more for each so many bytes that have."""
DRAINED = 5.0
"""Seconds in which the rest of a refused body is thrown away: a connection closed earlier takes the refusal along."""
ARRIVES_WITHIN = 1.0
"""Seconds in which a connection that was taken before a signal to end may still bring its first request."""
ENDS_WITHIN = 8.0
"""Seconds in which what has come is answered after a signal to end; containers are killed after ten."""


def make_server(app: Any, *, behind_proxy: bool = False, **where: Any) -> Any:
    """Make the server, listening where waitress's settings say; `run` serves.

    Behind a proxy everybody comes from one address, which has as many connections as all together.
    """
    there: dict[int, Any] = {}
    server = waitress.create_server(app, map=there, **SERVER, **where)
    for each in there.values():
        if isinstance(each, BaseWSGIServer):
            each.channel_class, each.waiting_of_one = Channel, WAITING if behind_proxy else WAITING_OF_ONE
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
    arrived, until = monotonic() + ARRIVES_WITHIN, monotonic() + ENDS_WITHIN
    for each in list(there.values()):
        if isinstance(each, BaseWSGIServer):
            _take_who_waits(each)
            wasyncore.dispatcher.close(each)  # and not its trigger, which those who answer still pull
    while monotonic() < until and any(
        isinstance(each, HTTPChannel)
        and (each.requests or each.total_outbufs_len or (each.silent and monotonic() < arrived))
        for each in there.values()
    ):
        turn(0.1)
    server.task_dispatcher.shutdown(timeout=1)
    wasyncore.close_all(there)


def _take_who_waits(server: Any) -> None:
    """Take every connection that the system has already made; it would reset them when the socket is closed."""
    there = -1
    while there != len(server.active_channels):
        there = len(server.active_channels)
        server.handle_accept()


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
    """A request whose body is left on the line if it is too large: the portal says so in its reader's language."""

    too_large = False

    def parse_header(self, header_plus: bytes) -> None:
        try:
            super().parse_header(header_plus)
        except ValueError:  # Python reads no number of more than 4,300 digits
            raise ParsingError("Content-Length is invalid") from None
        if self.body_rcv is not None:  # type: ignore[has-type]
            self.body_rcv.buf = Body(self.adj.inbuf_overflow)  # type: ignore[has-type]
        if self.path in WITH_FILES:
            self.adj = SimpleNamespace(max_request_body_size=LARGEST_FILE + 1)

    def received(self, data: bytes) -> int:
        """Take in what came; where the body is too large, keep the length alone and want no more."""
        consumed: int = super().received(data)
        if not isinstance(self.error, RequestEntityTooLarge):  # type: ignore[has-type]
            return consumed
        self.close()
        self.headers["CONTENT_LENGTH"] = str(max(self.content_length, self.body_bytes_received))
        self.headers["CONNECTION"] = "close"
        self.error = self.body_rcv = None
        self.expect_continue, self.too_large = False, True
        return len(data)


class Channel(HTTPChannel):  # type: ignore[misc]
    """A connection that knows until when its next request must have come."""

    parser_class = Request
    began: float | None = None
    came = 0
    refuses = drains = False
    silent = True
    """Whether no request has come over it yet."""

    def __init__(self, server: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(server, *args, **kwargs)
        waiting = [each for each in server.active_channels.values() if not (each.requests or each.will_close)]
        of_one = [each for each in waiting if each.addr[0] == self.addr[0]]
        for those, most in ((of_one, server.waiting_of_one), (waiting, WAITING)):
            if len(those) > most:
                those[0].will_close = True

    def writable(self) -> bool:
        """Look at the time as well: the server's loop asks at least once a second."""
        if self.began is not None and monotonic() > self.began + SECONDS + self.came / BYTES_A_SECOND:
            self.will_close = True
        if self.requests and not self.will_close and self.total_outbufs_len < self.adj.outbuf_high_watermark:
            return False  # its thread sends; the loop would only turn meanwhile, and keep the interpreter from it
        return bool(super().writable())

    def received(self, data: bytes) -> bool:
        if self.drains:
            return False
        self.began, self.came = self.began or monotonic(), self.came + len(data)
        taken = bool(super().received(data))
        if self.request is None:
            self.began, self.came, self.silent = None, 0, False
        return taken

    def service(self) -> None:
        self.refuses = self.requests[0].too_large
        super().service()

    def handle_close(self) -> None:
        """Close; where a body was left on the line, end our side alone and throw away what still comes."""
        if self.refuses and self.connected:
            self.refuses, self.drains, self.will_close = False, True, False
            self.began, self.came = monotonic() + DRAINED - SECONDS, 0
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_WR)
        else:
            super().handle_close()
