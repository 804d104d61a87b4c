"""Links a second of `mykey provider import`, beside bare inserts of as many links into the same table."""

import csv
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import cast

from sqlalchemy import Engine, Table, create_engine, select

from bench.figure import Figure
from bench.setting.crowd import NEW_PROVIDERS, gather
from bench.setting.serving import DATABASES, database, production
from portal import extensions
from portal.domain.formats.link_file import HEADER
from portal.models import MyKeyIdRecord, ServiceLink

LINES, ROUNDS = 100_000, 3
assert extensions  # how SQLite begins a transaction


def run() -> list[Figure]:
    """Return rates; that of the import is of the whole command, from its start to its end."""
    return [figure for name in DATABASES for figure in _figures(name)]


def _figures(name: str) -> list[Figure]:
    bare, tried, imported = zip(*(_rates(name) for _ in range(ROUNDS)), strict=True)
    return [
        Figure.of(f"floor: links a second of bare inserts, {name}", bare),
        Figure.of(f"lines a second of a dry run of an import, {name}", tried),
        Figure.of(f"links a second of an import of {LINES:,}, with uses and audit, {name}", imported),
        Figure.of(f"ratio to bare inserts, {name} (target 0.4)", [a / b for a, b in zip(imported, bare, strict=True)]),
    ]


def _rates(name: str) -> list[float]:
    with TemporaryDirectory() as folder, database(name, Path(folder)) as url:
        environment, authority = production(Path(folder) / "instance", url)
        gather(url, Path(folder) / "instance", authority, LINES)
        engine = create_engine(url)
        with _timed() as bare:
            _insert(engine, NEW_PROVIDERS[0])
        command = [sys.executable, "-m", "portal", "provider", "import", NEW_PROVIDERS[1], _file(engine, Path(folder))]
        engine.dispose()
        with _timed() as tried:
            subprocess.run(command, env=os.environ | environment, check=True, capture_output=True)
        with _timed() as imported:
            subprocess.run([*command, "--confirm"], env=os.environ | environment, check=True, capture_output=True)
    return [LINES / each[0] for each in (bare, tried, imported)]


def _file(engine: Engine, folder: Path) -> str:
    path = folder / "links.csv"
    with engine.connect() as connection, path.open("w", encoding="utf-8-sig", newline="") as file:
        lines = csv.writer(file)
        lines.writerow(HEADER)
        found = connection.scalars(select(MyKeyIdRecord.mykey_id))
        lines.writerows((mykey_id, f"{number:010}") for number, mykey_id in enumerate(found))
    return str(path)


def _insert(engine: Engine, provider: str) -> None:
    now, table = datetime.now(UTC), cast("Table", ServiceLink.__table__)
    with engine.begin() as connection:
        people = connection.scalars(select(MyKeyIdRecord.person_id)).all()
        same = {"service_provider_id": provider, "linked_at": now}
        rows = [same | {"person_id": person, "service_id": f"{n:010}"} for n, person in enumerate(people)]
        connection.execute(table.insert(), rows)


@contextmanager
def _timed() -> Iterator[list[float]]:
    spent: list[float] = []
    begin = monotonic()
    yield spent
    spent.append(monotonic() - begin)
