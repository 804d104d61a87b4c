"""The rows of a backup as text: one JSON object a line, the same from every kind of database."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, Table

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


def line_of(table: Table, row: tuple[Any, ...]) -> bytes:
    """Write one row, its columns in the table's order."""
    named = dict(zip(table.columns.keys(), row, strict=True))
    return json.dumps(named, default=_plain, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def row_of(table: Table, line: bytes) -> dict[str, object]:
    """Read one row back. Raises ValueError or TypeError for what is no row of this table."""
    named = json_object(line)
    if named.keys() != set(table.columns.keys()):
        raise ValueError("other columns")
    return {column.name: _read(column, named[column.name]) for column in table.columns}


def _plain(value: object) -> str:
    if isinstance(value, bytes):
        return b64encode(value).decode()
    return value.isoformat() if isinstance(value, date) else str(value)


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
