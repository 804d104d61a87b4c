"""A port of loopback for a program that wants to be told its own."""

import socket

_held: list[socket.socket] = []


def reserved_port():
    """Return a port that the system gives nobody else until this process ends, where a program may listen by name.

    One that was found free and let go is another program's a moment later, when hundreds of tests ask for one.
    """
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))  # and never listens
    _held.append(held)
    return held.getsockname()[1]
