"""For every life, undo(move(x)) is x, but for the audit chain and what was put aside.

Short lives of a holder, a thief with a newer card, and somebody else who wants what they have, each with people of its
own. The suite tries 28, always the same; `make soak` ten times as many as it is told, always others.
"""

import os

import hypothesis
import pytest
from hypothesis import strategies as st
from sqlalchemy import select

from portal.extensions import db
from portal.models import ServiceLink, TakenString
from portal.services.record.table_rows import TABLES, plain
from tests.conftest import NOW
from tests.portal.lives.acts import DONE, PROVIDERS
from tests.portal.lives.test_life import acts  # noqa: F401 (a fixture)

SOAK = int(os.environ.get("SOAK", "0"))
EXAMPLES = {"sqlite": 5 * SOAK or 20, "postgresql": 5 * SOAK or 8}
ACTS = ("link", "link", "replace", "unlink", "ask", "confirm", "reserve", "reserve", "cancel_reservation")
ACT = st.tuples(st.sampled_from((*ACTS, "resume", "look_up", "stop", "stop", "carry_on")), st.integers(0, 1))
"""What each of them may do, with one or the other provider, wish or stop code."""
WAYS = st.sampled_from(("code", "approved", "completed", "joined"))
FOR_EVER = ("person", "certificate", "mykey_id")
"""What may be there in addition after an undo, retired."""
TAKEN_AWAY = ("service_link", "pending_link", "reservation", "stop_code", "carry_over_code", "id_use")
SINCE = st.one_of(
    st.tuples(st.sampled_from(("thief", "thief", "other", "holder")), ACT),
    st.tuples(st.sampled_from(("days", "counter", "forget")), st.integers(1, 5)),
)


class Life:
    def __init__(self, acts, clock, number):  # noqa: F811
        self.acts, self.clock, self.number = acts, clock, number
        self.cards, self.people, self.stop_codes, self.days = {}, {}, {"thief": "2" * 16}, 0
        clock.now = NOW
        for who in ("holder", "other"):
            self.registers(who)

    def string(self, name):
        return f"{name}{self.number:09}".ljust(14, "X")

    def card(self, name):
        self.clock.forward(seconds=1)
        return self.acts.card(self.string(name), not_after=NOW.replace(year=NOW.year + 4))

    def registers(self, who):
        self.cards[who] = self.card(who[:5].upper())
        assert self.acts.register(self.cards[who]) == DONE
        self.people[who], self.stop_codes[who] = self.acts.person, self.acts.stop_code()

    def does(self, who, act, which):
        """Let somebody do something, which may be refused."""
        self.clock.forward(seconds=1)
        card, provider = self.cards[who], PROVIDERS[which]
        if act in ("link", "replace", "ask", "confirm"):
            getattr(self.acts, act)(card, provider, f"{self.number}-{len(act) % 3}")
        elif act in ("unlink", "look_up"):
            getattr(self.acts, act)(card, provider)
        elif act == "reserve":
            self.acts.reserve(card, self.string(f"WISH{which}"))
        elif act == "stop":
            self.acts.stop(self.stop_codes[("holder", who)[which]])
        elif act == "carry_on":
            self.acts.make_code(card)
        elif getattr(self.acts, act)(card) == DONE and act == "resume":
            self.stop_codes[who] = self.acts.stop_code()

    def moves(self, way):
        """Let the thief move the holder's record; return the outcome and what was there before."""
        if way == "code":
            self.acts.make_code(self.cards["holder"])
            code = self.acts.carry_over_code()
            before = self.rows() | {"carry_over_code": []}  # it is used up
            self.cards["thief"] = self.card("THIEF")
            return self.acts.by_code(self.cards["thief"], code), before
        if way != "joined":
            self.cards["thief"] = self.card("WISH0" if way == "completed" else "THIEF")
        before = self.rows()
        self.clock.forward(seconds=1)
        return self.acts.complete(self.cards["holder"], self.cards["thief"], approved=True), before

    def goes_on(self, who, what):
        if who == "days":
            self.days += what
            self.clock.forward(days=what if self.days < 30 else 0)
        elif who == "forget":
            self.acts.outcome(self.acts.services.retention.forget)
        elif who == "counter":  # two clerks move it on, and the thief's own key takes it back
            if self.acts.complete(self.cards["thief"], self.card("NEWER"), approved=True) == DONE:
                assert self.acts.undo(self.cards["thief"]) == DONE
        else:
            self.does(who, *what)

    def rows(self):
        """Return every row of the holder, and of the thief where he registered for himself, by table."""
        people = [self.people[who] for who in ("holder", "thief") if who in self.people]
        with self.acts.app.app_context():
            return {name: self.rows_of(TABLES[name], people) for name in (*FOR_EVER, *TAKEN_AWAY)}

    @staticmethod
    def rows_of(table, people):
        """Return them without a person's version, which no undo takes back: every session ends."""
        rows = db.session.execute(select(table).where(table.c.person_id.in_(people)))
        return [{**plain(table, row), "version": None} for row in rows]

    def taken(self, name, row):
        """Tell whether somebody else has the place of a row that is not given back."""
        if name == "service_link":
            there = {key: row[key] for key in ("service_provider_id", "service_id")}
            found = db.session.scalars(select(ServiceLink).filter_by(**there)).one_or_none()
        else:
            found = db.session.get(TakenString, row["mykey_id"]) if name == "reservation" else None
        return found is not None and found.person_id in (self.people["other"], None)

    def check(self, before):
        after = self.rows()
        with self.acts.app.app_context():
            for name, rows in before.items():
                more = [row for row in after[name] if row not in rows]
                assert all(name in FOR_EVER and row["retired_at"] for row in more), f"left in {name}"
                assert all(self.taken(name, row) for row in rows if row not in after[name]), f"lost from {name}"
        if "thief" not in self.people:
            assert self.acts.look_up(self.cards["thief"], PROVIDERS[0]) == "mykey-id-not-registered"


@pytest.mark.timeout(0 if SOAK else 120)
def test_whatever_thief_and_holder_did_an_undo_gives_everything_back(acts, clock, settings):  # noqa: F811
    lives = iter(range(10**9))
    acts.empty()

    @hypothesis.settings(
        max_examples=EXAMPLES[settings.database.partition(":")[0].partition("+")[0]],
        derandomize=not SOAK,
        database=None,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(WAYS, st.lists(st.tuples(st.booleans(), ACT), max_size=8), st.lists(SINCE, max_size=8))
    def live(way, first, since):
        life = Life(acts, clock, next(lives))
        if way == "joined":
            life.registers("thief")
        for other, act in first:
            life.does("other" if other and "thief" not in life.people else "thief" if other else "holder", *act)
        outcome, before = life.moves(way)
        hypothesis.event(f"{way}: {outcome}")
        if outcome == DONE:
            for each in since:
                life.goes_on(*each)
            assert acts.undo(life.cards["holder"]) == DONE
            life.check(before)

    live()
    with acts.app.app_context():
        assert acts.services.audit.broken()[1] is None
