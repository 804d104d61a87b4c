"""200 people reserve one MyKey ID at the same moment: the longest wait, beside one person who reserves alone."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Barrier
from time import monotonic

from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask

from bench.figure import Figure
from bench.setting.serving import DATABASES, database
from demo.authority import Authority
from portal import create_app
from portal.config import Settings
from portal.extensions import db
from portal.migrations.schema_version import upgrade
from tests.portal.actors.card_holders import at_the_forms
from tests.portal.actors.pages import Citizen

PEOPLE, ROUNDS = 200, 3


def run() -> list[Figure]:
    """Return seconds, on SQLite and on PostgreSQL."""
    figures = []
    for name in DATABASES:
        alone, last = zip(*(_waits(name) for _ in range(ROUNDS)), strict=True)
        figures += [
            Figure.of(f"floor: seconds until one person alone has reserved, {name}", alone),
            Figure.of(f"seconds that the last of {PEOPLE} waits who reserve one ID at once, {name}", last),
        ]
    return figures


def _waits(name: str) -> tuple[float, float]:
    with _portal(name) as (app, certificates):
        alone, *crowd = at_the_forms(app, certificates)
        floor, gate = _reserve(alone, "ALONE123456789"), Barrier(PEOPLE)
        with ThreadPoolExecutor(PEOPLE) as threads:
            return floor, max(threads.map(lambda citizen: _at_once(citizen, gate), crowd))


def _at_once(citizen: Citizen, gate: Barrier) -> float:
    gate.wait()
    return _reserve(citizen, "YAMADAHANA1122")


def _reserve(citizen: Citizen, mykey_id: str) -> float:
    begin = monotonic()
    page = citizen.post("/registration/reservation", mykey_id=mykey_id)
    assert page.status == 200, page.words  # noqa: PLR2004
    return monotonic() - begin


@contextmanager
def _portal(name: str) -> Iterator[tuple[Flask, list[object]]]:
    """Serve a new database to as many cards as there are people and one more; they share a key."""
    year = datetime.now(UTC).year
    begin, end = datetime(year - 1, 1, 1, tzinfo=UTC), datetime(year + 4, 1, 1, tzinfo=UTC)
    authority, key = Authority.create(not_before=begin, not_after=end), rsa.generate_private_key(65537, 2048)
    names = [f"CROWD{number:09}07202002B" for number in range(PEOPLE + 1)]
    with TemporaryDirectory() as folder, database(name, Path(folder)) as url:
        (Path(folder) / "trust").mkdir()
        (Path(folder) / "trust" / "demo.pem").write_bytes(authority.pem())
        settings = Settings(origin="https://id.example.jp", instance=Path(folder), database_url=url)
        upgrade(settings.database)
        app = create_app(settings, demo_reader="http://127.0.0.1:1/")
        yield app, [authority.issue(each, public_key=key.public_key()) for each in names]
        with app.app_context():
            db.engine.dispose()
