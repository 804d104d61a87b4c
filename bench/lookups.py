"""Look-ups a second with verification and audit, beside a bare view that reads and writes the same rows."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from cryptography import x509

from bench.setting.crowd import Crowd, gather
from bench.setting.load import load, posted
from bench.setting.serving import DATABASES, database, production, serving
from portal.pki.path import key_digest
from portal.services.record.secrecy import Secrecy, read_or_make_key

BARE = (sys.executable, "-m", "bench.setting.bare")
PEOPLE, ROUNDS, SECONDS = 1000, 3, 4.0


def run() -> list[tuple[str, float]]:
    """Return rates, their ratio, and milliseconds at half of the rate; the rounds take turns."""
    return [figure for name in DATABASES for figure in _figures(name)]


def _figures(name: str) -> list[tuple[str, float]]:
    with _both(name) as (bare, portal):
        rounds = [(load(*bare, SECONDS).rate, load(*portal, SECONDS).rate) for _ in range(ROUNDS)]
        floor, rate = (median(rates) for rates in zip(*rounds, strict=True))
        half = load(*portal, SECONDS * ROUNDS, rate=rate / 2)
    return [
        (f"floor: requests a second of a bare view that reads and writes the same rows, {name}", floor),
        (f"look-ups a second, {name}", rate),
        (f"ratio, {name} (target 0.6)", median(ours / bare for bare, ours in rounds)),
        (f"milliseconds of a look-up at half load, p50, {name}", half.percentile(50)),
        (f"milliseconds of a look-up at half load, p99, {name}", half.percentile(99)),
    ]


@contextmanager
def _both(name: str) -> Iterator[tuple[tuple[str, list[str]], tuple[str, list[str]]]]:
    """Serve one database by both; each comes with what to send to it."""
    with TemporaryDirectory() as folder, database(name, Path(folder)) as url:
        instance = Path(folder) / "instance"
        environment, authority = production(instance, url)
        crowd = gather(url, instance, authority, PEOPLE)
        secrecy = Secrecy(read_or_make_key(instance / "secret.key"), bytes)
        named = {"issuer": key_digest(authority.certificate), "token_hash": secrecy.hash("terminal-token", crowd.token)}
        with serving(environment, BARE) as bare, serving(environment) as portal:
            yield (bare.address, _named(crowd, named)), (portal.address, crowd.inquiries())


def _named(crowd: Crowd, named: dict[str, str]) -> list[str]:
    """Write what the bare view is asked: it is told the rows' names, which the portal has to find out."""
    serials = (f"{x509.load_der_x509_certificate(der).serial_number:x}" for der in crowd.certificates)
    return [posted("/api/v1/inquiries", json.dumps(named | {"serial": serial})) for serial in serials]
