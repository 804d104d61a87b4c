"""The server of `mykey serve`, over real sockets: who is slow, or sends too much, keeps nobody out."""

import socket
import threading
from contextlib import suppress
from functools import partial
from time import monotonic, sleep

import pytest
from waitress import wasyncore

from portal.serving import server as module
from portal.serving.server import SERVER, WAITING_OF_ONE, Channel, make_server
from portal.web.request_hooks import LARGEST_BODY
from tests.conftest import sqlite_alone as database  # noqa: F401 (a fixture)
from tests.waiting import wait_until

HOST = "Host: id.example.jp\r\n"
PAGE = f"GET /stop HTTP/1.1\r\n{HOST}Connection: close\r\n\r\n"
JSON = "Content-Type: application/json\r\n"


class Served:
    """A server in a thread of its own, and connections to it from addresses of the loopback."""

    def __init__(self, app, **options):
        self.server, self.opened = make_server(app, listen="127.0.0.1:0", **options), []
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()

    def connect(self, text="", address="127.0.0.1"):
        connection = socket.create_connection(
            ("127.0.0.1", self.server.effective_port), timeout=20, source_address=(address, 0)
        )
        self.opened.append(connection)
        connection.sendall(text.encode())
        return connection

    def page(self, address="127.0.0.1"):
        """Return the first bytes of a page, and the seconds that it took."""
        began = monotonic()
        return self.connect(PAGE, address).recv(12), monotonic() - began

    def close(self):
        for each in self.opened:
            each.close()
        wait_until(lambda: not self.server.active_channels)
        self.server.trigger.pull_trigger(partial(wasyncore.close_all, self.server._map))
        self.thread.join(20)
        self.server.task_dispatcher.shutdown()
        assert not self.thread.is_alive()


@pytest.fixture
def served(app):
    served = Served(app)
    yield served
    served.close()


def whole(connection):
    """Read to the end, which must be orderly."""
    text = b""
    while part := connection.recv(65536):
        text += part
    return text.decode()


def post(path, length, more=""):
    return f"POST {path} HTTP/1.1\r\n{HOST}{more}Content-Length: {length}\r\n\r\n"


TOO_LARGE = {
    "announced": (post("/stop", 1 << 40), "/stop"),
    "announced, and asked first": (post("/stop", LARGEST_BODY + 1, "Expect: 100-continue\r\n"), "/stop"),
    "one byte too many": (post("/stop", LARGEST_BODY + 1), "/stop"),
    "a file, where files are": (post("/provider/imports", 9 * 1024 * 1024 + 1), "/provider/imports"),
    "in pieces": (f"POST /stop HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n", "/stop"),
    "a call": (post("/api/v1/taps", LARGEST_BODY + 1, JSON), "/api/v1/taps"),
}


@pytest.mark.parametrize("case", TOO_LARGE)
def test_a_body_that_is_too_large_is_refused_in_words_before_it_is_read(served, case):
    head, path = TOO_LARGE[case]
    connection = served.connect(head)
    if case == "in pieces":
        connection.sendall(b"8000\r\n" + b"x" * 0x8000 + b"\r\n" + b"8001\r\n" + b"x" * 0x8001 + b"\r\n")
    reply = whole(connection)
    assert reply.startswith("HTTP/1.1 413 ")
    assert "body-too-large" in reply
    assert "application/problem+json" in reply if path.startswith("/api/") else "送られたデータが大きすぎます" in reply


def test_who_goes_on_sending_what_was_refused_still_reads_why_and_then_is_left(served, monkeypatch):
    monkeypatch.setattr(module, "DRAINED", 1.0)
    connection = served.connect(post("/stop", 1 << 30))
    assert connection.recv(12) == b"HTTP/1.1 413"
    began = monotonic()
    with suppress(OSError):
        while monotonic() < began + 15:
            connection.sendall(b"x" * 65536)
    assert 0.5 < monotonic() - began < 10


@pytest.mark.parametrize(
    ("path", "length", "status"), [("/stop", LARGEST_BODY, 400), ("/provider/imports", 5 * 1024 * 1024, 403)]
)
def test_a_body_up_to_the_limit_is_read(served, path, length, status):
    connection = served.connect(post(path, length, "Connection: close\r\n"))
    connection.sendall(b"x" * length)
    assert whole(connection).startswith(f"HTTP/1.1 {status} ")  # no form's token, and nobody of staff


SLOW = {
    "nothing": "",
    "half a line": "GET /st",
    "half a head": f"GET /stop HTTP/1.1\r\n{HOST}",
    "half a body": post("/stop", 60_000) + "x",
}


@pytest.mark.parametrize("case", SLOW)
def test_of_one_address_a_hundred_wait_the_oldest_goes_first_and_others_have_their_pages(served, case):
    slow = [served.connect(SLOW[case]) for _ in range(WAITING_OF_ONE + 20)]
    assert served.page() == (b"HTTP/1.1 200", pytest.approx(0, abs=5))
    assert served.page("127.0.0.2")[0] == b"HTTP/1.1 200"
    for each in slow[:20]:
        assert each.recv(1) == b""
    slow[-1].settimeout(0.2)
    with pytest.raises(TimeoutError):
        slow[-1].recv(1)


def test_behind_a_proxy_which_is_one_address_a_hundred_slow_ones_cut_off_nobody(app):
    """Caddy hands a reply on as fast as its reader takes it: a hundred downloads of an installer, say."""
    served = Served(app, behind_proxy=True)
    first = served.connect(PAGE[:-2])
    for _ in range(WAITING_OF_ONE + 20):
        served.connect(SLOW["half a body"])
    assert served.page()[0] == b"HTTP/1.1 200"
    first.sendall(PAGE[-2:].encode())
    assert first.recv(12) == b"HTTP/1.1 200"
    served.close()


def test_a_length_of_more_digits_than_a_number_has_is_refused(served, caplog):
    connection = served.connect(post("/stop", "9" * 5000))
    assert whole(connection).startswith("HTTP/1.1 400 ")
    assert not caplog.records


def test_a_request_that_trickles_ends_in_time(served, monkeypatch):
    monkeypatch.setattr(module, "SECONDS", 1.0)
    connection, began = served.connect(post("/stop", 60_000)), monotonic()
    connection.settimeout(0.1)
    closed = False
    while not closed and monotonic() < began + 15:
        try:
            connection.sendall(b"x")
            closed = connection.recv(1) == b""
        except TimeoutError:
            pass
        except OSError:
            closed = True
    assert closed
    assert 0.8 < monotonic() - began < 10


def test_a_connection_goes_on_after_a_request_and_the_time_of_the_next_begins_with_it(served, monkeypatch):
    monkeypatch.setattr(module, "SECONDS", 0.5)
    connection = served.connect(f"GET /healthz HTTP/1.1\r\n{HOST}\r\n")
    assert connection.recv(12) == b"HTTP/1.1 200"
    connection.settimeout(1.5)
    with suppress(TimeoutError):
        while connection.recv(65536):
            pass
    connection.sendall(f"GET /healthz HTTP/1.1\r\n{HOST}\r\n".encode())
    assert connection.recv(12) == b"HTTP/1.1 200"


def test_a_reply_that_nobody_reads_keeps_no_thread(app, served):
    """As many as there are threads, and one more; each reply is far larger than what the kernel takes."""
    app.add_url_rule("/rows", "rows", lambda: (b"x" * 65536 for _ in range(300)))
    slow = [served.connect(f"GET /rows HTTP/1.1\r\n{HOST}\r\n") for _ in range(SERVER["threads"] + 1)]
    assert [each.recv(12) for each in slow] == [b"HTTP/1.1 200"] * len(slow)
    assert served.page()[0] == b"HTTP/1.1 200"


def test_the_loop_does_not_turn_while_a_thread_sends_its_reply(served, monkeypatch):
    """It would keep the interpreter from that thread, for milliseconds of each reply."""
    reached, go_on, turns = threading.Event(), threading.Event(), []
    send, write = Channel.send, Channel.handle_write

    def sends(*args, **options):
        reached.set()
        assert go_on.wait(20)
        return send(*args, **options)

    monkeypatch.setattr(Channel, "send", sends)
    monkeypatch.setattr(Channel, "handle_write", lambda channel: turns.append(1) or write(channel))
    page = served.connect(PAGE)
    assert reached.wait(20)
    served.connect()  # which wakes the loop
    wait_until(lambda: len(served.server.active_channels) == 2)
    sleep(0.1)
    go_on.set()
    assert whole(page).startswith("HTTP/1.1 200")
    assert len(turns) <= 2  # to close the connection
