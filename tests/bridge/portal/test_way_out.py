"""The road to the portal: the address that answers first, the proxy that the system names, a clock that is wrong."""

import contextlib
import socket
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from reader_bridge.errors import ClockWrong, PortalUnreachable
from reader_bridge.portal import way_out
from reader_bridge.portal.client import PortalClient
from reader_bridge.portal.origin import Origin
from reader_bridge.portal.way_out import in_turns, proxy_for, trust_context
from tests.bridge.fake_portal import HANDLE, FakePortal
from tests.tls import make_authority

NEXT_ADDRESS = 1.0  # seconds, for a machine whose own work takes longer than the real 0.25
CONNECT = "CONNECT localhost:{port} HTTP/1."


class Proxy:
    """A proxy that passes CONNECT on, or refuses with a status; `asked` holds the heads it got."""

    def __init__(self, status=200):
        self.asked, self._status = [], status
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://citizen:p%40ss@127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._server.accept()
                head = b""
                while not head.endswith(b"\r\n\r\n"):
                    head += client.recv(1)
                self.asked.append(head.decode())
                client.sendall(f"HTTP/1.1 {self._status} x\r\n\r\n".encode())
                if self._status != 200:
                    client.close()
                    continue
                portal = socket.create_connection(("127.0.0.1", int(head.split()[1].rpartition(b":")[2])))
                for pair in ((client, portal), (portal, client)):
                    threading.Thread(target=pump, args=pair, daemon=True).start()

    def close(self):
        self._server.close()


def pump(source, target):
    with contextlib.suppress(OSError):
        while piece := source.recv(4096):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)


@pytest.fixture(params=[200])
def proxy(request, monkeypatch):
    proxy = Proxy(request.param)
    for name in ("no_proxy", "NO_PROXY", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", proxy.url)
    yield proxy
    proxy.close()


@pytest.fixture
def client(tls_portal, tls_authority):
    return PortalClient(Origin.parse(tls_portal.origin), trust=trust_context(tls_authority.trusted))


@pytest.fixture
def deaf():
    """Return an address that never answers: a listener whose queue is full."""
    listener = socket.socket(socket.AF_INET6)
    listener.bind(("::1", 0))
    listener.listen(0)
    callers = []
    for _ in range(4):
        callers.append(socket.socket(socket.AF_INET6))
        callers[-1].settimeout(0)
        callers[-1].connect_ex(listener.getsockname())
    yield listener.getsockname()
    for each in (*callers, listener):
        each.close()


def test_an_ipv6_address_that_leads_nowhere_costs_less_than_a_second_and_only_once(client, deaf, monkeypatch, in_time):
    monkeypatch.setattr(way_out, "_NEXT_ADDRESS", NEXT_ADDRESS)
    real = socket.getaddrinfo

    def both(_, port, *rest, **more):
        nowhere = (socket.AF_INET6, socket.SOCK_STREAM, 6, "", deaf)
        return [nowhere, *real("127.0.0.1", port, *rest, **more)]

    monkeypatch.setattr(socket, "getaddrinfo", both)
    begin = time.monotonic()
    client.claim(handle=HANDLE)
    first, begin = time.monotonic() - begin, time.monotonic()
    client.claim(handle=HANDLE)
    in_time(first, NEXT_ADDRESS + 1)
    assert first > NEXT_ADDRESS > time.monotonic() - begin


def test_an_address_that_refuses_gives_way_to_the_next(client, monkeypatch):
    monkeypatch.setattr(way_out, "_NEXT_ADDRESS", NEXT_ADDRESS)
    real = socket.getaddrinfo
    refusing = (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", 1, 0, 0))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *named, **more: [refusing, *real(*named, **more)])
    begin = time.monotonic()
    assert client.claim(handle=HANDLE)
    assert time.monotonic() - begin < NEXT_ADDRESS


def test_a_host_whose_addresses_are_all_silent_is_unreachable(client, deaf, monkeypatch):
    nowhere = [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", deaf)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: nowhere)
    monkeypatch.setattr(way_out, "TIMEOUT", 0.4)
    with pytest.raises(PortalUnreachable):
        client.claim(handle=HANDLE)


def test_the_families_take_turns():
    four, six = ([(family, n) for n in range(3)] for family in (4, 6))
    assert in_turns([*six, *four]) == [six[0], four[0], six[1], four[1], six[2], four[2]]


def test_the_proxy_of_the_system_is_the_way_out_and_tls_goes_through_it(client, proxy, tls_portal):
    assert client.claim(handle=HANDLE)
    port = tls_portal.origin.rpartition(":")[2]
    assert proxy.asked[0].startswith(CONNECT.format(port=port))
    assert "Proxy-Authorization: Basic Y2l0aXplbjpwQHNz" in proxy.asked[0]
    assert HANDLE not in proxy.asked[0]


@pytest.mark.parametrize("proxy", [403, 407, 502], indirect=True)
def test_a_proxy_that_refuses_leaves_the_portal_unreachable(client, proxy, tls_portal):
    with pytest.raises(PortalUnreachable):
        client.claim(handle=HANDLE)
    assert (len(proxy.asked), tls_portal.calls) == (1, [])


def test_no_proxy_is_asked_for_what_the_system_leaves_out(client, proxy, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "localhost,.example.jp")
    client.claim(handle=HANDLE)
    assert (proxy.asked, proxy_for(Origin.parse("https://id.example.jp"))) == ([], None)


def test_a_proxy_of_another_kind_is_said(monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "socks5://127.0.0.1:1080")
    with pytest.raises(PortalUnreachable, match="socks5"):
        proxy_for(Origin.parse("https://id.example.jp"))


def test_a_clock_ten_years_behind_is_told_with_both_dates_and_without_a_word_of_forgery(tmp_path):
    future = datetime.now(UTC) + timedelta(days=3652)
    authority = make_authority(tmp_path, now=future)
    portal = FakePortal(tls=authority.listener)
    client = PortalClient(Origin.parse(portal.origin), trust=trust_context(authority.trusted))
    with pytest.raises(ClockWrong) as told:
        client.claim(handle=HANDLE)
    portal.close()
    assert str(told.value) == f"{datetime.now(UTC):%Y-%m-%d} < {future - timedelta(days=1):%Y-%m-%d}"
    assert portal.calls == []
