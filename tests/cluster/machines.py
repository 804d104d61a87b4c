"""etcd, three PostgreSQL under Patroni, two portals and nginx, all on loopback addresses (`make cluster`).

The programs are Debian's, unpacked into build/cluster; each node is a host of its own as far as one computer has it: an
address, a folder, processes that are killed, or stopped and cut off, together.
"""

import json
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from tests.waiting import wait_until

PROGRAMS = Path(__file__).parents[2] / "build" / "cluster"
POSTGRESQL = Path("/usr/lib/postgresql/15/bin")
NODES = ("127.0.0.11", "127.0.0.12", "127.0.0.13")
PORTALS = ("127.0.0.21", "127.0.0.22")
FRONT = ("127.0.0.1", 8080)
URL = (
    "postgresql+psycopg://mykey:mykey@/mykey?"
    + "".join(f"host={each}:5432&" for each in NODES)
    + "target_session_attrs=read-write&connect_timeout=2&tcp_user_timeout=4000"
)
TTL, LOOP = 10, 2
NGINX = """
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log warn;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u;
    scgi_temp_path {folder}/s;
    upstream portals {{ {servers} }}
    server {{
        listen {front};
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_connect_timeout 2s;
        proxy_read_timeout 60s;
        location / {{ proxy_pass http://portals; }}
    }}
}}
"""


def patroni(node: str, folder: Path) -> dict[str, Any]:
    """Configure a node; a commit waits for one standby, so that what was acknowledged outlives its host."""
    postgresql = {
        "listen": f"{node}:5432",
        "connect_address": f"{node}:5432",
        "data_dir": str(folder / "data"),
        "bin_dir": str(POSTGRESQL),
        "pgpass": str(folder / "pgpass"),
        "use_unix_socket": True,
        "basebackup": [{"checkpoint": "fast"}],
        "authentication": {
            "superuser": {"username": "postgres", "password": "postgres"},
            "replication": {"username": "replicator", "password": "replicator"},
        },
        "parameters": {"unix_socket_directories": str(folder)},
        "pg_hba": ["local all all trust", "host all all 127.0.0.0/8 trust", "host replication all 127.0.0.0/8 trust"],
    }
    shared = {
        "ttl": TTL,
        "loop_wait": LOOP,
        "retry_timeout": 3,
        "synchronous_mode": True,
        "postgresql": {"use_pg_rewind": True, "parameters": {"max_connections": 100, "wal_log_hints": "on"}},
    }
    return {
        "scope": "mykey",
        "name": node,
        "restapi": {"listen": f"{node}:8008", "connect_address": f"{node}:8008"},
        # with etcd3 this version never finds a standby again after a host was stopped
        "etcd": {"host": "127.0.0.1:2379"},
        "bootstrap": {"dcs": shared, "initdb": [{"encoding": "UTF8"}, "data-checksums", {"locale": "C.UTF-8"}]},
        "postgresql": postgresql,
    }


def say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


class Machines:
    """All processes of the cluster; the caller may kill any, and begins it again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.environment: dict[str, str] = {}

    def run(self, name: str, command: Sequence[str | Path], **environment: str) -> None:
        log = (self.folder / f"{name}.log").open("ab")
        self.running[name] = subprocess.Popen(
            command, env=os.environ | environment, stdout=log, stderr=log, start_new_session=True
        )
        log.close()

    def start_etcd(self) -> None:
        clients, peers = "http://127.0.0.1:2379", "http://127.0.0.1:2380"
        told = ["--listen-client-urls", clients, "--advertise-client-urls", clients, "--listen-peer-urls", peers]
        told += ["--enable-v2=true", "--data-dir", str(self.folder / "etcd")]
        self.run("etcd", [PROGRAMS / "usr/bin/etcd", *told])

    def start_node(self, node: str) -> None:
        """Let Patroni begin a node, as the user postgres, since PostgreSQL refuses root."""
        folder, user = self.folder / node, pwd.getpwnam("postgres")
        folder.mkdir(exist_ok=True)
        os.chown(folder, user.pw_uid, user.pw_gid)
        file = folder / "patroni.json"
        file.write_text(json.dumps(patroni(node, folder)))
        as_user = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        modules = str(PROGRAMS / "usr/lib/python3/dist-packages")
        self.run(node, [*as_user, "/usr/bin/python3", "-m", "patroni", str(file)], PYTHONPATH=modules, HOME=str(folder))

    def start_portal(self, portal: str) -> None:
        told = {"MYKEY_LISTEN": f"{portal}:8000", "MYKEY_TRUSTED_PROXIES": "1"}
        self.run(portal, [sys.executable, "-m", "portal", "serve"], **(self.environment | told))

    def start_front(self) -> None:
        servers = " ".join(f"server {each}:8000 max_fails=1 fail_timeout=1s;" for each in PORTALS)
        file = self.folder / "nginx.conf"
        file.write_text(NGINX.format(folder=self.folder, servers=servers, front=":".join(map(str, FRONT))))
        self.run("nginx", [PROGRAMS / "usr/sbin/nginx", "-p", self.folder, "-c", file, "-g", "user root;"])

    def replace_who_ended(self) -> None:
        """Begin portals again that found no database when they started, as systemd does (Restart=on-failure)."""
        for portal in PORTALS:
            if portal in self.running and self.running[portal].poll() == 1:
                self.start_portal(portal)

    def leader(self) -> str | None:
        self.replace_who_ended()
        return next((each for each in NODES if _answers(f"http://{each}:8008/leader")), None)

    def has_standby(self) -> bool:
        """Tell whether a node stands by whose copy every commit waits for, and all three are there."""
        return any(_answers(f"http://{each}:8008/synchronous") for each in NODES) and all(
            _answers(f"http://{each}:8008/health") for each in NODES
        )

    def processes(self, node: str) -> list[int]:
        """Return Patroni and every process of PostgreSQL of a node."""
        found = [self.running[node].pid]
        with suppress(OSError, ValueError):
            postmaster = int((self.folder / node / "data" / "postmaster.pid").read_text().split()[0])
            found += [postmaster, *_children(postmaster)]
        return found

    def kill_node(self, node: str) -> None:
        """Let a host lose its power."""
        for pid in self.processes(node):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.running[node].wait()

    @contextmanager
    def cut_off(self, node: str) -> Iterator[None]:
        """Stop a host and drop what goes to it and comes from it, so that nobody hears that it is gone."""
        stopped = self.processes(node)
        for rule in (["-d", node], ["-s", node]):
            subprocess.run(["iptables", "-A", "INPUT", *rule, "-j", "DROP"], check=True)
        for pid in stopped:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            subprocess.run(["iptables", "-F", "INPUT"], check=True)
            for pid in stopped:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def errors(self) -> list[str]:
        """Return how the tracebacks of the portals end, each once."""
        ends = re.compile(r"^(?:[a-z_]+\.)+[A-Za-z]+(?:Error|Exception)\b.{0,100}", re.MULTILINE)
        return sorted({end for each in PORTALS for end in ends.findall((self.folder / f"{each}.log").read_text())})

    def stop(self) -> None:
        for node in NODES:
            if node in self.running:
                self.kill_node(node)
        for process in self.running.values():
            process.kill()
            process.wait()


def _children(parent: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


def _answers(address: str) -> bool:
    try:
        with urlopen(address, timeout=2) as reply:  # noqa: S310 - our own http address
            return bool(reply.status == 200)
    except (URLError, HTTPError, OSError):
        return False


@contextmanager
def machines(instance_of: Any) -> Iterator[Machines]:
    """Start everything; `instance_of` prepares the portals' folder once the database is there, and returns settings."""
    with TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o755)
        made = Machines(folder)
        stack.callback(made.stop)
        made.start_etcd()
        sleep(1)
        made.start_node(NODES[0])
        wait_until(lambda: made.leader() == NODES[0], 60)
        for node in NODES[1:]:
            made.start_node(node)
        socket = folder / NODES[0]
        for statement in ("CREATE ROLE mykey LOGIN PASSWORD 'mykey'", "CREATE DATABASE mykey OWNER mykey"):
            command = [POSTGRESQL / "psql", "-h", socket, "-U", "postgres", "-qc", statement]
            subprocess.run(command, check=True)
        wait_until(made.has_standby, 120)
        made.environment = instance_of(folder / "instance", URL)
        for portal in PORTALS:
            made.start_portal(portal)
        made.start_front()
        for portal in PORTALS:
            wait_until(lambda portal=portal: _answers(f"http://{portal}:8000/readyz"), 120)  # type: ignore[misc]
        yield made


def main() -> None:
    """Start a cluster and leave it running until Ctrl+C."""
    from bench.setting.serving import production  # noqa: PLC0415

    missing = [each for each in ("setpriv", "iptables") if not shutil.which(each)]
    if missing or os.geteuid():
        sys.exit(f"This wants root{' and ' + ', '.join(missing) if missing else ''}.")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with machines(lambda instance, url: production(instance, url)[0]) as made:
        say(f"http://{FRONT[0]}:{FRONT[1]} (Host: id.example.jp); leader {made.leader()}; Ctrl+C ends all.")
        with suppress(KeyboardInterrupt):
            signal.pause()


if __name__ == "__main__":
    main()
