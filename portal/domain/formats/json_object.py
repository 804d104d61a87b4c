"""Strict JSON: one object in UTF-8, no name twice."""

import json


class MalformedError(ValueError):
    """Say that bytes are not one strict JSON object."""


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise MalformedError("a field comes twice")
    return fields


_DECODER = json.JSONDecoder(object_pairs_hook=_unique)


def json_object(body: bytes) -> dict[str, object]:
    """Read one JSON object, or raise MalformedError."""
    try:
        fields = _DECODER.decode(body.decode())
    except (ValueError, RecursionError):
        raise MalformedError("not one JSON object in UTF-8") from None
    if not isinstance(fields, dict):
        raise MalformedError("not an object")
    return fields
