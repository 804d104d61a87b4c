"""Load on a server, `python -m bench.setting.load` in its own process: reads what to send, writes how long it took.

Connections stay open and requests are bytes made before, so that this process costs little beside the server.
"""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count, cycle
from time import perf_counter, sleep
from typing import Any, NamedTuple

CLIENTS = 8


class Answered(NamedTuple):
    """How many requests a second were answered, and how many seconds each one waited, the shortest wait first."""

    rate: float
    waits: list[float]

    def percentile(self, share: int) -> float:
        """Return the milliseconds within which so many of a hundred were answered."""
        return 1000 * self.waits[min(len(self.waits) * share // 100, len(self.waits) - 1)]


def load(
    address: str, requests: Sequence[str], seconds: float, *, clients: int = CLIENTS, rate: float | None = None
) -> Answered:
    """Send the requests in turn: each client as fast as it is answered, or all together so many a second.

    With a rate a request waits from the moment when it was due, so that a server that stands still is not spared.
    """
    task = {"address": address, "requests": requests, "seconds": seconds, "clients": clients, "rate": rate}
    done = subprocess.run(
        [sys.executable, "-m", "bench.setting.load"],
        input=json.dumps(task),
        text=True,
        check=True,
        stdout=subprocess.PIPE,
    )
    waits = sorted(json.loads(done.stdout))
    return Answered(len(waits) / seconds, waits)


def posted(path: str, body: str, *headers: str) -> str:
    """Write a POST of JSON to the host of the benches."""
    named = ("Host: id.example.jp", "Content-Type: application/json", f"Content-Length: {len(body.encode())}", *headers)
    return "\r\n".join((f"POST {path} HTTP/1.1", *named, "", body))


def _client(task: dict[str, Any], number: int, begin: float) -> Iterator[float]:
    host, _, port = task["address"].partition(":")
    requests = cycle([each.encode() for each in task["requests"][number :: task["clients"]]])
    with socket.create_connection((host, int(port))) as connection:
        for turn in count():
            now = due = perf_counter()
            if task["rate"]:
                due = begin + (turn * task["clients"] + number) / task["rate"]
                sleep(max(0, due - now))
            if max(now, due) - begin >= task["seconds"]:
                return
            connection.sendall(next(requests))
            _read_answer(connection)
            yield perf_counter() - due


def _read_answer(connection: socket.socket) -> None:
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += _received(connection)
    head, _, body = answer.partition(b"\r\n\r\n")
    if b" 200 " not in head[:20]:
        raise RuntimeError(answer.decode())
    missing = int(head.lower().split(b"content-length:")[1].split()[0]) - len(body)
    while missing > 0:
        missing -= len(_received(connection))


def _received(connection: socket.socket) -> bytes:
    if received := connection.recv(65536):
        return received
    raise ConnectionError


def main() -> None:
    """Carry out the task on standard input."""
    task, begin = json.load(sys.stdin), perf_counter()
    with ThreadPoolExecutor(task["clients"]) as threads:
        waits = threads.map(lambda number: list(_client(task, number, begin)), range(task["clients"]))
        json.dump([wait for each in waits for wait in each], sys.stdout)


if __name__ == "__main__":
    main()
