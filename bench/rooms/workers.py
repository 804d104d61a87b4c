"""What a second process on one PostgreSQL gains, beside what the bare views gain by it (bench/setting/bare.py)."""

from bench.figure import Figure
from bench.rooms.lookups import ROUNDS, SECONDS, all_at
from bench.setting.load import load

CLIENTS = 16


def run() -> list[Figure]:
    """Return the rates of one process and of two, and their ratios; the rounds take turns."""
    with all_at("PostgreSQL", workers=("2",)) as views:
        rounds = [[load(*each, SECONDS, clients=CLIENTS).rate for each in views] for _ in range(ROUNDS)]
    ten, least, ours = ([each[one + 3] / each[one] for each in rounds] for one in range(3))
    rates = list(zip(*rounds, strict=True))
    return [
        Figure.of("look-ups a second of one process, PostgreSQL", rates[2]),
        Figure.of("look-ups a second of two processes, PostgreSQL", rates[5]),
        Figure.of("floor: gain of the bare view of ten statements by a second process", ten),
        Figure.of("floor: gain of the bare view that does the least by a second process", least),
        Figure.of("gain of the portal by a second process", ours),
        Figure.of("ratio to the gain of ten statements (target 1)", [(e[5] / e[2]) / (e[3] / e[0]) for e in rounds]),
    ]
