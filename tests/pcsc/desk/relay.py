"""Stand in the daemon's network namespace and pass the bytes of each card on to its virtual reader."""

import contextlib
import fcntl
import os
import socket
import struct
import sys
import threading
import time
from pathlib import Path

PORTS = {"reader": 35963, "second": 35964}  # of vpcd's two slots
SIOCSIFFLAGS, IFF_UP = 0x8914, 1


def main(path):
    raise_loopback()
    threading.Thread(target=end_with_the_tests, daemon=True).start()
    for name, port in PORTS.items():
        threading.Thread(target=serve, args=(f"{path}/{name}", port)).start()


def serve(path, port):
    with socket.socket(socket.AF_UNIX) as entrance:
        entrance.bind(f"{path}.bound")
        entrance.listen()
        Path(f"{path}.bound").rename(path)  # seen from now on, and listening
        while True:
            card, _ = entrance.accept()
            reader = reach_the_reader(port)
            for source, target in ((card, reader), (reader, card)):
                threading.Thread(target=pump, args=(source, target), daemon=True).start()


def raise_loopback():
    """Set the one interface of this namespace up, as `ip link set lo up` does (netdevice(7))."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", IFF_UP))


def end_with_the_tests():
    """Wait until who started us is gone; the namespace and the daemon in it go with us."""
    sys.stdin.read()
    os._exit(0)


def reach_the_reader(port):
    while True:
        with contextlib.suppress(ConnectionRefusedError):
            return socket.create_connection(("127.0.0.1", port))
        time.sleep(0.05)  # the daemon has not opened its reader yet


def pump(source, target):
    with contextlib.suppress(OSError):
        while piece := source.recv(4096):
            if source.family == socket.AF_INET:  # vpcd writes a length, then waits 40 ms for a delayed acknowledgement
                source.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            target.sendall(piece)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


if __name__ == "__main__":
    main(sys.argv[1])
