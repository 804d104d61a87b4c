"""A citizen before a clerk: cards, a reservation, and a visit through the real pages."""

import json
from datetime import timedelta

from sqlalchemy import select

from portal.domain.continuity import Proof
from portal.extensions import db
from portal.models import AuditEntry
from portal.transactions import acting
from tests.conftest import NOW
from tests.portal.actors import town
from tests.portal.actors.bridges import Bridge
from tests.portal.actors.card_holders import rows
from tests.portal.actors.staff import signed_in_staff

CHOSEN = "ABCD1234EFGH56"
OLD_NAME, NEW_NAME = "1C2410DF79DGEL07202002B", "8M3PX71RTW0Q5K07202002B"


class Town(town.Town):
    """Issues cards with their keys, which a real bridge can read; everything happens at the clock's time."""

    def card(self, common_name=OLD_NAME, key=0, *, issued=timedelta(days=-30), **changes):
        """Issue a card so long after the day of the tests, which is when people register."""
        dates = {"not_before": NOW + issued, "not_after": NOW + issued + timedelta(days=1500)}
        chosen = self.keys[key]
        return self.authority.issue(common_name, public_key=chosen.public_key(), **dates | changes), chosen

    def reissued(self, string=CHOSEN, key=1, **options):
        """Issue a new card an hour after the day of the tests."""
        return self.card(f"{string:.14}07202002B", key, **{"issued": timedelta(hours=1)} | options)

    def signed(self, card, purpose, **parameters):
        return super().signed(card[0], purpose, **parameters)

    def verified(self, card):
        return super().verified(card[0])

    def held(self, card):
        return super().held(card[0])

    def link(self, card, service_id, provider=town.LIBRARY):
        super().link(card, provider, service_id)

    def reserve(self, card, mykey_id=CHOSEN):
        """Have a citizen reserve an ID with the card; return the receipt number."""
        person_id = self.do("provisional_registration", "reserve", card, "register", mykey_id)
        with self.app.app_context():
            return self.services.people.active_reservation(person_id).receipt_number

    def undo(self, card):
        """Have the old card take the record back; return whose it is, or the code of the refusal."""
        return self.do("renewal", "undo", card, "renew")

    def holder(self, card):
        with self.app.app_context():
            return self.services.people.holder(self.verified(card))

    def rows(self, model):
        return rows(self.app, model)

    def last_entry(self):
        """Return the last act of the audit chain but for look-ups: its event and its facts; the chain must hold."""
        acts = select(AuditEntry).where(AuditEntry.details.is_not(None)).order_by(AuditEntry.number.desc())
        with self.app.app_context():
            entry = db.session.scalars(acts.limit(1)).one()
            assert self.services.audit.broken()[1] is None
            return entry.event, json.loads(entry.details)

    def move_elsewhere(self, old, new):
        """Have the citizen's record go on to another card meanwhile, as an 引継ぎコード does."""
        with self.app.app_context(), acting(db.session):
            row = self.services.people.known(self.verified(old))
            self.services.continuity.move(row, self.verified(new), Proof.CARRY_OVER)

    def clerk(self, name="窓口 花子", **options):
        return Desk(self, signed_in_staff(self.app, name, **options))


class Desk:
    """A clerk's browser, and the visit that is open in it."""

    def __init__(self, town, browser, visit=None):
        self.town, self.browser, self.visit = town, browser, visit

    @property
    def staff_id(self):
        return str(self.browser.staff_id)

    def find(self, typed):
        return self.browser.post("/counter", typed=typed)

    def open(self, typed, purpose="reservation"):
        page = self.find(typed)
        person_id = next(field["value"] for field in page.all("input") if field.get("name") == "person_id")
        self.browser.post("/counter/visits", person_id=person_id, **{"for": purpose})
        self.visit = self.browser.address
        return self.identify()

    def identify(self, identity="driving-licence", note=""):
        """Say by what the visitor's identity was confirmed."""
        return self.browser.post(f"{self.visit}/identity", identity=identity, note=note)

    def begin(self, purpose):
        """Come to the waiting page for a card of this visit."""
        self.look()
        return self.browser.post(f"{self.visit}/cards", purpose=f"counter-{purpose}")

    def read(self, purpose, card):
        bridge = Bridge(self.town.app, *card)
        bridge.claim(self.begin(purpose))
        code = bridge.answer().json["completion_url"].partition("#")[2]
        self.browser.get("/completion")
        return self.browser.post("/completion", code=code)

    def look(self):
        return self.browser.get(self.visit)

    def finish(self, reason="書類で確かめた"):
        """Press the button of the page as it is."""
        return self.press(self.look(), reason)

    def press(self, page, reason="書類で確かめた"):
        serial = next((f["value"] for f in page.all("input") if f.get("name") == "serial_number"), "")
        return self.browser.post(f"{self.visit}/completion", reason=reason, serial_number=serial)

    def stop(self):
        """Stop the MyKey ID as its holder asks."""
        return self.browser.post(f"{self.visit}/stop")

    def resume(self, reason="書類で確かめた"):
        self.look()
        return self.browser.post(f"{self.visit}/resumption", reason=reason)

    def takes_over(self, other):
        """Go to the visit that is open in another clerk's browser."""
        self.visit = other.visit
        return self.look()
