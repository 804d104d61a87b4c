"""The way out to a business system: one POST, followed nowhere, over in time."""

import socket
import ssl
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import cache
from http.client import HTTPConnection, HTTPException
from threading import Timer
from time import monotonic
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

from portal.domain.formats.origin import is_handoff_url


class Answer(NamedTuple):
    """What a business system said: its status, or None and what was in the way."""

    status: int | None
    told: str
    retry_after: str | None = None


@cache
def trusting_this_computers_authorities() -> ssl.SSLContext:
    """Read the computer's authorities, once."""
    return ssl.create_default_context()


@dataclass(frozen=True)
class WebhookGateway:
    """Speaks https with a verified certificate; http on this machine alone, and only where `loopback` says so.

    Of an answer it reads the status and the headers, and nothing that comes after them.
    """

    loopback: bool
    seconds: float = 10
    tls: Callable[[], ssl.SSLContext] = trusting_this_computers_authorities

    def post(self, address: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Post once. What is in the way: address-refused, timeout, tls-failed, unreachable."""
        if not (is_handoff_url(address) and (self.loopback or address.startswith("https:"))):
            return Answer(None, "address-refused")
        deadline = monotonic() + self.seconds
        try:
            return self._post(address, headers, body)
        except (OSError, HTTPException) as error:
            if isinstance(error, TimeoutError) or monotonic() >= deadline:
                return Answer(None, "timeout")
            return Answer(None, "tls-failed" if isinstance(error, ssl.SSLError) else "unreachable")

    def _post(self, address: str, headers: Mapping[str, str], body: bytes) -> Answer:
        parts = urlsplit(address)
        secure, host = parts.scheme == "https", parts.hostname or ""
        port = parts.port or (443 if secure else 80)
        plain = self._connected(host, port)
        sock = self.tls().wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False) if secure else plain
        timer = Timer(self.seconds, _cut, [sock])  # the socket's own time begins anew with each byte
        timer.start()
        try:
            with closing(HTTPConnection(host, port)) as connection:
                connection.sock = sock
                if isinstance(sock, ssl.SSLSocket):
                    sock.do_handshake()
                fields = {"Host": parts.netloc, "Connection": "close", **headers}
                connection.request("POST", urlunsplit(("", "", parts.path or "/", parts.query, "")), body, fields)
                answer = connection.getresponse()
                return Answer(answer.status, str(answer.status), answer.getheader("Retry-After"))
        finally:
            timer.cancel()

    def _connected(self, host: str, port: int) -> socket.socket:
        """Connect to the first or the second address of a name; a name with many must not hold us up."""
        *first, last = (str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[:2])
        for address in first:
            with suppress(OSError):
                return socket.create_connection((address, port), self.seconds / 2)
        return socket.create_connection((last, port), self.seconds / 2)


def _cut(sock: socket.socket) -> None:
    with suppress(OSError):
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
