"""Each act costs the same SQL statements among five thousand people as among none, and none of them reads a table."""

import re

import pytest
from sqlalchemy import Engine, event

from portal.extensions import db
from portal.services.operation.management_table import Look
from tests.portal.actors.crowd import crowd
from tests.portal.lives.acts import DONE, PROVIDERS

A, B = PROVIDERS
MOST = 40
"""Statements of the dearest act, those that mark a transaction among them."""
LOOKS = (("mykey_id", "CROWD000000007"), ("service_provider_id", A), ("service_id", "7"), ("service_id", ""))
"""What an operator looks for in the management table."""
SMALL = {"audit_head", "service_provider", "sqlite_schema", "CONSTANT"}
"""Tables of a row or two here, where reading them whole is the quickest way, and rows that a statement itself holds."""


@pytest.fixture
def seen():
    """Return what an act says to the database: statements and their parameters."""
    said, on = [], []

    def note(_connection, _cursor, statement, parameters, *_):
        if on:
            said.append((statement, parameters))

    def of(act):
        said.clear()
        on.append(True)
        assert act() == DONE
        on.clear()
        return list(said)

    event.listen(Engine, "before_cursor_execute", note)
    yield of
    event.remove(Engine, "before_cursor_execute", note)


@pytest.fixture
def life(acts, seen, clock):
    """Let one person go through every act; return what each said to the database."""
    return lambda prefix: Life(acts, seen, clock, prefix).costs


class Life:
    def __init__(self, acts, seen, clock, prefix):
        self.acts, self.seen, self.clock, self.prefix, self.costs = acts, seen, clock, prefix, {}
        first = acts.card(f"{prefix}FIRST12345")
        self.begins(first)
        second = self.chooses(first)
        fresh = self.renews(second)
        self.ends(fresh)

    def press(self, name, service, card, purpose, *more, **parameters):
        """Press a button after the card has been read; the reading is another act."""
        session = self.acts.read(card, purpose, **parameters)
        self.costs[name] = self.seen(lambda: self.acts.outcome(service, session, *more))

    def begins(self, card):
        services, acts = self.acts.services, self.acts
        self.press("register", services.registration.register, card, "register")
        self.press("register again", services.registration.register, card, "register")
        self.costs["link"] = self.seen(lambda: acts.link(card, A, f"{self.prefix}1"))
        self.costs["ask"] = self.seen(lambda: acts.ask(card, B, f"{self.prefix}3"))
        named = {"service_provider_id": B, "service_id": f"{self.prefix}3"}
        self.press("confirm", services.my_page.link, card, "link", **named)
        assert acts.unlink(card, B) == DONE
        self.costs["look up"] = self.seen(lambda: acts.look_up(card, A) and DONE)

    def chooses(self, card):
        reserve = self.acts.services.provisional_registration.reserve
        self.press("reserve", reserve, card, "register", f"{self.prefix}WISHED1234")
        self.press("replace", reserve, card, "register", f"{self.prefix}WISHED5678")
        new = self.later(card, "WISHED5678")
        with self.acts.app.app_context():
            visit = self.acts.visit(card, new)
        self.costs["complete"] = self.seen(lambda: self.acts.outcome(self.acts.press, visit))
        return new

    def renews(self, card):
        renewal, acts = self.acts.services.renewal, self.acts
        self.press("make code", acts.services.carry_over.make_code, card, "carry-over")
        code, new = acts.carry_over_code(), self.later(card, "BYCODE1234")
        self.press("by code", renewal.by_code, new, "renew", code)
        self.press("undo", renewal.undo, card, "renew")
        fresh = self.later(card, "FRESH12345")
        assert acts.register(fresh) == acts.link(fresh, B, f"{self.prefix}2") == DONE
        acts.permit(card, fresh)
        self.press("join", renewal.by_correspondence, fresh, "renew")
        return fresh

    def ends(self, card):
        services, acts = self.acts.services, self.acts
        twin = acts.card(*card.name, not_after=card.not_after)
        session = acts.read(twin, "register")
        self.costs["ask staff"] = self.seen(
            lambda: acts.outcome(services.registration.register, session).replace("mykey-id-conflict", DONE)
        )
        self.press("unlink", services.my_page.unlink, card, "unlink", service_provider_id=A)
        self.press("resume", services.stop_codes.resume, card, "resume")
        person, code = acts.person, acts.stop_code()
        self.costs["stop"] = self.seen(lambda: acts.stop(code))
        self.costs["my page"] = self.seen(lambda: acts.outcome(services.my_page.record, person))
        assert acts.reserve(card, f"{self.prefix}WISHED9999") == DONE
        self.press("cancel reservation", services.provisional_registration.cancel_by_card, card, "cancel-reservation")
        self.press("cancel registration", services.my_page.cancel_registration, card, "cancel-registration")

    def later(self, card, string):
        self.clock.forward(days=1)
        return self.acts.card(f"{self.prefix}{string}", not_after=card.not_after)


def test_an_act_among_many_costs_what_it_costs_among_none(life, app, seen):
    alone = counts(life("AAAA"))
    crowd(app)
    among_many = life("BBBB")
    assert counts(among_many) == alone
    assert max(alone.values()) <= MOST, alone
    with app.app_context():
        rows = app.extensions["mykey"].operator_table.rows
        for look in LOOKS:
            among_many[look] = seen(lambda look=look: rows(Look(*look))[0] and DONE)
        assert read_whole("SELECT * FROM person WHERE stopped_at IS NOT NULL", ()) == {"person"}
        read = {
            (name, table, statement)
            for name, said in among_many.items()
            for statement, parameters in said
            for table in read_whole(statement, parameters)
        }
    assert not read


def counts(costs):
    return {name: len(said) for name, said in costs.items()}


def read_whole(statement, parameters):
    """Return the tables that a statement would read from end to end, as the database plans it."""
    if not statement.startswith(("SELECT", "INSERT", "UPDATE", "DELETE")):
        return set()
    sqlite = db.engine.dialect.name == "sqlite"
    explain = "EXPLAIN QUERY PLAN" if sqlite else "EXPLAIN"
    result = db.session.connection().exec_driver_sql(f"{explain} {statement}", parameters)
    plan = "\n".join(map(str, result)) if result.returns_rows else ""
    return set(re.findall(r"SCAN (\w+)" if sqlite else r"Seq Scan on (\w+)", plan)) - SMALL
