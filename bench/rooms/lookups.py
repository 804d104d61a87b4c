"""Look-ups a second with verification and audit, beside two bare views of the same server (bench/setting/bare.py)."""

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from cryptography import x509

from bench.figure import Figure
from bench.setting.crowd import Crowd, gather
from bench.setting.load import load, posted
from bench.setting.serving import DATABASES, PORTAL, database, production, serving
from portal.pki.path import key_digest
from portal.services.record.secrecy import Secrecy, read_or_make_key

BARE = (sys.executable, "-m", "bench.setting.bare")
PEOPLE, ROUNDS, SECONDS = 1000, 3, 4.0
WAITS = 5
"""Rounds of the waits at half load, of which the best counts: a busy moment of the machine is in some of them."""


def run() -> list[tuple[str, float] | Figure]:
    """Return rates, their ratio, and milliseconds at half of the portal's rate; the rounds take turns."""
    return [figure for name in DATABASES for figure in _figures(name)]


def _figures(name: str) -> list[tuple[str, float] | Figure]:
    with all_at(name) as (ten, least, portal):
        rounds = [[load(*each, SECONDS).rate for each in (ten, least, portal)] for _ in range(ROUNDS)]
        of_ten, of_least, of_portal = zip(*rounds, strict=True)
        half = [[load(*each, SECONDS, rate=median(of_portal) / 2) for each in (ten, portal)] for _ in range(WAITS)]
    p50, p99 = ([[each.percentile(share) for each in one] for one in half] for share in (50, 99))
    of_bare, of_ours = zip(*p99, strict=True)
    return [
        Figure.of(f"floor: requests a second of a bare view of ten statements, {name}", of_ten),
        Figure.of(f"floor: requests a second of a bare view that does the least, {name}", of_least),
        Figure.of(f"look-ups a second, {name}", of_portal),
        Figure.of(f"ratio to the ten statements, {name} (target 1)", [ours / bare for bare, _, ours in rounds]),
        Figure.of(f"ratio to the least, {name}", [ours / least for _, least, ours in rounds]),
        Figure.of(f"milliseconds of a look-up at half load, p50, {name}", [ours for _, ours in p50]),
        Figure.of(f"floor: milliseconds of ten statements at the same rate, p99, {name}", of_bare),
        Figure.of(f"milliseconds of a look-up at half load, p99, {name}", of_ours),
        (f"ratio of the best p99 of {WAITS} rounds each, {name} (target 1.5)", min(of_ours) / min(of_bare)),
    ]


@contextmanager
def all_at(name: str, workers: tuple[str, ...] = ()) -> Iterator[list[tuple[str, list[str]]]]:
    """Serve one database by both servers; each view comes with what to send to it, the floors first.

    After those of one process each come those of as many as `workers` says of each.
    """
    with TemporaryDirectory() as folder, database(name, Path(folder)) as url:
        instance = Path(folder) / "instance"
        environment, authority = production(instance, url)
        crowd = gather(url, instance, authority, PEOPLE)
        secrecy = Secrecy(read_or_make_key(instance / "secret.key"), bytes)
        named = {"issuer": key_digest(authority.certificate), "token_hash": secrecy.hash("terminal-token", crowd.token)}
        with ExitStack() as stack:
            views = []
            for floor, ours in [(BARE, PORTAL), *(((*BARE, each), (*PORTAL, "--workers", each)) for each in workers)]:
                bare, portal = (stack.enter_context(serving(environment, each)) for each in (floor, ours))
                views += [(bare.address, _named(path, crowd, named)) for path in ("/ten", "/least")]
                views.append((portal.address, crowd.inquiries()))
            yield views


def _named(path: str, crowd: Crowd, named: dict[str, str]) -> list[str]:
    """Write what a bare view is asked: it is told the rows' names, which the portal has to find out."""
    serials = (f"{x509.load_der_x509_certificate(der).serial_number:x}" for der in crowd.certificates)
    return [posted(path, json.dumps(named | {"serial": serial})) for serial in serials]
