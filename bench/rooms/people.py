"""The wait for a look-up among ten thousand people and among a million, each with three links."""

import os
import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figure import Figure
from bench.setting.crowd import gather
from bench.setting.load import CLIENTS, load
from bench.setting.serving import DATABASES, database, production, serving

FEW, MANY = 10_000, int(os.environ.get("MYKEY_BENCH_PEOPLE", "1000000"))
ROUNDS, SECONDS = 7, 6.0


def run() -> list[Figure]:
    """Return milliseconds at half of what the smaller one bears, and the growth; the rounds take turns."""
    return [figure for name in DATABASES for figure in _figures(name)]


def _figures(name: str) -> list[Figure]:
    with ExitStack() as both:
        few, many = (both.enter_context(_portal(name, people)) for people in (FEW, MANY))
        rate = load(*few, SECONDS).rate / 2
        rounds = [tuple(_p50(*each, rate) for each in (few, many)) for _ in range(ROUNDS)]
    of_few, of_many = zip(*rounds, strict=True)
    return [
        Figure.of(f"milliseconds of a look-up at half load, p50, {FEW:,} people, {name}", of_few),
        Figure.of(f"milliseconds of a look-up at half load, p50, {MANY:,} people, {name}", of_many),
        Figure.of(f"growth, {name} (target 1.25)", [large / small for small, large in rounds]),
    ]


def _p50(address: str, requests: list[str], rate: float) -> float:
    """Ask about other cards each time, so that no page of the database is nearer than by chance."""
    return load(address, random.sample(requests, len(requests)), SECONDS, clients=CLIENTS, rate=rate).percentile(50)


@contextmanager
def _portal(name: str, people: int) -> Iterator[tuple[str, list[str]]]:
    with TemporaryDirectory() as folder, database(name, Path(folder)) as url:
        environment, authority = production(Path(folder) / "instance", url)
        requests = gather(url, Path(folder) / "instance", authority, people).inquiries()
        with serving(environment) as portal:
            yield portal.address, requests
