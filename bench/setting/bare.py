"""Floors, `python -m bench.setting.bare`: bare views on the portal's own rows, each act a transaction.

A read and a write are those of any page and any act. The other two are those of a look-up: one reads and writes as an
ordinary act does, in ten statements; one does the least that the act needs: one read, a use, an entry, one update, and
one commit that lasts.
"""

import sys
from datetime import UTC, datetime
from os import urandom
from typing import cast
from uuid import uuid4

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, Table, bindparam, create_engine, select
from sqlalchemy.dialects import postgresql, sqlite

from portal import extensions, models  # the first for how SQLite begins a transaction and keeps it
from portal.config import THREADS, Settings
from portal.gateways.listener import listening
from portal.serving.processes import run_several
from portal.serving.server import make_server, run

SETTINGS = Settings()
ENGINE = create_engine(SETTINGS.database, pool_size=THREADS)
(CERTIFICATE, ENTRY, FIGURE, HEAD, ID, LINK, PERSON, PROVIDER, TERMINAL, USE) = (
    cast("Table", each.__table__)
    for each in (
        *(models.Certificate, models.AuditEntry, models.DailyFigure, models.AuditHead, models.MyKeyIdRecord),
        *(models.ServiceLink, models.Person, models.ServiceProvider, models.Terminal, models.IdUse),
    )
)
READ_TERMINAL = select(TERMINAL).where(TERMINAL.c.token_hash == bindparam("token_hash"))
READ_PROVIDER = select(PROVIDER).where(PROVIDER.c.service_provider_id == bindparam("provider"))
READ_CERTIFICATE = select(CERTIFICATE).where(
    CERTIFICATE.c.issuer_key_id == bindparam("issuer"), CERTIFICATE.c.serial_number == bindparam("serial")
)
READ_ANY = select(PROVIDER).limit(1)
READ_PERSON = select(PERSON).where(PERSON.c.person_id == bindparam("person")).with_for_update()
READ_ID = select(ID).where(ID.c.person_id == bindparam("person"), ID.c.retired_at.is_(None))
READ_LINK = select(LINK).where(
    LINK.c.service_provider_id == bindparam("provider"), LINK.c.person_id == bindparam("person")
)
COUNT = (postgresql if ENGINE.dialect.name == "postgresql" else sqlite).insert(FIGURE)
COUNT = COUNT.on_conflict_do_update(index_elements=list(FIGURE.primary_key), set_={"times": FIGURE.c.times + 1})
READ_ALL = (
    select(LINK, TERMINAL.c.terminal_id)
    .join(TERMINAL, TERMINAL.c.service_provider_id == LINK.c.service_provider_id)
    .join(CERTIFICATE, CERTIFICATE.c.person_id == LINK.c.person_id)
    .where(TERMINAL.c.token_hash == bindparam("token_hash"), CERTIFICATE.c.issuer_key_id == bindparam("issuer"))
    .where(CERTIFICATE.c.serial_number == bindparam("serial"))
)
LOCK_HEAD = HEAD.update().values(number=HEAD.c.number + 1, digest=bindparam("written")).returning(HEAD.c.number)

app = Flask(__name__)
assert extensions


@app.get("/healthz")
def health() -> str:
    return "ok"


@app.get("/read")
def read() -> str:
    """Read one row: what a page needs at the least."""
    with ENGINE.connect().execution_options(reads=True) as connection:
        return str(connection.execute(READ_ANY).first())


@app.post("/write")
def write() -> str:
    """Read one row, write one, and let it last: what an act needs at the least."""
    with ENGINE.begin() as connection:
        connection.execute(READ_ANY).first()
        use = {
            "use_id": uuid4(),
            "person_id": uuid4(),
            "service_provider_id": "",
            "what": "",
            "used_at": datetime.now(UTC),
        }
        connection.execute(USE.insert(), use)
    return ""


@app.post("/ten")
def ten() -> ResponseReturnValue:
    fields = request.get_json()
    with ENGINE.begin() as connection:
        return jsonify(_ten(connection, fields))


@app.post("/least")
def least() -> ResponseReturnValue:
    fields = request.get_json()
    with ENGINE.begin() as connection:
        return jsonify(_least(connection, fields))


def _least(connection: Connection, fields: dict[str, str]) -> dict[str, str]:
    link = connection.execute(READ_ALL, fields).one()
    provider, now, digest = link.service_provider_id, datetime.now(UTC), urandom(32)
    use = {"use_id": uuid4(), "person_id": link.person_id, "service_provider_id": provider}
    connection.execute(USE.insert(), use | {"what": "looked-up", "used_at": now})
    number = connection.execute(LOCK_HEAD, {"written": digest}).scalar_one()
    entry = {"number": number, "at": now, "event": "bare", "details_digest": digest, "digest": digest}
    connection.execute(ENTRY.insert(), entry)
    return {"service_provider_id": provider, "service_id": link.service_id}


def _ten(connection: Connection, fields: dict[str, str]) -> dict[str, str]:
    terminal = connection.execute(READ_TERMINAL, fields).one()
    provider = connection.execute(READ_PROVIDER, {"provider": terminal.service_provider_id}).one()
    certificate = connection.execute(READ_CERTIFICATE, fields).one()
    person = {"person": certificate.person_id}
    connection.execute(READ_PERSON, person).one()
    connection.execute(READ_ID, person).one()
    link = connection.execute(READ_LINK, {"provider": provider.service_provider_id} | person).one()
    now = datetime.now(UTC)
    what = {"service_provider_id": provider.service_provider_id, "what": "looked-up"}
    use = what | {"use_id": uuid4(), "person_id": certificate.person_id, "used_at": now}
    connection.execute(USE.insert(), use)
    connection.execute(COUNT, what | {"day": now.date(), "code": "", "times": 1})
    digest = urandom(32)
    number = connection.execute(LOCK_HEAD, {"written": digest}).scalar_one()
    entry = {"number": number, "at": now, "event": "bare", "details_digest": digest, "digest": digest}
    connection.execute(ENTRY.insert(), entry)
    return {"service_provider_id": provider.service_provider_id, "service_id": link.service_id}


def main() -> None:
    """Serve by as many processes as the command line says, one without."""
    with listening(SETTINGS.listen) as sockets:

        def serve() -> None:
            run(make_server(app, sockets=sockets))

        run_several(int(sys.argv[1]), serve) if sys.argv[1:] else serve()


if __name__ == "__main__":
    main()
