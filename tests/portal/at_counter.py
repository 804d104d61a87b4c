"""A citizen before a clerk: cards, a reservation, and a visit through the real pages."""

import json
from datetime import timedelta
from urllib.parse import quote

from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import select

from portal.domain.continuity import Proof
from portal.domain.errors import PortalError
from portal.extensions import db
from portal.models import AuditEntry, Person, ServiceProvider
from portal.services.card_sessions import Flow
from tests.conftest import NOW
from tests.portal.bridges import Bridge
from tests.portal.pages import Citizen
from tests.portal.staff import signed_in_staff

CHOSEN = "ABCD1234EFGH56"
OLD_NAME, NEW_NAME = "1C2410DF79DGEL07202002B", "8M3PX71RTW0Q5K07202002B"


class Town:
    """Issues cards, and lets citizens register and reserve; everything happens at the clock's time."""

    def __init__(self, app, authority, keys, clock):
        self.app, self.authority, self.keys, self.clock = app, authority, keys, clock
        self.rooms = app.extensions["mykey"]

    def card(self, common_name=OLD_NAME, key=0, *, issued=timedelta(days=-30), **changes):
        """Issue a card so long after the day of the tests, which is when people register."""
        dates = {"not_before": NOW + issued, "not_after": NOW + issued + timedelta(days=1500)}
        chosen = self.keys[key]
        return self.authority.issue(common_name, public_key=chosen.public_key(), **dates | changes), chosen

    def reissued(self, string=CHOSEN, key=1, **options):
        """Issue a new card an hour after the day of the tests."""
        return self.card(f"{string:.14}07202002B", key, **{"issued": timedelta(hours=1)} | options)

    def signed(self, card, purpose):
        """Have a citizen's card sign for a purpose; return the card session, which waits for its button."""
        citizen, bridge = Citizen(self.app), Bridge(self.app, *card)
        bridge.claim(citizen.start(purpose))
        code = bridge.answer().json["completion_url"].partition("#")[2]
        [flow] = [Flow.parse(cookie.value) for cookie in citizen.client._cookies.values() if "flow" in cookie.key]
        with self.app.app_context():
            return self.rooms.card_sessions.complete_by_url(code, flow).card_session_id

    def register(self, card):
        """Have a citizen register the card's own string; return the person's name."""
        signed = self.signed(card, "register")
        with self.app.app_context():
            return self.rooms.registration.register(signed)

    def reserve(self, card, mykey_id=CHOSEN):
        """Have a citizen reserve an ID with the card; return the receipt number."""
        signed = self.signed(card, "register")
        with self.app.app_context():
            person_id = self.rooms.reservations.reserve(signed, mykey_id)
            return self.rooms.people.active_reservation(person_id).receipt_number

    def holder(self, card):
        with self.app.app_context():
            return self.rooms.people.holder(self.verified(card))

    def verified(self, card):
        return self.rooms.verifier.verify_certificate(card[0].public_bytes(Encoding.DER), self.clock())

    def link(self, card, service_id, provider="A-α1-0001"):
        with self.app.app_context():
            if db.session.get(ServiceProvider, provider) is None:
                self.rooms.reception.add_provider(provider, "図書館")
            self.rooms.reception.link(provider, self.verified(card), service_id)

    def look_up(self, card, provider="A-α1-0001"):
        """Return the service ID, or the code of the refusal."""
        with self.app.app_context():
            try:
                return self.rooms.reception.look_up(provider, self.verified(card))
            except PortalError as error:
                return error.code

    def current_id(self, person_id):
        with self.app.app_context():
            current = self.rooms.people.current_id(person_id)
            return current and current.mykey_id

    def rows(self, model):
        with self.app.app_context():
            return list(db.session.scalars(select(model)))

    def stop(self, person_id):
        with self.app.app_context():
            db.session.get(Person, person_id).stopped_at = self.clock()
            db.session.commit()

    def last_entry(self):
        """Return the last act of the audit chain but for look-ups: its event and its facts; the chain must hold."""
        acts = select(AuditEntry).where(AuditEntry.details.is_not(None)).order_by(AuditEntry.number.desc())
        with self.app.app_context():
            entry = db.session.scalars(acts.limit(1)).one()
            assert self.rooms.audit.broken()[1] is None
            return entry.event, json.loads(entry.details)

    def undo(self, card):
        """Have the old card take the record back; return whose it is, or the code of the refusal."""
        signed = self.signed(card, "renew")
        with self.app.app_context():
            try:
                return self.rooms.renewal.undo(signed)
            except PortalError as error:
                return error.code

    def move_elsewhere(self, old, new):
        """Have the citizen's record go on to another card meanwhile, as an 引継ぎコード does."""
        with self.app.app_context():
            row = self.rooms.people.known(self.verified(old))
            self.rooms.continuity.move(row, self.verified(new), Proof.CARRY_OVER)
            db.session.commit()

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
        return self.browser.get(f"/counter?typed={quote(typed)}")

    def open(self, typed, purpose="reservation"):
        page = self.find(typed)
        person_id = next(field["value"] for field in page.all("input") if field.get("name") == "person_id")
        page = self.browser.post("/counter/visits", person_id=person_id, **{"for": purpose})
        self.visit = self.browser.address
        return page

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

    def resume(self, reason="書類で確かめた"):
        self.look()
        return self.browser.post(f"{self.visit}/resumption", reason=reason)

    def takes_over(self, other):
        """Go to the visit that is open in another clerk's browser."""
        self.visit = other.visit
        return self.look()
