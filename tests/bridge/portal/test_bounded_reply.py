"""Whatever a server sends, the bridge stops listening in time and says why."""

import socket
import threading
from contextlib import contextmanager, suppress
from itertools import repeat
from time import monotonic, sleep

import pytest

from reader_bridge.errors import PortalReplyMalformed, PortalUnreachable
from reader_bridge.portal import bounded_reply, client
from reader_bridge.portal.client import PortalClient
from reader_bridge.portal.origin import Origin
from tests.bridge.fake_portal import HANDLE

CHUNKED = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
NO_REPLY = (PortalReplyMalformed, PortalUnreachable)


@contextmanager
def server_that_sends(pieces, pause=0.0, **client):
    """Serve one caller, until the pieces end or the caller hangs up; give its client."""

    def serve():
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            connection.recv(4096)
            for piece in pieces:
                connection.sendall(piece)
                sleep(pause)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield PortalClient(Origin.parse(f"http://127.0.0.1:{listener.getsockname()[1]}"), **client)
        thread.join()


def test_what_is_not_http_is_malformed():
    with server_that_sends([b"SSH-2.0-something\r\n"]) as client, pytest.raises(PortalReplyMalformed):
        client.claim(handle=HANDLE)


@pytest.mark.parametrize("size", [b"-5", b"-1", b"", b"zz"])
def test_a_chunk_of_no_size_is_no_reply(size):
    with server_that_sends([CHUNKED + size + b"\r\n{}\r\n"]) as client, pytest.raises(NO_REPLY):
        client.claim(handle=HANDLE)


@pytest.mark.parametrize("piece", [CHUNKED + b"-1\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"])
def test_a_reply_without_end_is_left(piece):
    with server_that_sends(repeat(piece)) as client, pytest.raises(PortalReplyMalformed, match="too long"):
        client.claim(handle=HANDLE)


def test_a_byte_now_and_then_keeps_nobody_waiting(monkeypatch):
    monkeypatch.setattr(bounded_reply, "TIMEOUT", 0.3)
    began = monotonic()
    with server_that_sends(repeat(b"H"), pause=0.05) as client, pytest.raises(PortalUnreachable, match="Timeout"):
        client.claim(handle=HANDLE)
    assert monotonic() - began < 5


def test_a_portal_that_does_not_answer_is_told_once_before_it_is_given_up(monkeypatch):
    assert client.SLOW < 5
    monkeypatch.setattr(client, "SLOW", 0.1)
    monkeypatch.setattr(bounded_reply, "TIMEOUT", 2.0)
    told = []
    with server_that_sends(repeat(b"H"), pause=0.05, slow=lambda: told.append("slow")) as slow:
        with pytest.raises(PortalUnreachable):
            slow.claim(handle=HANDLE)
        assert told == ["slow"]
