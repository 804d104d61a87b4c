"""What holds after every act, whoever did it and however it ended; and the record as a plain value."""

from collections import Counter
from uuid import UUID

from sqlalchemy import select

from portal.domain.registration import ReservationEnding, StringUse
from portal.extensions import db
from portal.models import (
    CarryOverCode,
    Certificate,
    IdUse,
    MyKeyIdRecord,
    PendingLink,
    Person,
    Reservation,
    ServiceLink,
    StopCode,
    TakenString,
)


def record(app):
    """Return the whole record as one value: what two runs of the same acts have in common."""
    rows = _rows()
    now = app.extensions["mykey"].clock()
    return {
        "people": {each.person_id: (each.ended_at is None, each.stopped_at is not None) for each in rows[Person]},
        "certificates": {
            int(each.serial_number, 16): (each.person_id, each.retired_at is None) for each in rows[Certificate]
        },
        "ids": {
            (each.mykey_id, each.terminal_code): (each.person_id, each.retired_at is None)
            for each in rows[MyKeyIdRecord]
        },
        "reserved": {each.person_id: each.mykey_id for each in rows[Reservation] if _live(each, now)},
        "strings": {
            each.string: (each.use, each.person_id)
            for each in rows[TakenString]
            if each.reserved_until is None or each.reserved_until > now
        },
        "links": {(each.service_provider_id, each.person_id): each.service_id for each in rows[ServiceLink]},
        "pending links": {
            (each.service_provider_id, each.person_id): each.service_id
            for each in rows[PendingLink]
            if each.expires_at > now
        },
        "uses": Counter((each.service_provider_id, each.person_id) for each in rows[IdUse]),
        "stop codes": Counter(each.person_id for each in rows[StopCode]),
        "carry-over codes": Counter(each.person_id for each in rows[CarryOverCode]),
    }


def check(app):
    """Assert that no row contradicts another one, and that the audit chain stands; return the record and its length."""
    with app.app_context():
        found = record(app)
        _check_people(found)
        _check_strings(found)
        _check_reservations(app)
        length, broken = app.extensions["mykey"].audit.broken()
        assert broken is None
    return found, length


def nameless(checked):
    """Write a record with a person's first card in place of the random name, so that two runs can be compared."""
    found, length = checked
    cards = {}
    for serial, (person, _) in sorted(found["certificates"].items(), reverse=True):
        cards[person] = serial

    def named(value):
        if isinstance(value, tuple):
            return tuple(named(each) for each in value)
        return cards.get(value, "nobody's") if isinstance(value, UUID) else value

    return {kind: {named(key): named(value) for key, value in rows.items()} for kind, rows in found.items()}, length


def _check_people(found):
    alive = {person for person, (is_alive, _) in found["people"].items() if is_alive}
    named = Counter(person for person, current in found["certificates"].values() if current)
    assert named == Counter(alive), "each person has one current certificate, and nobody else has"
    ids = Counter(person for person, current in found["ids"].values() if current)
    assert set(ids) <= alive, "an ID of nobody"
    assert all(count == 1 for count in ids.values()), "two current IDs of one person"
    for kind in ("ids", "certificates"):
        assert {person for person, _ in found[kind].values()} <= set(found["people"])
    for kind in ("stop codes", "carry-over codes"):
        assert set(found[kind]) <= alive, f"{kind} of nobody"
        assert all(count == 1 for count in found[kind].values())
    for kind in ("links", "pending links"):
        assert {person for _, person in found[kind]} <= alive, f"{kind} of nobody"


def _check_strings(found):
    chosen = {string: person for (string, terminal), (person, _) in found["ids"].items() if not terminal}
    default = {string for (string, terminal) in found["ids"] if terminal}
    assert not chosen.keys() & default, "the same characters chosen and default"
    expected = dict.fromkeys(default, (StringUse.DEFAULT, None))
    expected |= {string: (StringUse.CHOSEN, person) for string, person in chosen.items()}
    waits_again = {string for person, string in found["reserved"].items() if chosen.get(string) == person}
    assert not waits_again & {name[0] for name, (_, current) in found["ids"].items() if current}
    expected |= {
        string: (StringUse.RESERVED, person)
        for person, string in found["reserved"].items()
        if string not in waits_again  # a move that made it somebody's was undone
    }
    assert found["strings"] == expected, "strings and their uses disagree"


def _check_reservations(app):
    now = app.extensions["mykey"].clock()
    rows = _rows()[Reservation]
    assert all(count == 1 for count in Counter(each.person_id for each in rows if _live(each, now)).values())
    assert all((each.ended_at is None) == (each.ending is None) for each in rows)
    assert {each.ending for each in rows} <= {None, *ReservationEnding}


def _live(reservation, now):
    return reservation.ended_at is None and reservation.expires_at > now


def _rows():
    tables = (Person, Certificate, MyKeyIdRecord, Reservation, TakenString)
    tables += (ServiceLink, PendingLink, StopCode, CarryOverCode, IdUse)
    return {table: db.session.scalars(select(table)).all() for table in tables}
