"""What each act costs in SQL statements, whatever the size of the tables.

The exact tables are promises: a statement more makes everybody wait longer, so a change here is a decision, not a fix.
"""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import insert

from portal.domain.formats.stop_code import with_check
from portal.domain.registration import StringUse
from portal.extensions import db
from portal.models import Certificate, MyKeyIdRecord, Person, Reservation, StopCode, TakenString, Visit
from tests.conftest import NOW, VALID
from tests.portal.actors.bridges import Bridge
from tests.portal.actors.card_holders import at_the_forms
from tests.portal.actors.pages import Citizen

TRANSACTION = ("BEGIN", "SAVEPOINT", "RELEASE")


@pytest.fixture
def cost(statements):
    """Count the statements of an act but for the words of a transaction."""

    def of(act):
        with statements() as seen:
            act()
        return len([statement for statement in seen if not statement.startswith(TRANSACTION)])

    return of


def test_the_acts_of_a_registration_cost_a_fixed_number_of_statements(app, card, cost):
    citizen, bridge, found = Citizen(app), Bridge(app, *card), {}
    client, base = citizen.client, citizen.base
    token = citizen.get("/register").csrf_token
    form = {"csrf_token": token, "purpose": "register", "agree": "yes"}

    def start():
        found["waiting"] = client.post("/card-sessions", base_url=base, data=form).headers["Location"]

    counts = {"start": cost(start)}
    page = citizen.get(found["waiting"])
    counts["poll"] = cost(lambda: client.get(page.value("hx-get"), base_url=base))
    counts["claim"] = cost(lambda: bridge.claim(page))
    counts["failure"] = cost(lambda: bridge.fail("no-card"))
    counts["answer"] = cost(lambda: found.update(bridge.answer().json))
    code = found["completion_url"].partition("#")[2]
    counts["complete"] = cost(lambda: client.post("/completion", base_url=base, data={"code": code}))
    token = citizen.get("/registration?first=yes").csrf_token
    counts["register"] = cost(lambda: client.post("/registration", base_url=base, data={"csrf_token": token}))
    counts["account"] = cost(lambda: client.get("/account", base_url=base))
    counts["static"] = cost(lambda: client.get("/static/css/portal.css", base_url=base).close())
    assert counts == {
        "start": 2,
        "poll": 1,
        "claim": 1,
        "failure": 1,
        "answer": 2,
        "complete": 5,
        "register": 23,
        "account": 11,
        "static": 0,
    }


@pytest.fixture
def read(app, authority, keys):
    """Put somebody with a card of their own before both forms."""

    made = {}

    def by(common_name):
        if common_name not in made:
            made[common_name] = authority.issue(common_name, public_key=keys[0].public_key(), **VALID)
        [citizen] = at_the_forms(app, [made[common_name]])
        return citizen

    return by


@pytest.fixture
def citizens_acts(cost, read):
    """Count the statements of what a citizen does with form (2), the slip, the stop page and the audit check."""

    def of(name):
        hanako, taro = (f"{name}{who}".ljust(14, "0") for who in ("HANAKO", "TARO"))
        taken, free, other = (f"{name}{what}".ljust(14, "7") for what in ("TAKEN", "FREE", "OTHER"))
        read(f"{taro}07202002B").post("/registration/reservation", mykey_id=taken)
        citizen = read(f"{hanako}07202002B")

        def get(address):
            return cost(lambda: citizen.client.get(address, base_url=citizen.base))

        def post(address, who=citizen, **fields):
            form = fields | {"csrf_token": who.page.csrf_token}
            return cost(lambda: who.client.post(address, base_url=who.base, data=form))

        return {
            "forms": get("/registration?first=yes"),
            "check, taken": post("/registration/check", mykey_id=taken),
            "check, free": post("/registration/check", mykey_id=free),
            "refused": post("/registration/reservation", mykey_id=taken),
            "reserve": post("/registration/reservation", mykey_id=free),
            "reserved": get("/registration"),
            "slip": get("/account/slip"),
            "replace": post("/registration/reservation", read(f"{hanako}07202002B"), mykey_id=other),
            "stop": post("/stop", stop_code=with_check("23456789ABCDEFG")),
            "audit": get("/audit?number=1&digest=0"),
        }

    return of


def test_reserving_checking_and_stopping_cost_the_same_in_full_tables(app, citizens_acts):
    empty = citizens_acts("A")
    assert empty == {
        "forms": 7,
        "check, taken": 6,
        "check, free": 5,
        "refused": 8,
        "reserve": 26,
        "reserved": 7,
        "slip": 4,
        "replace": 24,
        "stop": 3,
        "audit": 2,
    }
    fill(app, 3000)
    assert citizens_acts("B") == empty


def fill(app, number):
    """Write so many strangers with all that they may have."""
    with app.app_context():
        people = [uuid4() for _ in range(number)]
        strings = [f"CROWD{each:09}" for each in range(number)]
        ever = {"not_before": NOW, "not_after": NOW + timedelta(days=900), "registered_at": NOW}
        for table, rows in {
            Person: [{"person_id": one, "registered_at": NOW} for one in people],
            Certificate: [
                {"issuer_key_id": "aa", "serial_number": one.hex, "public_key_digest": "", "random_string": string}
                | {"terminal_code": "07202002B", "person_id": one, **ever}
                for one, string in zip(people, strings, strict=True)
            ],
            MyKeyIdRecord: [
                {"mykey_id": string, "terminal_code": "07202002B", "person_id": one, "registered_at": NOW}
                for one, string in zip(people, strings, strict=True)
            ],
            TakenString: [{"string": string, "use": StringUse.DEFAULT} for string in strings],
            Reservation: [
                {"receipt_number": string, "person_id": one, "mykey_id": string}
                | {"reserved_at": NOW, "expires_at": NOW + timedelta(days=90)}
                for one, string in zip(people, strings, strict=True)
            ],
            StopCode: [{"code_hash": one.hex, "person_id": one} for one in people],
        }.items():
            db.session.execute(insert(table), rows)
        db.session.commit()


def test_the_acts_at_the_counter_cost_a_fixed_number_of_statements(counter_town, clock, cost):
    old, new, desk, counts = counter_town.card(), counter_town.reissued(), None, {}
    counter_town.register(old)
    receipt = counter_town.reserve(old)
    clock.forward(days=1)
    desk = counter_town.clerk()
    client, base = desk.browser.client, desk.browser.base

    def post(address, **fields):
        return client.post(address, base_url=base, data={"csrf_token": desk.browser.page.csrf_token} | fields)

    def read(purpose, card):
        bridge = Bridge(counter_town.app, *card)
        bridge.claim(desk.begin(purpose))
        code = bridge.answer().json["completion_url"].partition("#")[2]
        counts[purpose] = cost(lambda: client.post("/completion", base_url=base, data={"code": code}))

    counts["search"] = cost(lambda: post("/counter", typed=receipt))
    desk.open(receipt)
    counts["visit"] = cost(lambda: client.get(desk.visit, base_url=base))
    read("before", old)
    read("after", new)
    page = desk.look()
    counts["look"] = cost(lambda: client.get(desk.visit, base_url=base))
    counts["complete"] = cost(
        lambda: desk.browser.client.post(
            f"{desk.visit}/completion",
            base_url=base,
            data={"csrf_token": page.csrf_token, "reason": "x", "serial_number": f"{new[0].serial_number:x}"},
        )
    )
    desk.look()
    person_id = counter_town.rows(Visit)[0].person_id
    counts["open"] = cost(lambda: post("/counter/visits", **{"person_id": person_id, "for": "renewal"}))
    assert counts == {"search": 7, "visit": 8, "before": 14, "after": 10, "look": 8, "complete": 32, "open": 5}
