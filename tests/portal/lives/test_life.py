"""Random lives of several people against the plain rules of tests/portal/lives/model.py (Hypothesis state machine).

The suite tries 42 short lives, always the same, 30 on SQLite and 12 on PostgreSQL; `make soak` tries as many long ones
as it is told on each, always others.
"""

import os
from collections import Counter
from datetime import timedelta

import hypothesis
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import Engine, event, select

from portal.extensions import db
from portal.models import StopCode
from tests.conftest import NOW
from tests.portal.lives.acts import DONE, PROVIDERS, TERMINAL, Acts
from tests.portal.lives.invariants import check
from tests.portal.lives.model import Model

SOAK = int(os.environ.get("SOAK", "0"))
STEPS = 40 if SOAK else 15
EXAMPLES = {"sqlite": SOAK or 30, "postgresql": SOAK or 12}
STRINGS = tuple(f"{letter * 7}2345678" for letter in "ABC")
"""Characters that several cards bear, and that people wish for."""
SERVICE_IDS = ("000000001", "ABCDEFGHI")
BIRTHDAYS = ((2, 28), (9, 3))
LAST = NOW + timedelta(days=800)
"""The authority of the tests lives no longer than the cards issued until then."""


class Life(RuleBasedStateMachine):
    """Every rule is one act or one short story; after each the database must hold what the model holds."""

    cards = Bundle("cards")

    def __init__(self, acts, clock):
        super().__init__()
        self.acts, self.clock, self.model = acts, clock, Model()
        self.uuids, self.codes, self.stop_codes, self.looked_up = {}, ["2" * 24], ["2" * 16], 0
        clock.now = NOW
        acts.empty()

    def does(self, act, *arguments, card, made=None, extra=()):
        """Do one act in both worlds; the outcomes agree."""
        self.clock.forward(seconds=1)
        found = getattr(self.acts, act)(*([card] if card else []), *arguments)
        more = [made()] if made else []
        self.model, expected = self.model.attempt(
            act, *([card] if card else []), *arguments, *extra, *more, self.clock.now
        )
        assert found == expected, f"{act}: {found}, but {expected} was expected"
        if found == DONE and self.acts.person and card and card.serial in self.model.owner:
            self.uuids[self.model.owner[card.serial]] = self.acts.person

    def issue(self, string, *, terminal=TERMINAL, birthday=BIRTHDAYS[0], years=4, key=0):
        self.clock.forward(seconds=1)
        month, day = birthday
        end = self.clock.now.replace(year=self.clock.now.year + years, month=month, day=day)
        return self.acts.card(string or f"{self.acts._serial:014}", terminal, key=key, not_after=end)

    # cards

    @rule(
        target=cards,
        string=st.sampled_from((None, None, *STRINGS)),
        terminal=st.sampled_from((TERMINAL, "13221003A")),
        birthday=st.sampled_from(BIRTHDAYS),
        years=st.sampled_from((4, 4, 4, 1)),
    )
    def a_card_is_issued(self, string, terminal, birthday, years):
        return self.issue(string, terminal=terminal, birthday=birthday, years=years)

    @initialize(target=cards)
    def somebody_registers(self):
        return self.fresh_registration()

    @rule(target=cards)
    def fresh_registration(self):
        card = self.issue(None)
        self.register(card)
        for provider in PROVIDERS[: card.serial % 3]:
            self.link(card, provider, f"{card.serial:09}")
        return card

    @rule(target=cards, card=cards)
    def a_twin_has_the_number_and_another_key(self, card):
        if self.clock.now >= card.not_after:
            return card
        return self.acts.card(
            card.string, card.terminal, serial=card.serial, key=1, not_before=card.not_before, not_after=card.not_after
        )

    # acts of a citizen

    @rule(card=cards)
    def register(self, card):
        self.does("register", card=card, made=self.acts_stop_code)

    @rule(card=cards, string=st.sampled_from(STRINGS), of=cards, own=st.booleans())
    def reserve(self, card, string, of, own):
        """Reserve one of a few, or what another card bears."""
        self.does("reserve", of.string if own else string, card=card, made=self.acts_stop_code)

    @rule(card=cards)
    def cancel_reservation(self, card):
        self.does("cancel_reservation", card=card)

    @rule(card=cards)
    def make_code(self, card):
        self.does("make_code", card=card, made=self.acts.carry_over_code)
        self.codes.append(self.acts.carry_over_code())

    @rule(card=cards, which=st.integers(0, 5))
    def by_code(self, card, which):
        """Use a code of one's own, or a stolen, spent or invented one."""
        self.does("by_code", self.codes[-1 - which % len(self.codes)], card=card)

    @rule(
        target=cards,
        old=cards,
        string=st.sampled_from((None, None, *STRINGS)),
        birthday=st.sampled_from((*BIRTHDAYS, None)),
    )
    def renew_with_a_code(self, old, string, birthday):
        """Let somebody take the code of the old card to a newer one, in honesty or not."""
        self.make_code(old)
        new = self.issue(string, birthday=birthday or (old.not_after.month, old.not_after.day))
        self.does("by_code", self.codes[-1], card=new)
        return new

    @rule(old=cards, new=cards, fresh=st.booleans())
    def by_correspondence(self, old, new, fresh):
        if max(self.clock.now, new.not_before) < min(old.not_after, new.not_after):
            self.acts.permit(old, new)
            self.model.lines[new.serial] = (old.serial, self.clock.now + timedelta(days=365))
        if fresh:
            self.register(new)
        self.does("by_correspondence", card=new)

    @rule(target=cards, old=cards, birthday=st.sampled_from(BIRTHDAYS), linked=st.booleans())
    def a_proof_after_a_fresh_registration(self, old, birthday, linked):
        """Register the new card for itself, link with it, and then show whose it is."""
        new = self.issue(None, birthday=birthday)
        self.register(new)
        if linked:
            self.link(new, PROVIDERS[new.serial % 2], f"{new.serial:09}")
        self.by_correspondence(old, new, fresh=False)
        return new

    @rule(card=cards)
    def undo(self, card):
        self.does("undo", card=card)

    @rule(which=st.integers(0, 3))
    def object_to_a_move(self, which):
        if moves := self.model.moves:
            self.undo(self.model.cards[moves[-1 - which % len(moves)]["old"]])

    @rule(card=cards, provider=st.sampled_from(PROVIDERS))
    def unlink(self, card, provider):
        self.does("unlink", provider, card=card)

    @rule(
        card=cards,
        provider=st.sampled_from(PROVIDERS),
        service_id=st.sampled_from(SERVICE_IDS),
        confirmed=st.sampled_from(("at once", "later", "another")),
    )
    def a_terminal_asks_for_a_link(self, card, provider, service_id, confirmed):
        self.by_tap("ask", card, provider, service_id)
        if confirmed != "later":
            self.confirm(card, provider, service_id if confirmed == "at once" else SERVICE_IDS[0])

    @rule(card=cards, provider=st.sampled_from(PROVIDERS), service_id=st.sampled_from(SERVICE_IDS))
    def confirm(self, card, provider, service_id):
        self.does("confirm", provider, service_id, card=card)

    @rule(card=cards, back=st.booleans())
    def cancel_registration(self, card, back):
        self.does("cancel_registration", card=card)
        if back:
            self.register(card)

    @rule(which=st.integers(0, 5))
    def stop(self, which):
        self.does("stop", self.stop_codes[-1 - which % len(self.stop_codes)], card=None)

    @rule(card=cards)
    def resume(self, card):
        self.does("resume", card=card, made=self.acts_stop_code)

    # acts of others

    @rule(
        target=cards,
        old=cards,
        wish=st.sampled_from(("reserved", "reserved", "default", *STRINGS)),
        approved=st.booleans(),
    )
    def at_the_counter(self, old, wish, approved):
        """Let the authority write a new card that bears what is reserved, nothing special, or what another has."""
        number = self.model.owner.get(old.serial)
        reservation = None if number is None else self.model.reservation(self.model.people[number], self.clock.now)
        wished = reservation["id"] if wish == "reserved" and reservation else wish if wish in STRINGS else None
        new = self.issue(wished, birthday=(old.not_after.month, old.not_after.day))
        self.complete(old, new, approved)
        return new

    @rule(target=cards, card=cards, string=st.sampled_from(STRINGS), approved=st.booleans())
    def choose_an_id(self, card, string, approved):
        self.does("reserve", string, card=card, made=self.acts_stop_code)
        return self.at_the_counter(card, "reserved", approved)

    @rule(old=cards, new=cards, approved=st.booleans())
    def complete(self, old, new, approved):
        """Bring any two cards to the counter: harvested, older, or of two people who both have records."""
        self.clock.forward(seconds=1)
        found = self.acts.complete(old, new, approved=approved)
        self.model, expected = self.model.attempt("complete", old, new, approved, self.clock.now)
        assert found == expected, f"complete: {found}, but {expected} was expected"

    @rule(card=cards, provider=st.sampled_from(PROVIDERS), service_id=st.sampled_from(SERVICE_IDS))
    def link(self, card, provider, service_id):
        self.by_tap("link", card, provider, service_id)

    @rule(card=cards, provider=st.sampled_from(PROVIDERS), service_id=st.sampled_from(SERVICE_IDS))
    def replace(self, card, provider, service_id):
        self.by_tap("replace", card, provider, service_id)

    def by_tap(self, act, *arguments):
        """Do an act of a provider in both worlds; no refusal there is listed for staff."""
        self.clock.forward(seconds=1)
        found = getattr(self.acts, act)(*arguments)
        self.model, expected = self.model.attempt(act, *arguments, self.clock.now, reviewed=False)
        assert found == expected, f"{act}: {found}, but {expected} was expected"

    @rule(days=st.sampled_from((1, 31, 91, 366)))
    def time_goes_on(self, days):
        if self.clock.now + timedelta(days=days) < LAST:
            self.clock.forward(days=days)

    # what holds after each

    @invariant()
    def the_database_holds_what_the_model_holds(self):
        found, length = check(self.acts.app)
        assert found == self.expected(found)
        assert length == self.model.entries + self.looked_up + len(PROVIDERS)

    @invariant()
    def each_link_is_looked_up_with_the_current_card_alone(self):
        owner = self.model.owner
        for person in self.model.people:
            mine = {serial for serial, number in owner.items() if number == person.number}
            for provider in person.links:
                for serial in mine | {max(owner)}:
                    self.look_up(self.model.cards[serial], provider)

    @invariant()
    def each_stop_code_is_its_persons(self):
        with self.acts.app.app_context():
            found = {row.code_hash: row.person_id for row in db.session.scalars(select(StopCode))}
        stop_codes = self.acts.services.stop_codes
        people = [person for person in self.model.people if person.stop_code]
        assert found == {stop_codes._hash(each.stop_code): self.uuids[each.number] for each in people}

    def look_up(self, card, provider):
        expected = self.model.looked_up(card, provider, self.clock.now)
        assert self.acts.look_up(card, provider) == expected
        if expected in {link for person in self.model.people for link in person.links.values()}:
            self.looked_up += 1
            self.model.people[self.model.owner[card.serial]].uses[provider] += 1

    def acts_stop_code(self):
        self.stop_codes.append(self.acts.stop_code())
        return self.stop_codes[-1]

    def expected(self, found):
        """Write the model as the database's record."""
        people, now, uuid = self.model.people, self.clock.now, self.uuids.__getitem__
        current = {person.mykey_id: person.number for person in people if person.mykey_id}
        reserved = {
            uuid(person.number): self.model.reservation(person, now)["id"]
            for person in people
            if self.model.reservation(person, now)
        }
        return {
            "people": {uuid(each.number): (each.card is not None, each.stopped) for each in people},
            "certificates": {
                serial: (uuid(number), people[number].card == serial) for serial, number in self.model.owner.items()
            },
            "ids": {name: (uuid(number), current.get(name) == number) for name, number in self.model.ids.items()},
            "reserved": reserved,
            "strings": found["strings"],  # agrees with IDs and reservations: tests/portal/lives/invariants.py
            "links": {
                (provider, uuid(each.number)): service_id
                for each in people
                for provider, service_id in each.links.items()
            },
            "pending links": {
                (provider, uuid(each.number)): service_id
                for each in people
                for provider, (service_id, until) in each.pending.items()
                if until > now
            },
            "uses": Counter({(at, uuid(each.number)): times for each in people for at, times in each.uses.items()}),
            "stop codes": Counter(uuid(each.number) for each in people if each.stop_code),
            "carry-over codes": Counter(uuid(each.number) for each in people if each.code),
        }


@pytest.fixture
def acts(app, authority, keys):
    def quickly(connection, _record):
        if "sqlite" in type(connection).__module__:  # no test here cuts the power
            connection.execute("PRAGMA synchronous=OFF")

    event.listen(Engine, "connect", quickly)
    yield Acts(app, authority, keys)
    event.remove(Engine, "connect", quickly)


@pytest.mark.timeout(0 if SOAK else 300)
def test_random_lives_keep_every_rule(acts, clock, settings):
    run_state_machine_as_test(
        lambda: Life(acts, clock),
        settings=hypothesis.settings(
            max_examples=EXAMPLES[settings.database.partition(":")[0].partition("+")[0]],
            stateful_step_count=STEPS,
            derandomize=not SOAK,
            database=None,
            deadline=None,
            suppress_health_check=list(hypothesis.HealthCheck),
        ),
    )
