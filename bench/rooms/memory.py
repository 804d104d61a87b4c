"""Memory of a portal after its start and under look-ups: how much it is, and whether it grows."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.setting.crowd import gather
from bench.setting.load import load
from bench.setting.serving import DATABASES, database, production, serving

MINUTES = int(os.environ.get("MYKEY_BENCH_MINUTES", "10"))
PEOPLE, WARM = 10_000, 2


def run() -> list[tuple[str, float]]:
    """Return megabytes of resident memory; each minute is as many look-ups as the portal bears."""
    return [(f"{words}, {name}", figure) for name in DATABASES for words, figure in _figures(name)]


def _figures(name: str) -> list[tuple[str, float]]:
    with TemporaryDirectory() as folder, database(name, Path(folder)) as url:
        environment, authority = production(Path(folder) / "instance", url)
        requests = gather(url, Path(folder) / "instance", authority, PEOPLE).inquiries()
        with serving(environment) as portal:
            start, minutes = portal.resident(), []
            for _ in range(MINUTES):
                load(portal.address, requests, 60)
                minutes.append(portal.resident())
    return [
        ("MB of `mykey serve` after its start", start),
        (f"MB after {WARM} minutes of look-ups", minutes[min(WARM, MINUTES) - 1]),
        (f"MB after {MINUTES} minutes of look-ups (target 150, and no more than before)", minutes[-1]),
    ]
