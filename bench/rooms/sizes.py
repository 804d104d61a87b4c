"""Bytes of database a person, a link, a use and an entry of the audit chain, each with its indexes."""

from datetime import UTC, datetime
from os import urandom
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from bench.setting.crowd import PROVIDERS, gather
from bench.setting.serving import DATABASES, database, production
from portal import extensions
from portal.domain.providers import What
from portal.services.record import uses
from portal.services.record.audit import Audit, Event, masked

PEOPLE, ACTS = 30_000, 10_000
OF_ONE_PERSON = ("person", "certificate", "mykey_id", "taken_string", "stop_code")
SQLITE = "SELECT sum(pgsize) FROM dbstat JOIN sqlite_master USING (name) WHERE tbl_name = :name"
POSTGRESQL = "SELECT pg_total_relation_size(CAST(:name AS regclass))"
assert extensions  # how SQLite begins a transaction


def run() -> list[tuple[str, float]]:
    """Return bytes; tables are as large as random order of keys leaves them."""
    return [(f"{words}, {name}", figure) for name in DATABASES for words, figure in _figures(name)]


def _figures(name: str) -> list[tuple[str, float]]:
    with TemporaryDirectory() as folder, database(name, Path(folder)) as url:
        _, authority = production(Path(folder) / "instance", url)
        engine = create_engine(url)
        gather(url, Path(folder) / "instance", authority, PEOPLE)
        before = _size(engine, "audit_entry")
        _look_ups(engine)
        looked_up = _size(engine, "audit_entry")
        _registrations(engine)
        registered = _size(engine, "audit_entry")
        person, use = sum(_size(engine, table) for table in OF_ONE_PERSON), _size(engine, "id_use")
        link = _size(engine, "service_link")
        engine.dispose()
    return [
        ("bytes of a person with certificate, ID and stop code (target 1024)", person / PEOPLE),
        ("bytes of a link (target 300)", link / PEOPLE / len(PROVIDERS)),
        ("bytes of an audit entry of a look-up (target 300)", (looked_up - before) / ACTS),
        (
            "bytes of an audit entry of a registration, which keeps its facts (target 300)",
            (registered - looked_up) / ACTS,
        ),
        ("bytes of a use, which goes after its days", use / ACTS),
    ]


def _size(engine: Engine, table: str) -> float:
    with engine.connect() as connection:
        return float(
            connection.scalar(text(SQLITE if engine.dialect.name == "sqlite" else POSTGRESQL), {"name": table})
        )


def _look_ups(engine: Engine) -> None:
    """Write what so many look-ups write; in one transaction, for it is only to be measured how large they are."""
    audit, now = _audit(engine), datetime.now(UTC)
    for _ in range(ACTS):
        use = {"use_id": uuid4(), "person_id": uuid4(), "service_provider_id": PROVIDERS[0]}
        audit.database.execute(uses.WRITE, use | {"what": What.LOOKED_UP, "used_at": now})
        facts = {"use": use["use_id"], "person": use["person_id"], "provider": PROVIDERS[0]}
        audit.entry(Event.LOOKED_UP, keep=False, **facts)
    _end(audit.database)


def _registrations(engine: Engine) -> None:
    audit = _audit(engine)
    for number in range(ACTS):
        mykey_id = masked(f"{number:014}")
        audit.entry(Event.REGISTERED, person=uuid4(), mykey_id=mykey_id, revocation="not-checked")
    _end(audit.database)


def _audit(engine: Engine) -> Audit:
    return Audit(scoped_session(sessionmaker(engine)), lambda: datetime.now(UTC), urandom)


def _end(database: scoped_session[Session]) -> None:
    database.commit()
    database.remove()
