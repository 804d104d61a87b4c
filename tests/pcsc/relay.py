"""Stand in the daemon's network namespace and pass the bytes of each card on to its virtual reader."""

import contextlib
import socket
import sys
import threading
import time

VPCD = ("127.0.0.1", 35963)


def main(path):
    with socket.socket(socket.AF_UNIX) as entrance:
        entrance.bind(path)
        entrance.listen()
        while True:
            card, _ = entrance.accept()
            reader = reach_the_reader()
            for source, target in ((card, reader), (reader, card)):
                threading.Thread(target=pump, args=(source, target), daemon=True).start()


def reach_the_reader():
    while True:
        with contextlib.suppress(ConnectionRefusedError):
            return socket.create_connection(VPCD)
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
