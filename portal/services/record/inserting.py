"""INSERT … ON CONFLICT, which both kinds of database write alike."""

from importlib import import_module
from typing import Any


def insert_of(dialect: str) -> Any:
    """Return a dialect's `insert`; the other dialect is long to load, and no portal needs both."""
    return import_module(f"sqlalchemy.dialects.{dialect}").insert
