"""Start-up time and memory of portal and bridge, each beside its floor: a bare Flask, a bare Python.

The portal's second floor is a bare Flask that has imported the libraries of the portal's start, and nothing of ours.
"""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from bench.figure import Figure
from bench.setting.serving import PORTAL, database, production, serving

ROUNDS = 5
BARE = "import flask, waitress; app = flask.Flask('x'); app.add_url_rule('/healthz', view_func=lambda: 'ok'); \
waitress.serve(app, listen='{listen}', threads=8)"
LIBRARIES = "import flask_babel, flask_sqlalchemy, flask_wtf, pydantic_settings, sqlalchemy.dialects.sqlite, \
sqlalchemy.orm, cryptography.x509.verification, cryptography.hazmat.asn1, click"
LIST = [sys.executable, "-m", "reader_bridge", "list"]


def run() -> list[Figure]:
    """Return medians in seconds, and megabytes of resident memory."""
    with TemporaryDirectory() as folder, database("SQLite", Path(folder)) as url:
        environment, _ = production(Path(folder) / "instance", url)
        rounds = [
            (
                _ready((sys.executable, "-c", BARE), environment),
                _ready((sys.executable, "-c", f"{LIBRARIES}; {BARE}"), environment),
                _ready(PORTAL, environment),
                _spent("pass"),
                _spent(),
            )
            for _ in range(ROUNDS)
        ]
    bare, libraries, portal, python, listed = zip(*rounds, strict=True)
    return [
        Figure.of("floor: seconds until a bare Flask on waitress answers", [time for time, _ in bare]),
        Figure.of("floor: the same with the portal's libraries imported", [time for time, _ in libraries]),
        Figure.of("seconds until `mykey serve` answers (target 0.5)", [time for time, _ in portal]),
        Figure.of("floor: MB of a bare Flask on waitress", [memory for _, memory in bare]),
        Figure.of("MB of `mykey serve` after its first answer", [memory for _, memory in portal]),
        Figure.of("floor: seconds of a bare Python", python),
        Figure.of("seconds of `reader-bridge list` (target 0.4)", listed),
    ]


def _ready(command: tuple[str, ...], environment: Mapping[str, str]) -> tuple[float, float]:
    """Start a server; return the seconds until it answers and the megabytes that it then holds."""
    begin = monotonic()
    with serving(environment, command) as server:
        return monotonic() - begin, server.resident()


def _spent(*code: str) -> float:
    begin = monotonic()
    subprocess.run([sys.executable, "-c", *code] if code else LIST, check=False, capture_output=True)
    return monotonic() - begin
