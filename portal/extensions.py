"""Flask's extensions, made once and bound to an application by create_app."""

import sqlite3
from typing import Any

from flask import g, has_request_context, request
from flask_babel import Babel
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import Connection, Engine, event

from portal.models import Base

db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})
csrf = CSRFProtect()
babel = Babel()


@event.listens_for(Engine, "connect")
def prepare_sqlite(connection: Any, _record: object) -> None:
    """Make SQLite durable and strict; transactions are begun by us, not by the driver (see begin)."""
    if isinstance(connection, sqlite3.Connection):
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=15000"):
            connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def begin(connection: Connection) -> None:
    """Take SQLite's write lock at the beginning, so that what was read still holds when it is written."""
    if connection.dialect.name == "sqlite":
        page = has_request_context() and request.method in ("GET", "HEAD") and not g.get("writes")
        reads = page or connection.get_execution_options().get("reads")
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
