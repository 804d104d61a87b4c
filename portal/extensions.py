"""Flask's extensions, made once and bound to an application by create_app."""

import sqlite3
from collections import defaultdict
from threading import Lock
from typing import Any

from flask import g, has_request_context, request
from flask_babel import Babel
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import Connection, Engine, Pool, event
from sqlalchemy.pool import ConnectionPoolEntry

from portal.models import Base

db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})
csrf = CSRFProtect()
babel = Babel()
BUSY_SECONDS = 15
WRITING = "mykey-writing"


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


_writing: defaultdict[str | None, Lock] = defaultdict(Lock)
"""The line of this process's writers before each SQLite file: woken in turn, where SQLite would sleep and look."""


@event.listens_for(Engine, "begin")
def begin(connection: Connection) -> None:
    """Take SQLite's write lock at the beginning, so that what was read still holds when it is written."""
    if connection.dialect.name == "sqlite":
        page = has_request_context() and request.method in ("GET", "HEAD") and not g.get("writes")
        reads = page or connection.get_execution_options().get("reads")
        if not reads:
            _wait(connection)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _wait(connection: Connection) -> None:
    """Stand in the line of this process's writers, but no longer than SQLite itself would wait."""
    lock = _writing[connection.engine.url.database]
    if WRITING not in connection.info and lock.acquire(timeout=BUSY_SECONDS):
        connection.info[WRITING] = lock


@event.listens_for(Pool, "checkin")
@event.listens_for(Pool, "invalidate")
def wake_the_next(_connection: object, record: ConnectionPoolEntry, _error: object = None) -> None:
    """Let the next writer go on when a connection comes back, however its transaction ended."""
    if lock := record.info.pop(WRITING, None):
        lock.release()
