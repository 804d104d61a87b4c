"""Five thousand people in the tables, none of whom does anything."""

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import func, insert, select, text, update

from portal.extensions import db
from portal.models import (
    AuditEntry,
    AuditHead,
    CarryOverCode,
    Certificate,
    CorrespondenceLine,
    IdUse,
    Move,
    MyKeyIdRecord,
    PendingLink,
    Person,
    Reservation,
    Review,
    ServiceLink,
    StopCode,
    TakenString,
    Visit,
)
from tests.portal.lives.acts import PROVIDERS, TERMINAL

PEOPLE = 5_000


def crowd(app):
    """Write them into every table that grows with people and acts; they and their rows are consistent in themselves."""
    now = app.extensions["mykey"].clock()
    with app.app_context():
        length = db.session.scalar(select(func.max(AuditEntry.number)))
        for table, of in rows_of_one(now - timedelta(days=30), now + timedelta(days=1000), length).items():
            db.session.execute(insert(table), [of(number, person) for number, person in enumerate(PERSONS)])
        db.session.execute(update(AuditHead).values(number=length + PEOPLE))
        db.session.commit()
        if db.engine.dialect.name == "postgresql":  # which does so by itself, some time later
            db.session.execute(text("ANALYZE"))
            db.session.commit()


PERSONS = [uuid4() for _ in range(PEOPLE)]


def rows_of_one(begin, end, length):
    """Return for each table how a person's row in it is made, from number and name."""
    old, new = (
        {f"{age}_issuer_key_id": issuer, f"{age}_serial_number": ""} for age, issuer in (("old", "bb"), ("new", "aa"))
    )
    return {
        Person: lambda _, person: {"person_id": person, "registered_at": begin},
        Certificate: lambda number, person: {
            "issuer_key_id": "aa",
            "serial_number": f"{number:x}",
            "public_key_digest": "",
            "random_string": f"CROWD{number:09}",
            "terminal_code": TERMINAL,
            "person_id": person,
            "not_before": begin,
            "not_after": end,
            "registered_at": begin,
        },
        MyKeyIdRecord: lambda number, person: {
            "mykey_id": f"CROWD{number:09}",
            "terminal_code": TERMINAL,
            "person_id": person,
            "registered_at": begin,
        },
        TakenString: lambda number, _: {"string": f"CROWD{number:09}", "use": "default"},
        Reservation: lambda number, person: {
            "receipt_number": f"{number}",
            "person_id": person,
            "mykey_id": f"WISH{number:010}",
            "reserved_at": begin,
            "expires_at": end,
        },
        ServiceLink: lambda number, person: {
            "service_provider_id": PROVIDERS[0],
            "person_id": person,
            "service_id": f"{number}",
            "linked_at": begin,
        },
        PendingLink: lambda number, person: {
            "service_provider_id": PROVIDERS[0],
            "person_id": person,
            "service_id": f"{number}",
            "asked_at": begin,
            "expires_at": end,
        },
        IdUse: lambda _, person: {
            "use_id": uuid4(),
            "person_id": person,
            "service_provider_id": PROVIDERS[0],
            "what": "linked",
            "used_at": begin,
        },
        Move: lambda _, person: {
            "move_id": uuid4(),
            "person_id": person,
            "proof": "counter",
            "moved_at": begin,
            **old,
            **new,
        },
        CarryOverCode: lambda number, person: {
            "code_hash": f"{number}",
            "person_id": person,
            "made_at": begin,
            "expires_at": end,
        },
        StopCode: lambda number, person: {"code_hash": f"{number:064x}", "person_id": person},
        Visit: lambda number, person: {
            "visit_number": f"{number:08}",
            "opened_by": person,
            "opened_at": begin,
            "expires_at": end,
            "person_id": person,
            **old,
            "for_reservation": False,
        },
        Review: lambda number, _: {"review_key": f"{number}", "code": "crowd", "facts": {}, "opened_at": begin},
        CorrespondenceLine: lambda number, _: {
            **old,
            **new,
            "new_serial_number": f"{number:x}",
            "file_id": uuid4(),
            "expires_at": end,
        },
        AuditEntry: lambda number, _: {
            "number": length + 1 + number,
            "at": begin,
            "event": "crowd",
            "details_digest": b"",
            "digest": b"",
        },
    }
