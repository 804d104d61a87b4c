"""A crowd in the database: people who registered, each with links, of whom some have a card that taps."""

import random
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from os import urandom
from pathlib import Path
from typing import Any, NamedTuple, cast
from uuid import UUID, uuid4

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import Connection, Engine, Table, create_engine, text

from bench.setting.load import posted
from bench.setting.serving import BEGIN
from demo.authority import Authority
from portal.models import (
    Certificate,
    MyKeyIdRecord,
    Person,
    ServiceLink,
    ServiceProvider,
    StopCode,
    TakenString,
    Terminal,
)
from portal.pki.path import key_digest
from portal.services.record.secrecy import Secrecy, read_or_make_key

CARDS = 2000
PROVIDERS = ("A-α1-0001", "B-β1-0001", "C-γ1-0001")
NEW_PROVIDERS = ("D-δ1-0001", "E-ε1-0001")
"""Nobody has a link there yet."""
TERMINAL_CODE = "07202002B"
BATCH = 20_000
QUICKLY = {
    "sqlite": "PRAGMA cache_size = -4000000",  # 4 GB: the indexes of ten million people are written in no order
    "postgresql": "SET session_replication_role = replica",  # what refers to what is known, and not looked up
}
Row = Mapping[str, Any]


class Crowd(NamedTuple):
    """Certificates (DER) of those who tap, and the terminal's bearer token, which is its page's cookie too."""

    certificates: list[bytes]
    token: str

    def inquiries(self) -> list[str]:
        """Write one look-up of each card."""
        bodies = (f'{{"certificate":"{b64encode(der).decode()}"}}' for der in self.certificates)
        return [posted("/api/v1/inquiries", body, f"Authorization: Bearer {self.token}") for body in bodies]


def gather(url: str, instance: Path, authority: Authority, people: int) -> Crowd:
    """Write so many people with a link at each provider, and a terminal; the cards stand among them here and there."""
    engine, public_key = create_engine(url), rsa.generate_private_key(65537, 2048).public_key()
    cards = [
        authority.issue(f"CARD{number:010}{TERMINAL_CODE}", public_key=public_key)
        for number in range(min(CARDS, people))
    ]
    holders = dict(zip(random.sample(range(people), len(cards)), cards, strict=True))
    now, issuer = datetime.now(BEGIN.tzinfo), key_digest(authority.certificate)
    secrecy, token = Secrecy(read_or_make_key(instance / "secret.key"), urandom), urandom(24).hex()
    terminal = {"terminal_id": uuid4(), "service_provider_id": PROVIDERS[0], "name": "受付1", "handoff": "screen"}
    terminal |= {"staffed": True, "stays_armed": False, "token_hash": secrecy.hash("terminal-token", token)}
    terminal |= {"page_hash": secrecy.hash("terminal-page", token)}
    with engine.begin() as connection:
        connection.execute(text(QUICKLY[engine.dialect.name]))
        _write(connection, ServiceProvider, [_provider(each, now) for each in (*PROVIDERS, *NEW_PROVIDERS)])
        _write(connection, Terminal, [terminal | {"added_at": now, "last_used_at": now + timedelta(days=1)}])
        for start in range(0, people, BATCH):
            numbers = range(start, min(start + BATCH, people))
            _write_people(connection, numbers, holders, issuer, now)
    _settle(engine)
    return Crowd([card.public_bytes(Encoding.DER) for card in cards], token)


def _provider(name: str, now: datetime) -> Row:
    return {
        "service_provider_id": name,
        "name": name,
        "added_at": now,
        "first_links": "staffed",
        "typed_mykey_ids": True,
    }


def _write_people(
    connection: Connection, numbers: range, holders: Mapping[int, x509.Certificate], issuer: str, now: datetime
) -> None:
    """Write what a registration and three links write, but for their entries in the audit chain."""
    people = [(number, uuid4(), _string(number, holders)) for number in numbers]
    tables: dict[type, Callable[[int, UUID, str], Iterator[Row]]] = {
        Person: lambda _, person, __: iter([{"person_id": person, "registered_at": now}]),
        Certificate: lambda number, person, string: iter(
            [_certificate(holders.get(number), issuer, now) | {"random_string": string, "person_id": person}]
        ),
        MyKeyIdRecord: lambda _, person, string: iter(
            [{"mykey_id": string, "terminal_code": TERMINAL_CODE, "person_id": person, "registered_at": now}]
        ),
        TakenString: lambda _, __, string: iter([{"string": string, "use": "default"}]),
        StopCode: lambda _, person, __: iter([{"code_hash": urandom(32).hex(), "person_id": person}]),
        ServiceLink: lambda number, person, _: (
            {"service_provider_id": each, "person_id": person, "service_id": f"{number:010}", "linked_at": now}
            for each in PROVIDERS
        ),
    }
    for model, rows in tables.items():
        _write(connection, model, [row for one in people for row in rows(*one)])


def _string(number: int, holders: Mapping[int, x509.Certificate]) -> str:
    """Return 14 characters in no order, as those of cards are."""
    return f"{'C' if number in holders else 'P'}{sha256(str(number).encode()).hexdigest()[:13].upper()}"


def _certificate(card: x509.Certificate | None, issuer: str, now: datetime) -> dict[str, Any]:
    return {
        "issuer_key_id": issuer,
        "serial_number": f"{card.serial_number if card else random.getrandbits(159):x}",
        "public_key_digest": key_digest(card) if card else urandom(32).hex(),
        "terminal_code": TERMINAL_CODE,
        "not_before": BEGIN,
        "not_after": BEGIN.replace(year=2040),
        "registered_at": now,
    }


def _write(connection: Connection, model: Any, rows: Sequence[Row]) -> None:
    """Write rows of one table past SQLAlchemy's own statements, which are slower by minutes a million people."""
    table, dialect, names = cast("Table", model.__table__), connection.dialect, list(rows[0])
    makers = [table.c[name].type.bind_processor(dialect) or (lambda value: value) for name in names]
    values = ([make(row[name]) for make, name in zip(makers, names, strict=True)] for row in rows)
    columns, cursor = ", ".join(names), connection.connection.cursor()
    if dialect.name == "sqlite":
        marks = ", ".join("?" * len(names))
        cursor.executemany(f"INSERT INTO {table.name} ({columns}) VALUES ({marks})", values)  # noqa: S608 - our own names
        return
    with cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN") as copy:
        for each in values:
            copy.write_row(each)


def _settle(engine: Engine) -> None:
    """Let PostgreSQL's planner know the tables, as it does by itself some time later."""
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()
