"""Put a virtual card into the PC/SC virtual reader of vsmartcard (vpcd.h: a length of two bytes, then the payload)."""

import contextlib
import socket

from demo.virtual_card.card import VirtualCard
from reader_bridge.errors import CardRemoved

PORT = 35963  # of vpcd's first slot
_OFF, _ON, _RESET, _ATR = b"\x00", b"\x01", b"\x02", b"\x04"


def reach(host: str, port: int = PORT) -> socket.socket:
    """Connect to vpcd; raise OSError when none listens there."""
    return socket.create_connection((host, port))


def serve(card: VirtualCard, connection: socket.socket) -> None:
    """Answer the reader until one of the two ends the connection, which is pulling the card out."""
    with connection, contextlib.suppress(OSError, CardRemoved):
        while (payload := _receive(connection)) is not None:
            answer = _answer(card, payload)
            if answer is not None:
                connection.sendall(len(answer).to_bytes(2) + answer)
            if card.gone:
                break
    card.power_off()


def _answer(card: VirtualCard, payload: bytes) -> bytes | None:
    if len(payload) > 1:
        return card.respond(payload)
    if payload == _ATR:
        return b"" if card.quirks.mute else card.atr
    {_OFF: card.power_off, _ON: card.power_on, _RESET: card.reset}.get(payload, card.reset)()
    return None


def _receive(connection: socket.socket) -> bytes | None:
    """Read one payload; None when the connection has been closed."""
    length = _exactly(connection, 2)
    return _exactly(connection, int.from_bytes(length)) if length else None


def _exactly(connection: socket.socket, count: int) -> bytes | None:
    received = b""
    while len(received) < count:
        piece = connection.recv(count - len(received))
        if not piece:
            return None
        received += piece
    return received
