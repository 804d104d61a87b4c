"""The rules of a MyKey ID once more, in plain Python: what the services ought to do."""

from collections import Counter
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta

PERIOD, UNDO, YEAR, WEEK = (timedelta(days=days) for days in (90, 30, 365, 7))
STAFF = {
    *("mykey-id-conflict", "mykey-id-reserved", "certificate-conflict"),
    *("renewal-days-differ", "renewal-order", "records-not-joinable"),
}


class Refused(Exception):
    """Carry the code of what is in the way; `about` names what staff are asked about."""

    def __init__(self, code, about=None):
        super().__init__(code)
        self.code, self.about, self.entries = code, about, 0


@dataclass
class Citizen:
    """One person: everything by value, cards by serial number."""

    number: int
    card: int | None = None
    mykey_id: tuple | None = None
    links: dict = field(default_factory=dict)
    pending: dict = field(default_factory=dict)
    reservations: list = field(default_factory=list)
    ended_with: int | None = None
    stopped: bool = False
    stop_code: str | None = None
    uses: Counter = field(default_factory=Counter)
    code: str | None = None
    code_made: datetime | None = None


@dataclass
class Model:
    """What is registered, reserved, linked and moved; each act either happens whole or raises Refused."""

    people: list = field(default_factory=list)
    cards: dict = field(default_factory=dict)
    owner: dict = field(default_factory=dict)
    ids: dict = field(default_factory=dict)
    moves: list = field(default_factory=list)
    lines: dict = field(default_factory=dict)
    reviews: set = field(default_factory=set)
    entries: int = 0

    def attempt(self, act, *arguments, reviewed=True):
        """Return the model after an act, and "done" or the code of what is in the way."""
        after = deepcopy(self)
        try:
            getattr(after, act)(*arguments)
        except Refused as refused:
            same = deepcopy(self)
            same.entries += refused.entries
            key = (refused.code, refused.about)
            if reviewed and refused.code in STAFF and key not in same.reviews:
                same.reviews.add(key)
                same.entries += 1
            return same, refused.code
        return after, "done"

    # who is who

    @staticmethod
    def in_date(card, now):
        if now > card.not_after:
            raise Refused("certificate-expired")

    def known(self, card, now):
        """Return whose card it is or was, refusing one out of date or with another key."""
        self.in_date(card, now)
        if card.serial in self.owner:
            if self.cards[card.serial].key != card.key:
                raise Refused("certificate-conflict", card.serial)
            return self.people[self.owner[card.serial]]
        return None

    def holder(self, card, now):
        """Return whom the card names now; a card that cancelled comes back."""
        person = self.known(card, now)
        if person is None or person.ended_with == card.serial:
            return None
        if person.card != card.serial:
            raise Refused("certificate-replaced")
        return person

    def registered(self, card, now):
        person = self.holder(card, now)
        if person is None:
            raise Refused("card-not-registered")
        return person

    def admit(self, card, now):
        person = self.known(card, now)
        if person is None:
            self.refuse_conflict(card, None)
            person = Citizen(len(self.people))
            self.people.append(person)
        person.card, person.ended_with = card.serial, None
        self.owner[card.serial], self.cards[card.serial] = person.number, card
        return person

    def refuse_conflict(self, card, person):
        others = {self.owner[serial] for serial in self.owner if self.cards[serial].name == card.name}
        others |= {self.ids[name] for name in [(card.string, "")] if name in self.ids}
        if others - {person and person.number}:
            raise Refused("mykey-id-conflict", card.serial)

    # strings

    def reserved_by(self, string, now):
        return next((p for p in self.people if (r := self.reservation(p, now)) and r["id"] == string), None)

    def reservation(self, person, now):
        live = [r for r in person.reservations if r["ended"] is None and r["until"] > now]
        return live[0] if live else None

    def give(self, person, name, about):
        if self.ids.setdefault(name, person.number) != person.number:
            raise Refused("mykey-id-conflict", about)
        person.mykey_id = name

    def give_default(self, person, card, now):
        if (card.string, "") in self.ids:
            return self.give(person, (card.string, ""), card.serial)
        if rival := self.reserved_by(card.string, now):
            reservation = self.reservation(rival, now)
            if card.not_before >= reservation["at"]:
                raise Refused("mykey-id-reserved", card.serial)
            reservation["ended"] = now
        return self.give(person, card.name, card.serial)

    # acts of a citizen

    def register(self, card, stop_code, now):
        person = self.holder(card, now) or self.admit(card, now)
        if person.mykey_id is None:
            self.give_default(person, card, now)
            person.stop_code = stop_code
            self.entries += 1

    def reserve(self, card, string, stop_code, now):
        self.in_date(card, now)
        if string == card.string:
            raise Refused("mykey-id-own-string")
        rival = self.reserved_by(string, now)
        if any(string == name[0] for name in self.ids) or (rival and self.holder(card, now) is not rival):
            raise Refused("mykey-id-taken")
        person = self.holder(card, now)
        if person is None:
            person = self.admit(card, now)
            person.stop_code = stop_code
        active = self.reservation(person, now)
        if active and active["id"] == string:
            return
        ends = [r["ended"] or r["until"] for r in person.reservations if r["id"] == string]
        if any(end <= now < end + PERIOD for end in ends):
            raise Refused("reservation-too-soon")
        if len([r for r in person.reservations if r["at"] > now - PERIOD]) > 3:
            raise Refused("reservation-changes-used-up")
        if active:
            active["ended"] = now
        person.reservations.append({"id": string, "at": now, "until": now + PERIOD, "ended": None})
        self.entries += 1

    def cancel_reservation(self, card, now):
        reservation = self.reservation(self.registered(card, now), now)
        if reservation is None:
            raise Refused("reservation-missing")
        reservation["ended"] = now
        self.entries += 1

    def settled(self, card, now):
        person = self.registered(card, now)
        self.refuse_open(person, now)
        return person

    def open_move(self, person, now):
        """Return the move to the current card, while the card before may object to it."""
        theirs = (m for m in self.moves if (m["person"], m["new"]) == (person.number, person.card))
        return next((m for m in theirs if now < m["until"]), None)

    def refuse_open(self, person, now):
        if self.open_move(person, now):
            raise Refused("move-may-be-undone")

    def make_code(self, card, code, now):
        person = self.settled(card, now)
        person.code, person.code_made = code, now
        self.entries += 1

    def by_code(self, card, code, now):
        if self.known(card, now):
            raise Refused("certificate-known")
        person = next((each for each in self.people if each.code == code), None)
        if person is None or person.code_made + YEAR <= now:
            raise Refused("carry-over-code-wrong")
        old = self.cards[person.card]
        if card.not_before <= person.code_made:
            raise Refused("certificate-older-than-code")
        if (old.not_after.month, old.not_after.day) != (card.not_after.month, card.not_after.day):
            raise Refused("renewal-days-differ", card.serial)
        person.code = None
        self.move(old, card, now, undoable=True)

    def by_correspondence(self, card, now):
        self.in_date(card, now)
        old_serial, until = self.lines.get(card.serial, (None, now))
        if until <= now or old_serial not in self.owner:
            raise Refused("correspondence-missing")
        old = self.cards[old_serial]
        if self.people[self.owner[old_serial]].card != old_serial or card.not_before <= old.not_before:
            raise Refused("renewal-order", card.serial)
        self.refuse_open(self.people[self.owner[old_serial]], now)
        del self.lines[card.serial]
        self.move(old, card, now, undoable=False)

    def complete(self, old, new, approved, now):
        """Carry out a visit: both cards read, or the old one gone and a second clerk's word.

        The second clerk is asked too where a card before could object no longer.
        """
        if old.serial not in self.owner:
            raise Refused("card-not-registered")
        person = self.people[self.owner[old.serial]]
        if person.card is None:
            raise Refused("visit-not-found")
        if not approved:
            self.registered(old, now)
        before, reservation = self.cards[person.card], self.reservation(person, now)
        self.known(new, now)
        if new.not_before <= before.not_before:
            raise Refused("certificate-not-newer")
        completes = reservation and reservation["id"] == new.string
        if completes and new.not_before <= reservation["at"]:
            raise Refused("certificate-before-reservation")
        asked = approved or self.open_move(person, now) is not None
        self.entries += asked
        self.move_at_counter(before, new, now, approved, asked, new.string if completes else None)
        if completes:
            reservation["ended"] = now
        person.stopped = False

    def move_at_counter(self, old, new, now, approved, asked, chosen):
        """Move; that a second clerk was asked is written down, even where the move is refused then."""
        try:
            self.move(old, new, now, undoable=approved, chosen=chosen)
        except Refused as refused:
            refused.entries = asked
            raise

    def move(self, old, new, now, *, undoable, chosen=None):
        there, person = self.known(new, now), self.people[self.owner[old.serial]]
        if person.card != old.serial:
            raise Refused("certificate-replaced")
        if new.not_before <= old.not_before:
            raise Refused("certificate-not-newer")
        before, joined, was = person.mykey_id, False, None
        if undoable:
            was = [deepcopy(person), *([deepcopy(there)] if there not in (None, person) else [])]
        if there is None:
            self.refuse_conflict(new, person)
        elif there is not person:
            joined = self.join(person, there, new, now)
        self.owner[new.serial], self.cards[new.serial], person.card = person.number, new, new.serial
        if chosen:
            self.give(person, (chosen, ""), chosen)
        elif joined if before is None else before[1]:
            self.give_default(person, new, now)
        person.code = None
        facts = {"person": person.number, "old": old.serial, "new": new.serial, "was": was}
        self.moves.append(facts | {"until": now + UNDO if undoable else now})
        self.entries += 1

    def join(self, person, other, card, now):
        cards = [serial for serial, number in self.owner.items() if number == other.number]
        chosen = other.mykey_id and not other.mykey_id[1]
        if len(cards) != 1 or other.card != card.serial or person.links.keys() & other.links.keys() or chosen:
            raise Refused("records-not-joinable", card.serial)
        if reservation := self.reservation(other, now):
            reservation["ended"] = now
        if other.mykey_id:
            self.ids[other.mykey_id] = person.number
        had_id = other.mykey_id is not None
        person.links |= other.links
        person.uses += other.uses
        other.links, other.pending, other.mykey_id, other.card, other.uses = {}, {}, None, None, Counter()
        other.stopped, other.stop_code, other.code = False, None, None
        return had_id

    def undo(self, card, now):
        """Let everybody be who they were at the move, but for what somebody else has taken since."""
        person = self.known(card, now)
        move = self.open_move(person, now) if person and person.card is not None else None
        if move is None or move["old"] != card.serial:
            raise Refused("move-not-undoable")
        self.moves.remove(move)
        numbers, now_there, before = {each.number for each in move["was"]}, set(things(person)), set()
        for each in move["was"]:
            before |= set(things(each))
            self.people[each.number] = each
            self.owner[each.card] = each.number
            for name in {each.mykey_id, self.cards[each.card].name} & self.ids.keys():
                self.ids[name] = each.number
        taken = [self.leave_what_is_taken(each, numbers, now) for each in move["was"]]
        self.entries += 2 if any(taken) or now_there - before else 1  # one that tells staff

    def leave_what_is_taken(self, person, numbers, now):
        """Tell whether a link or a reservation cannot be given back, because somebody else has its place."""
        others, had = [each for each in self.people if each.number not in numbers], len(things(person))
        for provider, service_id in list(person.links.items()):
            if any(each.links.get(provider) == service_id for each in others):
                del person.links[provider]
        if reservation := self.reservation(person, now):
            string = reservation["id"]
            registered = any(name[0] == string and self.ids[name] != person.number for name in self.ids if not name[1])
            registered |= any(name[0] == string for name in self.ids if name[1])
            if registered or any((r := self.reservation(each, now)) and r["id"] == string for each in others):
                person.reservations.remove(reservation)
        return len(things(person)) < had

    def cancel_registration(self, card, now):
        person = self.settled(card, now)
        if reservation := self.reservation(person, now):
            reservation["ended"] = now
        person.links, person.pending = {}, {}
        person.mykey_id, person.card, person.ended_with = None, None, card.serial
        person.stopped, person.stop_code, person.code = False, None, None
        self.entries += 1

    def stop(self, code, _now):
        for person in self.people:
            if person.stop_code == code:
                person.stopped, person.stop_code = True, None
                self.entries += 1

    def resume(self, card, stop_code, now):
        person = self.registered(card, now)
        person.stopped, person.stop_code = False, stop_code
        self.entries += 1

    # acts of a provider

    def tap(self, card, now):
        self.in_date(card, now)
        owner, known = self.owner.get(card.serial), self.cards.get(card.serial)
        person = self.people[owner] if owner is not None and known.key == card.key else None
        if person is None or person.card != card.serial or person.mykey_id is None:
            raise Refused("mykey-id-not-registered")
        if person.stopped:
            raise Refused("mykey-id-stopped")
        return person

    def link(self, card, provider, service_id, now):
        person = self.tap(card, now)
        self.refuse_second(person, provider, service_id)
        person.links[provider] = service_id
        person.uses[provider] += 1
        self.entries += 1

    def replace(self, card, provider, service_id, now):
        person = self.tap(card, now)
        if provider not in person.links:
            raise Refused("service-id-not-registered")
        if person.links[provider] == service_id:
            raise Refused("service-id-already-registered")
        if any(each.links.get(provider) == service_id for each in self.people):
            raise Refused("service-id-in-use")
        person.links[provider] = service_id
        person.uses[provider] += 1
        self.entries += 1

    def ask(self, card, provider, service_id, now):
        person = self.tap(card, now)
        self.refuse_second(person, provider, service_id)
        person.pending[provider] = service_id, now + WEEK
        self.entries += 1

    def confirm(self, card, provider, service_id, now):
        person = self.registered(card, now)
        if person.mykey_id is None:
            raise Refused("mykey-id-not-registered")
        if person.stopped:
            raise Refused("mykey-id-stopped")
        asked, until = person.pending.get(provider, (None, now))
        if asked != service_id or until <= now:
            raise Refused("service-link-not-pending")
        self.refuse_second(person, provider, service_id)
        del person.pending[provider]
        person.links[provider] = service_id
        person.uses[provider] += 1
        self.entries += 1

    def refuse_second(self, person, provider, service_id):
        if provider in person.links:
            raise Refused("service-id-already-registered")
        if any(each.links.get(provider) == service_id for each in self.people):
            raise Refused("service-id-in-use")

    def unlink(self, card, provider, now):
        if self.registered(card, now).links.pop(provider, None) is None:
            raise Refused("service-id-not-registered")
        self.entries += 1

    def looked_up(self, card, provider, now):
        """Return the service ID that a tap shows, or the code of what is in the way."""
        try:
            return self.tap(card, now).links.get(provider, "service-id-not-registered")
        except Refused as refused:
            return refused.code


def things(person):
    """List what hangs on a person: what an undo tells staff about, where it was not there before."""
    found = [*person.links.items(), *(("pending", provider, each[0]) for provider, each in person.pending.items())]
    found += [("reservation", each["id"], each["at"]) for each in person.reservations]
    found += [("stop code", person.stop_code)] if person.stop_code else []
    return found + [("use", provider, number) for provider, times in person.uses.items() for number in range(times)]
