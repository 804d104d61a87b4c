"""Rows as JSON, the same from every kind of database: a line each in a backup, and what a move keeps of a record."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, Connection, MetaData, Table, inspect

from portal.domain.formats.json_object import json_object
from portal.models import Base

LEFT_OUT = {"browser_session", "card_session", "desk", "staff_link", "try_count"}
"""What lives for minutes or a day, and what a copy must not bring back: a one-time link that was used meanwhile."""
TABLES: Mapping[str, Table] = {table.name: table for table in Base.metadata.sorted_tables if table.name not in LEFT_OUT}
_READ: Mapping[type, Callable[[str], object]] = {
    UUID: UUID,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    bytes: lambda text: b64decode(text, validate=True),
}


GONE = {"monthly_figure"}
"""What an older version has and a newer one keeps in another table; it is read as the database says that it is."""


def tables_in(connection: Connection) -> Mapping[str, Table]:
    """Return these tables as a database of an older version has them: without what came later.

    Raises LookupError where it holds something that is no more, whose kind nobody knows here.
    """
    found = inspect(connection)
    there_too = set(found.get_table_names()) - {"alembic_version", *Base.metadata.tables}
    if there_too - GONE:
        raise LookupError("a table that is no more")
    older = {name: Table(name, MetaData(), autoload_with=connection) for name in there_too}
    for name, table in TABLES.items():
        if found.has_table(name):
            there = {column["name"] for column in found.get_columns(name)}
            if there - set(table.columns.keys()):
                raise LookupError("a column that is no more")
            columns = (each for each in table.columns if each.name in there)
            same = (Column(each.name, each.type, nullable=bool(each.nullable)) for each in columns)
            older[name] = Table(name, MetaData(), *same)
    return older


def line_of(table: Table, row: tuple[Any, ...]) -> bytes:
    """Write one row as a line."""
    return json.dumps(plain(table, row), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def row_of(table: Table, line: bytes) -> dict[str, Any]:
    """Read one line back. Raises ValueError or TypeError for what is no row of this table."""
    return read_row(table, json_object(line))


def plain(table: Table, row: Iterable[Any]) -> dict[str, Any]:
    """Write one row in JSON's kinds, its columns in the table's order."""
    return {name: _plain(value) for name, value in zip(table.columns.keys(), row, strict=True)}


def read_row(table: Table, named: Mapping[str, Any]) -> dict[str, Any]:
    """Read one row back, as `row_of` does."""
    if named.keys() != set(table.columns.keys()):
        raise ValueError("other columns")
    return {column.name: _read(column, named[column.name]) for column in table.columns}


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return b64encode(value).decode()
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _read(column: Column[Any], value: Any) -> object:
    """Turn text into what the column holds; SQLite would take anything."""
    kind = column.type.python_type
    if isinstance(column.type, JSON) or (value is None and column.nullable):
        return value
    if kind in _READ:
        return _READ[kind](value)
    if type(value) is not kind:
        raise TypeError(f"no {kind.__name__}")
    return value
