"""Start-up time and memory of portal and bridge, each beside its floor: a bare Flask, a bare Python."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from urllib.request import urlopen

from demo.authority import Authority
from portal.store import upgrade

ROUNDS = 5
BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
BARE = "import flask, waitress; app = flask.Flask('x'); app.add_url_rule('/healthz', view_func=lambda: 'ok'); \
waitress.serve(app, listen='{listen}', threads=8)"
PORTAL = [sys.executable, "-m", "portal", "serve"]
LIST = [sys.executable, "-m", "reader_bridge", "list"]


def run() -> list[tuple[str, float]]:
    """Return medians in seconds, and megabytes of resident memory."""
    with TemporaryDirectory() as folder:
        environment = _production(Path(folder))
        rounds = [
            (_ready([sys.executable, "-c", BARE], environment), _ready(PORTAL, environment), _spent("pass"), _spent())
            for _ in range(ROUNDS)
        ]
    bare, portal, python, listed = zip(*rounds, strict=True)
    return [
        ("floor: seconds until a bare Flask on waitress answers", median(time for time, _ in bare)),
        ("seconds until `mykey serve` answers (target 1.5)", median(time for time, _ in portal)),
        ("floor: MB of a bare Flask on waitress", median(memory for _, memory in bare)),
        ("MB of `mykey serve` after its first answer", median(memory for _, memory in portal)),
        ("floor: seconds of a bare Python", median(python)),
        ("seconds of `reader-bridge list` (target 0.4)", median(listed)),
    ]


def _production(instance: Path) -> dict[str, str]:
    """Prepare what `mykey serve` asks for; the authority only bears the name of the real one."""
    (instance / "trust").mkdir()
    authority = Authority.create(organisation="JPKI", not_before=BEGIN, not_after=BEGIN.replace(year=2040))
    (instance / "trust" / "authority.pem").write_bytes(authority.pem())
    upgrade(f"sqlite:///{instance / 'portal.sqlite3'}")
    settings = {"ORIGIN": "https://id.example.jp", "REVOCATION": "none", "INSTANCE": str(instance)}
    return os.environ | {f"MYKEY_{name}": value for name, value in settings.items()}


def _ready(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Start a server; return the seconds until it answers and the megabytes that it then holds."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        listen = f"127.0.0.1:{free.getsockname()[1]}"
    begin = monotonic()
    with _running([part.format(listen=listen) for part in command], environment | {"MYKEY_LISTEN": listen}) as server:
        while monotonic() - begin < 30:  # noqa: PLR2004
            try:
                with urlopen(f"http://{listen}/healthz"):
                    status = Path(f"/proc/{server.pid}/status").read_text(encoding="ascii")
                    return monotonic() - begin, int(status.split("VmRSS:")[1].split()[0]) / 1024
            except OSError:
                sleep(0.01)
    raise TimeoutError(" ".join(command))


@contextmanager
def _running(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield server
    finally:
        server.terminate()
        server.wait()


def _spent(*code: str) -> float:
    begin = monotonic()
    subprocess.run([sys.executable, "-c", *code] if code else LIST, check=False, capture_output=True)
    return monotonic() - begin
