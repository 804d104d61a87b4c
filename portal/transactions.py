"""One rule: an act of a service is one transaction and commits; what is in `services/record` never does; reads say so.

An act takes the write lock before its first read, so that what it read is still true when it writes: on SQLite by
BEGIN IMMEDIATE, on PostgreSQL by locking rows. A read on SQLite is a plain BEGIN, which neither waits nor blocks. A
method that says neither counts as an act, which is slower but safe.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from errno import EDQUOT, ENOSPC
from functools import cached_property, wraps
from threading import Lock
from time import sleep
from typing import Any, TypeVar, cast, dataclass_transform

from sqlalchemy import Connection, Dialect, Engine, Pool, event
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import scoped_session
from sqlalchemy.pool import ConnectionPoolEntry

from portal.domain.codes import Code
from portal.domain.errors import PortalError

Database = scoped_session[Any]
Clock = Callable[[], datetime]
F = TypeVar("F", bound=Callable[..., Any])
R = TypeVar("R")
BUSY_SECONDS = 15
PAUSES = (0.05, 0.2, 0.5, 1.0, 2.0)
"""Seconds before each further try of an act that the database undid; who asked is told to come back after the last."""
UNDONE = {"40001", "40P01"}
"""A serialisation failure and a deadlock."""
ACTING, WRITING = "mykey-acting", "mykey-writing"
READS, GLANCES = {"reads": True}, {"glances": True}
"""The execution options of a connection whose transaction only reads, and of one that has none for its one read."""
READ_ONLY = "read_only"
"""The execution option of an engine that tells whether acts are refused at present (portal/read_only.py)."""


@dataclass_transform(frozen_default=True)
@dataclass(frozen=True)
class Service:
    """What every service has: the database of this thread or request, and the time; each is a frozen dataclass."""

    database: Database
    clock: Clock

    def __init_subclass__(cls) -> None:
        dataclass(frozen=True)(cls)


@contextmanager
def acting(database: Database) -> Iterator[None]:
    """Make a block one act: commit at its end, or roll back what it raises; within another act it is a part of that.

    A refusal that was itself written down says so (`Refusal.recorded`), and is committed before it is raised.
    """
    session = database()
    if ACTING in session.info:
        yield
        return
    session.expunge_all()  # rows read before may change until we have the lock, so the act must read them again
    session.rollback()  # what only read cannot take SQLite's write lock later, and may be on a broken connection
    session.info[ACTING] = True
    try:
        yield
        session.flush()
        _commit(session)
    except BaseException as error:
        if getattr(error, "recorded", False):
            _commit(session)
        else:
            session.rollback()
        raise
    finally:
        del session.info[ACTING]


def _commit(database: Any) -> None:
    """Commit. Raises PortalError outcome-unknown where the connection was lost meanwhile: it is done, or it is not."""
    try:
        database.commit()
    except DBAPIError as error:
        if error.connection_invalidated:
            database.rollback()
            raise PortalError(Code.OUTCOME_UNKNOWN) from error
        raise


def in_one_act(database: Database, work: Callable[[], R]) -> R:
    """Do work as one act, and from its beginning again where the database undid all of it; `work` does nothing else.

    It is undone where it loses a race for a unique key, which is taken the next time; by a deadlock or a serialisation
    failure; and with a connection that is lost before COMMIT was sent. What is lost later is never done again.
    """
    if ACTING in database.info:  # a part of the outer act, which has to begin again as a whole
        return work()
    races, pauses = [0.0], list(PAUSES)
    while True:
        try:
            with acting(database):
                return work()
        except DBAPIError as error:
            left = races if isinstance(error, IntegrityError) else pauses if _is_undone(error) else []
            if not left:
                raise
            sleep(left.pop(0))


def _is_undone(error: DBAPIError) -> bool:
    """Tell whether all of an act was undone by no fault of its own, or no connection of PostgreSQL came about."""
    state = getattr(error.orig, "sqlstate", "")
    return error.connection_invalidated or state in UNDONE or (state is None and error.statement is None)


def act(method: F) -> F:
    """Make a method of a service one act (see in_one_act)."""

    @wraps(method)
    def whole(self: Service, *args: Any, **kwargs: Any) -> Any:
        return in_one_act(self.database, lambda: method(self, *args, **kwargs))

    return cast("F", whole)


@contextmanager
def reading(database: Database) -> Iterator[None]:
    """Let a block read; the transaction goes on after it, so that a page reads in one transaction."""
    if ACTING not in database.info and not database().in_transaction():
        database.connection(execution_options=READS)
    yield


def reads(method: F) -> F:
    """Say of a method that it only reads."""

    @wraps(method)
    def seen(self: Service, *args: Any, **kwargs: Any) -> Any:
        with reading(self.database):
            return method(self, *args, **kwargs)

    return cast("F", seen)


class Glances:
    """Connections for the one read of a poll, without session and transaction, which would cost more than the read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @cached_property
    def _engine(self) -> Engine:
        engine: Engine = self._database.get_bind().engine
        alone = GLANCES if engine.dialect.name == "sqlite" else {"isolation_level": "AUTOCOMMIT"}
        return engine.execution_options(**READS, **alone)

    def __call__(self) -> Connection:
        """Give one, to be closed; the engine is found at the first, when there is an application that has one."""
        return self._engine.connect()


def rest(database: Database) -> None:
    """End the transaction of what was read so far, before a slow call that must not hold it open."""
    database.commit()


def error_name(error: Exception) -> str:
    """Name an error of the database; its own text may hold the password, or what a statement carries."""
    cause = getattr(error, "orig", None) or error
    return getattr(cause, "sqlite_errorname", None) or type(cause).__name__


def is_disk_full(error: Exception) -> bool:
    """Tell whether an error, of the system or of the database, is that there was no room."""
    cause = getattr(error, "orig", None) or error
    full = getattr(cause, "errno", None) in (ENOSPC, EDQUOT) or getattr(cause, "sqlstate", None) == "53100"
    return full or error_name(error) == "SQLITE_FULL"


@event.listens_for(Engine, "connect")
def prepare_sqlite(connection: Any, _record: object) -> None:
    """Make SQLite durable and strict; transactions are begun by us, not by the driver (see begin)."""
    if isinstance(connection, sqlite3.Connection):
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_SECONDS * 1000}",
        ):
            connection.execute(f"PRAGMA {pragma}")


PATIENCE = {"connect_timeout": "5", "tcp_user_timeout": "10000", "keepalives_idle": "5", "keepalives_interval": "5"}
"""What the address of PostgreSQL does not say itself, so that a host that is gone without a word is noticed."""


@event.listens_for(Engine, "do_connect")
def address_postgresql(dialect: Dialect, _record: object, _arguments: object, told: dict[str, Any]) -> None:
    """Give up on a silent host; `prepare_threshold=none` in the address is for a pooler in transaction mode."""
    if dialect.name == "postgresql":
        for name, value in PATIENCE.items():
            told.setdefault(name, value)
        if isinstance(threshold := told.get("prepare_threshold"), str):
            told["prepare_threshold"] = None if threshold == "none" else int(threshold)


_writing: defaultdict[str | None, Lock] = defaultdict(Lock)
"""One queue of writers per SQLite file in this process. SQLite polls with growing sleeps, which is slow and unfair."""


@event.listens_for(Engine, "begin")
def begin(connection: Connection) -> None:
    """Take SQLite's write lock at the beginning of every transaction that does not say it only reads.

    A transaction that began by reading could not take it later: SQLite refuses if anybody has written since.
    """
    refuse_read_only(connection)
    if connection.dialect.name == "sqlite":
        only_reads = connection.get_execution_options().get("reads")
        if not only_reads:
            _wait(connection)
        if not connection.get_execution_options().get("glances"):
            connection.exec_driver_sql("BEGIN" if only_reads else "BEGIN IMMEDIATE")


@event.listens_for(Engine, "commit")
def refuse_read_only(connection: Connection) -> None:
    """Refuse an act while the database moves, at its beginning and right before its end. Raises PortalError read-only.

    An act that went by both had begun before, and the copy waits for it (services/operation/database/database_copy.py).
    """
    options = connection.get_execution_options()
    if READ_ONLY in options and not options.get("reads") and options[READ_ONLY]():
        raise PortalError(Code.READ_ONLY)


def _wait(connection: Connection) -> None:
    """Queue among this process's writers, for no longer than SQLite itself would wait."""
    lock = _writing[connection.engine.url.database]
    if WRITING not in connection.info and lock.acquire(timeout=BUSY_SECONDS):
        connection.info[WRITING] = lock


@event.listens_for(Pool, "checkin")
@event.listens_for(Pool, "invalidate")
def wake_the_next(_connection: object, record: ConnectionPoolEntry, _error: object = None) -> None:
    """Release the queue when a connection returns to the pool, however its transaction ended."""
    if lock := record.info.pop(WRITING, None):
        lock.release()
