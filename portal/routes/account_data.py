"""My data as JSON: stable names, times in UTC (docs/registration-cycle.md, "My data")."""

from datetime import UTC, datetime
from typing import Any

from portal.services.account import Record


def data_of(record: Record) -> dict[str, Any]:
    """Write a record out: everything that is kept about a person, but for keyed hashes."""
    person, code = record.person, record.carry_over
    return {
        "registered_at": _time(person.registered_at),
        "stopped_at": _time(person.stopped_at),
        "mykey_ids": [
            {
                "mykey_id": each.mykey_id,
                "terminal_code": each.terminal_code or None,
                "registered_at": _time(each.registered_at),
                "retired_at": _time(each.retired_at),
            }
            for each in record.ids
        ],
        "certificates": [
            {
                "issuer_key_id": each.issuer_key_id,
                "serial_number": each.serial_number,
                "public_key_digest": each.public_key_digest,
                "random_string": each.random_string,
                "terminal_code": each.terminal_code,
                "not_before": _time(each.not_before),
                "not_after": _time(each.not_after),
                "registered_at": _time(each.registered_at),
                "retired_at": _time(each.retired_at),
            }
            for each in record.certificates
        ],
        "reservations": [
            {
                "receipt_number": each.receipt_number,
                "mykey_id": each.mykey_id,
                "reserved_at": _time(each.reserved_at),
                "expires_at": _time(each.expires_at),
                "ended_at": _time(each.ended_at),
                "ending": each.ending,
            }
            for each in record.reservations
        ],
        "service_links": [
            {
                "service_provider_id": each.link.service_provider_id,
                "service_provider": each.provider.name,
                "service_id": each.link.service_id,
                "linked_at": _time(each.link.linked_at),
            }
            for each in record.links
        ],
        "uses": [
            {
                "service_provider_id": each.use.service_provider_id,
                "service_provider": each.provider.name,
                "what": each.use.what,
                "used_at": _time(each.use.used_at),
            }
            for each in record.uses
        ],
        "carry_over_code": code and {"made_at": _time(code.made_at), "expires_at": _time(code.expires_at)},
    }


def _time(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat() if moment else None
