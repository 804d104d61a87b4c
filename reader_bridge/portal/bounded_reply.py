"""A reply over HTTP that ends in time and in length, in however many pieces it comes."""

import http.client
import socket
from io import BufferedReader, RawIOBase
from time import monotonic
from typing import TYPE_CHECKING

from reader_bridge.errors import PortalReplyMalformed

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

TIMEOUT = 15.0  # seconds, for each of: connecting, the TLS handshake, sending, the whole reply
MAX_BYTES = 64 * 1024  # of one reply on the wire, headers and interim replies included


class BoundedReply(http.client.HTTPResponse):
    """Raise TimeoutError past the deadline, PortalReplyMalformed past the length."""

    def __init__(
        self, sock: socket.socket, debuglevel: int = 0, method: str | None = None, url: str | None = None
    ) -> None:
        super().__init__(sock, debuglevel, method, url)
        self.fp = BufferedReader(_Incoming(sock, self.fp.detach()))


class _Incoming(RawIOBase):
    def __init__(self, sock: socket.socket, stream: RawIOBase) -> None:
        self._sock, self._stream = sock, stream
        self._deadline, self._room = monotonic() + TIMEOUT, MAX_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int | None:
        left = self._deadline - monotonic()
        if left <= 0:
            raise TimeoutError
        self._sock.settimeout(left)
        count = self._stream.readinto(buffer)
        self._room -= count or 0
        if self._room < 0:
            raise PortalReplyMalformed("the reply is too long")
        return count

    def close(self) -> None:
        self._stream.close()
        super().close()
