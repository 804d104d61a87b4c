"""The way out to a business system, over real sockets."""

import socket
import ssl
from contextlib import contextmanager
from threading import Thread
from time import monotonic, sleep

import pytest

from portal.gateways.webhook import Answer, WebhookGateway
from tests.tls import make_authority

OK = b"HTTP/1.1 204 No Content\r\n\r\n"
BODY = '{"名": 1}'.encode()


def request(sock):
    """Read a whole request, or the first bytes of what is none."""
    said = sock.recv(65536)
    while said.startswith(b"POST") and not said.endswith((BODY, b"Length: 0\r\n\r\n")):
        said += sock.recv(65536)
    return said


@contextmanager
def listening(answer, wrap=lambda sock: sock):
    """Serve one connection after the other: `answer` writes on the socket, or is what to write after the request."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        heard = []

        def serve():
            while True:
                try:
                    plain, _ = server.accept()
                    with wrap(plain) as sock:
                        heard.append(request(sock))
                        answer(sock) if callable(answer) else sock.sendall(answer)
                except OSError:
                    if server.fileno() < 0:
                        return

        Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1], heard
        socket.socket.shutdown(server, socket.SHUT_RDWR)


def post(port, path="/", *, host="127.0.0.1", seconds=5.0):
    return WebhookGateway(loopback=True, seconds=seconds).post(f"http://{host}:{port}{path}", {"webhook-id": "a"}, BODY)


def test_it_posts_the_very_bytes_and_headers():
    with listening(OK) as (port, heard):
        assert post(port, "/hooks/mykey?desk=1") == Answer(204, "204", None)
    head, _, body = heard[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /hooks/mykey?desk=1 HTTP/1.1"
    assert {f"Host: 127.0.0.1:{port}", "webhook-id: a", f"Content-Length: {len(BODY)}"} <= set(lines)
    assert body == BODY


def test_a_redirect_is_an_answer_and_is_not_followed():
    with listening(OK) as (elsewhere, heard):
        moved = f"HTTP/1.1 307 Moved\r\nLocation: http://127.0.0.1:{elsewhere}/\r\n\r\n".encode()
        with listening(moved) as (port, _):
            assert post(port).status == 307
    assert heard == []


def test_it_tells_when_to_come_back():
    with listening(b"HTTP/1.1 503 Busy\r\nRetry-After: 120\r\n\r\n") as (port, _):
        assert post(port) == Answer(503, "503", "120")


def drip(sock):
    with_end = b"HTTP/1.1 200 OK\r\nX: " + b"y" * 10_000
    for byte in with_end:
        sock.sendall(bytes([byte]))
        sleep(0.05)


@pytest.mark.parametrize("answer", [lambda sock: sock.recv(1), drip], ids=["silent", "a byte now and then"])
def test_a_slow_answer_is_cut_off_in_time(answer):
    with listening(answer) as (port, _):
        begin = monotonic()
        assert post(port, seconds=0.5) == Answer(None, "timeout")
        assert monotonic() - begin < 2


def test_of_a_name_with_many_silent_addresses_two_are_tried_in_the_time_of_one(monkeypatch):
    tried = []

    def silent(address, seconds):
        tried.append((address, seconds))
        raise TimeoutError

    found = [(None, None, 6, "", (f"192.0.2.{number}", 443)) for number in range(8)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    monkeypatch.setattr(socket, "create_connection", silent)
    assert post(443, host="localhost") == Answer(None, "timeout")
    assert tried == [(("192.0.2.0", 443), 2.5), (("192.0.2.1", 443), 2.5)]


def test_what_comes_after_the_headers_is_not_read():
    def endless(sock):
        sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            sock.sendall(bytes(65536))

    with listening(endless) as (port, _):
        assert post(port).status == 200


@pytest.mark.parametrize("answer", [b"SSH-2.0-x\r\n", b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200, b"", b"x" * 70_000])
def test_what_is_no_answer_is_none(answer):
    with listening(answer) as (port, _):
        assert post(port) == Answer(None, "unreachable")


def test_nobody_there_is_told():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert post(port) == Answer(None, "unreachable")
    assert WebhookGateway(loopback=True).post("https://nowhere.invalid/", {}, b"") == Answer(None, "unreachable")


@pytest.mark.parametrize(
    ("address", "loopback"),
    [
        ("http://127.0.0.1:1/", False),
        ("http://desk.example.jp/", True),
        ("https://user@desk.example.jp/", True),
        ("https://169.254.169.254/latest", True),
        ("https://desk.example.jp/\r\nX: y", True),
        ("https://desk.example.jp/#x", True),
        ("https://図書館.example.jp/", True),
        ("file:///etc/passwd", True),
        ("", True),
    ],
)
def test_an_address_that_it_does_not_speak_to(address, loopback):
    assert WebhookGateway(loopback=loopback).post(address, {}, b"") == Answer(None, "address-refused")


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return make_authority(tmp_path_factory.mktemp("tls"))


def test_it_speaks_https_with_a_certificate_that_it_verified(authority):
    def wrap(sock):
        return authority.listener.wrap_socket(sock, server_side=True)

    trusting = WebhookGateway(loopback=False, tls=lambda: ssl.create_default_context(cafile=authority.trusted))
    with listening(OK, wrap) as (port, heard):
        address = f"https://localhost:{port}/hook"
        assert WebhookGateway(loopback=False).post(address, {}, BODY) == Answer(None, "tls-failed")
        assert heard == []
        assert trusting.post(address, {}, BODY).status == 204
        assert heard[0].startswith(b"POST /hook HTTP/1.1\r\n")


def test_a_server_that_does_not_speak_tls_is_cut_off_too():
    with listening(lambda sock: sock.recv(1)) as (port, _):
        begin = monotonic()
        assert WebhookGateway(loopback=False, seconds=0.5).post(f"https://localhost:{port}/", {}, b"").told == "timeout"
        assert monotonic() - begin < 2
