"""The proxies of deploy/proxy, and none: 1,000 slow connections keep nobody else waiting (`make test-proxies`)."""

import os
import re
import socket
import ssl
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, sleep

import pytest

from tests.authority import Authority
from tests.ports import reserved_port
from tests.tls import make_authority
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
PROGRAMS = ROOT / "build" / "proxies" / "usr"
SLOW, PAGES, P99 = 1000, 300, 0.5
FRONTS = ("bare", "caddy", "nginx")
SECRET = "SUZUKITARO0099"


@contextmanager
def running(command, log, **settings):
    """Let a program run in a session of its own, and end it."""
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, cwd=ROOT, **settings)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


class Front:
    """A portal as its visitors reach it."""

    def __init__(self, kind, folder):
        self.kind, self.folder, self.tls = kind, folder, make_authority(folder)
        self.port, self.portal_port = reserved_port(), reserved_port()
        if kind == "bare":
            self.port = self.portal_port
        self.origin = f"https://localhost:{self.port}"
        self.log, self.context = folder / "access.log", ssl.create_default_context(cafile=self.tls.trusted)

    @contextmanager
    def up(self):
        with ExitStack() as stack:
            stack.enter_context(self.portal())
            if self.kind != "bare":
                stack.enter_context(getattr(self, self.kind)())
            wait_until(lambda: self.asked("GET /healthz").startswith("HTTP/1.1 200"), 60)
            yield self

    @contextmanager
    def portal(self):
        now, instance = datetime.now(UTC), self.folder / "instance"
        (instance / "trust").mkdir(parents=True)
        dates = {"not_before": now - timedelta(days=9), "not_after": now + timedelta(days=2000)}
        (instance / "trust" / "authca.pem").write_bytes(Authority.create(organisation="JPKI", **dates).pem())
        environment = os.environ | {
            "MYKEY_ORIGIN": self.origin,
            "MYKEY_INSTANCE": str(instance),
            "MYKEY_REVOCATION": "none",
            "MYKEY_LISTEN": f"127.0.0.1:{self.portal_port}",
            "MYKEY_TRUSTED_PROXIES": "0" if self.kind == "bare" else "1",
        }
        mykey = Path(sys.executable).with_name("mykey")
        subprocess.run([mykey, "db", "upgrade"], env=environment, check=True, capture_output=True)
        with running([mykey, "serve"], self.folder / "portal.log", env=environment) as process:
            self.process = process
            yield

    def nginx(self):
        text = self.documented("nginx.conf")
        for old, new in {
            "listen 443 ssl": f"listen 127.0.0.1:{self.port} ssl",
            "        listen [::]:443 ssl;\n": "",
            "/etc/ssl/mykey/fullchain.pem": str(self.tls.server),
            "/etc/ssl/mykey/key.pem": str(self.tls.server),
            "/run/nginx.pid": str(self.folder / "nginx.pid"),
            "/var/log/nginx": str(self.folder),
        }.items():
            assert old in text, old
            text = text.replace(old, new)
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"):
            text = text.replace("http {", f"http {{ {kind}_temp_path {self.folder}/{kind};", 1)
        (self.folder / "nginx.conf").write_text(text, "utf-8")
        command = [
            PROGRAMS / "sbin" / "nginx",
            "-e",
            "stderr",
            "-g",
            "daemon off; user root;",
            "-c",
            self.folder / "nginx.conf",
        ]
        return running(command, self.folder / "nginx.log")

    def caddy(self):
        text = self.documented("Caddyfile")
        site = self.origin.rpartition(":")[0]  # with a port, Caddy's log would go elsewhere
        options = f"\tadmin off\n\thttps_port {self.port}\n\tauto_https disable_redirects\n\tskip_install_trust\n"
        for old, new in {
            "\tservers {": f"{options}\tservers {{",
            "id.example.jp {": f"{site} {{\n\tbind 127.0.0.1\n\ttls {self.tls.server} {self.tls.server}",
            "/var/log/caddy": str(self.folder),
            "\t\trequest_buffers 64KiB": "\t\tbuffer_requests\n\t\tmax_buffer_size 64KiB",  # Debian has 2.6.2
        }.items():
            assert old in text, old
            text = text.replace(old, new)
        (self.folder / "Caddyfile").write_text(text, "utf-8")
        homes = {"HOME": str(self.folder), "XDG_DATA_HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder)}
        command = [PROGRAMS / "bin" / "caddy", "run", "--config", self.folder / "Caddyfile", "--adapter", "caddyfile"]
        return running(command, self.folder / "caddy.log", env=os.environ | homes)

    def documented(self, name):
        text = (ROOT / "deploy" / "proxy" / name).read_text("utf-8")
        return text.replace("127.0.0.1:8000", f"127.0.0.1:{self.portal_port}")

    def connect(self, address="127.0.0.2"):
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=60, source_address=(address, 0))
        if self.kind == "bare":
            return connection
        return self.context.wrap_socket(connection, server_hostname="localhost")

    def asked(self, line, more="", body=b"", address="127.0.0.2"):
        """Send a request on a connection of its own; return the reply, or nothing if there was none."""
        head = f"{line} HTTP/1.1\r\nHost: localhost:{self.port}\r\nConnection: close\r\n{more}\r\n"
        text = b""
        try:
            with self.connect(address) as connection:
                connection.sendall(head.encode() + body)
                while part := connection.recv(65536):
                    text += part
        except OSError:
            pass
        return text.decode(errors="replace")


@pytest.fixture(params=FRONTS)
def front(request, tmp_path):
    with Front(request.param, tmp_path).up() as front:
        yield front


def times_of(front, number):
    """Return the seconds of so many pages, each by a visitor who comes anew."""
    seconds = []
    for _ in range(number):
        began = monotonic()
        assert "</html>" in front.asked("GET /stop")
        seconds.append(monotonic() - began)
        sleep(0.01)
    return sorted(seconds)


def told(seconds):
    half, most = seconds[len(seconds) // 2], seconds[len(seconds) * 99 // 100]
    return f"p50 {half * 1000:.0f} ms, p99 {most * 1000:.0f} ms, most {seconds[-1] * 1000:.0f} ms"


def test_a_thousand_slow_connections_keep_no_other_waiting(front, record_property):
    alone = times_of(front, 50)
    url = front.origin if front.kind != "bare" else front.origin.replace("https", "http")
    log = front.folder / "slow.log"
    with running([sys.executable, "-m", "tests.proxies.slow", url, front.tls.trusted, str(SLOW)], log) as attack:
        wait_until(lambda: int((log.read_text().split() or ["0"])[-1]) >= SLOW, 120)
        sleep(5)
        among = times_of(front, PAGES)
        assert attack.poll() is None
    assert front.process.poll() is None
    record_property("alone", told(alone))
    record_property("beside the slow ones", told(among))
    sys.stdout.write(f"{front.kind}: alone {told(alone)}; beside {SLOW} slow ones {told(among)}\n")
    assert among[PAGES * 99 // 100] < P99


def test_a_body_that_is_too_large_is_refused_in_words_before_it_is_sent(front):
    for path, length, status in (
        ("/stop", 64 * 1024 + 1, 413),
        ("/stop", 1 << 40, 413),
        ("/provider/imports", 10_000_000, 413),
        ("/stop", 64 * 1024, 400),  # no form's token
        ("/provider/imports", 8 * 1024 * 1024, 403),  # nobody of staff
    ):
        body = b"" if status == 413 else b"x" * length
        reply = front.asked(f"POST {path}", f"Content-Length: {length}\r\n", body)
        told = f"HTTP/1.1 {status} ", status == 413
        assert (reply[:13], "body-too-large" in reply) == told, (path, length)


def test_no_log_has_what_was_typed(front):
    form = f"typed={SECRET}&mykey_id={SECRET}&service_id={SECRET}&stop_code={SECRET}"
    more = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(form)}\r\n"
    more += f"Referer: {front.origin}/x?{form}\r\n"
    for line in ("POST /counter", "POST /stop", "POST /provider", "POST /provider/link", "POST /registration/check"):
        front.asked(line, more, form.encode())
    front.asked(f"GET /stop?{form}", f"Cookie: x={SECRET}\r\n")
    sleep(1)
    if front.kind != "bare":
        assert re.search(r"/stop", front.log.read_text("utf-8"))
    for file in front.folder.glob("*.log"):
        assert SECRET not in file.read_text("utf-8", "replace"), file


def test_the_portal_knows_the_address_of_the_visitor_and_not_that_of_the_proxy(front):
    body = b'{"pairing_code": "23456789"}'
    more = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nX-Forwarded-For: 192.0.2.1\r\n"
    wrong = [front.asked("POST /api/v1/bridge/claims", more, body, "127.0.0.3")[9:12] for _ in range(11)]
    assert wrong == ["404"] * 10 + ["429"]
    assert front.asked("POST /api/v1/bridge/claims", more, body, "127.0.0.4")[9:12] == "404"
