"""My data: everything that is kept about a person, as JSON with stable names (docs/my-data.md)."""

from datetime import UTC, datetime
from typing import Any

from portal.models import Base
from portal.services.citizen.own_record import Record

FORMAT = "mykey-portal-my-data:1"
FIELDS = {
    "person": ("registered_at", "stopped_at", "stopped_by"),
    "mykey_id": ("mykey_id", "terminal_code", "chosen", "registered_at", "retired_at"),
    "certificate": (
        *("issuer_key_id", "serial_number", "random_string", "terminal_code"),
        *("not_before", "not_after", "registered_at", "retired_at"),
    ),
    "reservation": ("receipt_number", "mykey_id", "reserved_at", "expires_at", "ended_at", "ending"),
    "move": (
        *("proof", "moved_at", "old_serial_number", "new_serial_number"),
        *("old_mykey_id", "old_terminal_code", "undo_until", "undone_at", "aside"),
    ),
    "provider": ("service_provider_id", "name"),
    "link": ("service_id", "linked_at"),
    "pending_link": ("service_id", "asked_at", "expires_at"),
    "use": ("what", "used_at"),
    "carry_over": ("made_at", "expires_at"),
}
"""What of each row goes out: nothing that is the hash of a secret or of a key."""


def my_data(record: Record, now: datetime) -> dict[str, Any]:
    """Write a record out; times are ISO 8601 in UTC."""
    return {
        "format": FORMAT,
        "as_of": _text(now),
        "person": _facts("person", record.person),
        "mykey_ids": [_facts("mykey_id", each) for each in record.ids],
        "certificates": [_facts("certificate", each) for each in record.certificates],
        "reservations": [_facts("reservation", each) for each in record.reservations],
        "moves": [_facts("move", each) for each in record.moves],
        "service_links": [_at_provider("link", *each) for each in record.links],
        "pending_links": [_at_provider("pending_link", *each) for each in record.pending],
        "uses": [_at_provider("use", *each) for each in record.uses],
        "carry_over_code": _facts("carry_over", record.carry_over) if record.carry_over else None,
    }


def _facts(kind: str, row: Base) -> dict[str, Any]:
    return {name: _text(getattr(row, name)) for name in FIELDS[kind]}


def _at_provider(kind: str, provider: Base, row: Base) -> dict[str, Any]:
    return {"service_provider": _facts("provider", provider), **_facts(kind, row)}


def _text(value: object) -> object:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value
