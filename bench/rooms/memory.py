"""Memory of a portal after its start and under look-ups: how much it is, and whether it grows."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.setting.crowd import gather
from bench.setting.load import load
from bench.setting.serving import DATABASES, database, production, serving

FEW, MANY = 10_000, int(os.environ.get("MYKEY_BENCH_REQUESTS", "1000000"))
PEOPLE, SECONDS = 10_000, 10.0


def run() -> list[tuple[str, float]]:
    """Return megabytes of resident memory; the look-ups are as many at once as the portal bears."""
    return [(f"{words}, {name}", figure) for name in DATABASES for words, figure in _figures(name)]


def _figures(name: str) -> list[tuple[str, float]]:
    with TemporaryDirectory() as folder, database(name, Path(folder)) as url:
        environment, authority = production(Path(folder) / "instance", url)
        requests = gather(url, Path(folder) / "instance", authority, PEOPLE).inquiries()
        with serving(environment) as portal:
            asked, start, held = 0, portal.resident(), []
            for number in (FEW, MANY):
                while asked < number:
                    asked += len(load(portal.address, requests, SECONDS).waits)
                held.append(portal.resident())
    few, many = held
    return [
        ("MB of `mykey serve` after its start", start),
        (f"MB after {FEW:,} look-ups", few),
        (f"MB after {MANY:,} look-ups", many),
        (f"growth from {FEW:,} to {MANY:,} (target 1.05)", many / few),
    ]
