"""The line of writers before SQLite, whose own waiting is a sleep."""

import sqlite3
from threading import Event, Thread

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from portal import transactions


@pytest.fixture
def engine(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path / 'line.sqlite3'}", pool_size=3)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE act (number INTEGER)"))
    yield engine
    engine.dispose()


def write(engine):
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO act VALUES (1)"))


def count(engine):
    with engine.connect().execution_options(reads=True) as connection:
        return connection.scalar(text("SELECT count(*) FROM act"))


@pytest.mark.parametrize("end", ["commit", "rollback", "close", "invalidate"])
def test_the_next_writer_goes_on_when_the_one_before_has_ended_in_whatever_way_and_readers_never_wait(engine, end):
    first, begun = engine.connect(), Event()
    first.execute(text("INSERT INTO act VALUES (1)"))
    second = Thread(target=lambda: (begun.set(), write(engine)))
    second.start()
    begun.wait()
    assert count(engine) == 0
    assert second.is_alive()
    getattr(first, end)()
    first.close()
    second.join(timeout=5)
    assert count(engine) == 1 + (end == "commit")


def test_who_finds_the_file_locked_by_another_process_leaves_the_line(engine, monkeypatch):
    write(engine)
    engine.dispose()
    other = sqlite3.connect(engine.url.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr(transactions, "BUSY_SECONDS", 0)
    for _ in range(2):
        with pytest.raises(OperationalError, match="database is locked"):
            write(engine)
    other.execute("ROLLBACK")
    other.close()
    write(engine)
    assert count(engine) == 2
