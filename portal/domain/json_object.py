"""Strict JSON: one object, no name twice, nothing that another parser would read differently."""

import json
from typing import Any


class MalformedError(ValueError):
    """Say that bytes are not one strict JSON object."""


def json_object(body: bytes) -> dict[str, Any]:
    """Read one JSON object in UTF-8, or raise MalformedError."""
    try:
        value = json.loads(body.decode(), object_pairs_hook=_unique, parse_constant=_refuse)
        json.dumps(value, ensure_ascii=False).encode()  # refuses lone surrogates
    except (ValueError, RecursionError):
        raise MalformedError from None
    if not isinstance(value, dict):
        raise MalformedError
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise MalformedError
    return fields


def _refuse(constant: str) -> None:
    raise MalformedError(constant)
