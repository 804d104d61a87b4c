"""Where `mykey serve` listens: taken before anything else is done, and asked about by `mykey doctor`."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Thread

from portal.domain.codes import Code
from portal.domain.errors import CommandRefused
from portal.gateways.webhook import trusting_this_computers_authorities


@contextmanager
def listening(at: str) -> Iterator[list[socket.socket]]:
    """Listen at each address of host:port until the block ends. Raises CommandRefused listen-refused, and its cause."""
    host, _, port = at.rpartition(":")
    name = None if host == "*" else host.strip("[]")
    with ExitStack() as stack:
        try:
            found = socket.getaddrinfo(name, int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
            addresses = dict.fromkeys((family, address) for family, _, _, _, address in found)
            sockets = [
                stack.enter_context(socket.create_server(address, family=family)) for family, address in addresses
            ]
        except (OSError, UnicodeError) as error:
            told = f"MYKEY_LISTEN: nobody can listen at {at}: {getattr(error, 'strerror', None) or 'no such name'}."
            raise CommandRefused(Code.LISTEN_REFUSED, told) from error
        yield sockets


def has_address(host: str) -> bool:
    """Tell whether a name is known as one of an address, as far as that can be learnt in a few seconds."""
    found: list[object] = []

    def ask() -> None:
        with suppress(OSError, UnicodeError):
            found.extend(socket.getaddrinfo(host, None))

    asking = Thread(target=ask, daemon=True)  # which nothing ends when no server of names answers
    asking.start()
    asking.join(3)
    return bool(found)


def is_portal(at: str) -> bool:
    """Tell whether a portal answers at host:port of this computer."""
    host, _, port = at.rpartition(":")
    name = "localhost" if host == "*" else host.strip("[]")
    with suppress(OSError, HTTPException), closing(HTTPConnection(name, int(port), timeout=5)) as connection:
        connection.request("GET", "/healthz")
        return connection.getresponse().read(4) == b"ok\n"
    return False


def status_at(host: str) -> int | None:
    """Ask for the first page as a citizen does, through the proxy; return its status, or None without an answer."""
    made = HTTPSConnection(host, timeout=5, context=trusting_this_computers_authorities())
    with suppress(OSError, HTTPException), closing(made) as connection:
        connection.request("GET", "/")
        return connection.getresponse().status
    return None
