"""A town of people with cards: registered, linked, and before any page, without the way there."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from cryptography.hazmat.primitives.serialization import Encoding

from portal.domain.errors import PortalError
from portal.domain.providers import FirstLinks
from portal.domain.registration import StoppedBy
from portal.extensions import db
from portal.models import Certificate, CorrespondenceLine, StopCode, Terminal
from portal.transactions import acting
from tests.conftest import VALID
from tests.portal.actors.card_holders import browser, completed, rows

HANAKO, TARO = "1C2410DF79DGEL07202002B", "9Z8Y7X6W5V4U3T13221003A"
NEW = "7777AAAA7777BB07202002B"
CHOSEN = "YAMADAHANA1122"
LIBRARY, SHOP = "A-α1-0001", "B-β1-0001"
EXPIRES = datetime(2028, 3, 15, 14, 59, 59, tzinfo=UTC)
AFTER_RENEWAL = EXPIRES.replace(year=2033)


class Town:
    """Registers people and puts browsers before pages."""

    def __init__(self, app, authority, keys, clock):
        self.app, self.authority, self.keys, self.clock = app, authority, keys, clock
        self.services = app.extensions["mykey"]
        with app.app_context():
            for provider, name in ((LIBRARY, "見本図書館"), (SHOP, "見本商店")):
                self.services.providers.add(provider, name)

    def card(self, common_name=HANAKO, not_after=EXPIRES, **changes):
        """Issue an ordinary card."""
        public_key = self.keys[0].public_key()
        dates = {"not_before": VALID["not_before"], "not_after": not_after} | changes
        return self.authority.issue(common_name, public_key=public_key, **dates)

    def renewed(self, common_name=NEW, not_after=AFTER_RENEWAL):
        """Issue the card that comes next, an hour later."""
        self.clock.forward(hours=1)
        return self.card(common_name, not_after, not_before=self.clock())

    def signed(self, card, purpose, **parameters):
        """Let a card sign; return the card session, which waits for its button."""
        with self.app.app_context():
            return completed(self.app, card, purpose, **parameters)

    def do(self, service, act, card, purpose, *arguments, **parameters):
        """Let a card sign, and press the button: the person, or the code of what was in the way."""
        card_session_id = self.signed(card, purpose, **parameters)
        with self.app.app_context():
            try:
                return getattr(getattr(self.services, service), act)(card_session_id, *arguments)
            except PortalError as error:
                return error.code

    def register(self, certificate, *providers):
        """Register form (1), and link service IDs."""
        person_id = self.do("registration", "register", certificate, "register")
        for provider in providers:
            self.link(certificate, provider)
        return person_id

    def verified(self, certificate):
        return self.services.verifier.verify_certificate(_der(certificate), self.clock())

    def held(self, certificate):
        return self.services.tapped_cards.verify(_der(certificate))

    def link(self, certificate, provider, service_id=None):
        with self.app.app_context(), acting(db.session):
            self.services.links.link(provider, self.held(certificate), service_id or uuid4().hex[:9])

    def ask(self, certificate, provider, service_id="000123"):
        """Ask at a terminal for a first link that waits for the PIN; return how that went."""
        with self.app.app_context():
            with acting(db.session):
                self.services.service_providers.known(provider).first_links = FirstLinks.CONFIRMED
            try:
                with acting(db.session):
                    terminal = Terminal(staffed=False)
                    self.services.links.link(provider, self.held(certificate), service_id, terminal=terminal)
            except PortalError as error:
                return error.code
            return "done"

    def look_up(self, certificate, provider=LIBRARY):
        """Return the service ID, or the code of what was in the way."""
        with self.app.app_context():
            try:
                with acting(db.session):
                    return self.services.links.look_up(provider, self.held(certificate))
            except PortalError as error:
                return error.code

    def choose(self, person_id, mykey_id=CHOSEN):
        """Let a chosen ID be somebody's, as the counter does."""
        with self.app.app_context(), acting(db.session):
            people = self.services.people
            if current := people.current_id(person_id):
                current.retired_at = self.clock()
            people.choose(person_id, mykey_id, None)
            people.give(person_id, mykey_id, "", "test")

    def live(self):
        """Let two people be registered, linked, looked up and moved, with a stop code; return the second one's card."""
        hanako, taro = self.card(HANAKO), self.card(TARO)
        for card in (hanako, taro):
            self.register(card, LIBRARY, SHOP)
        assert self.look_up(taro)
        self.by_code(self.renewed(), self.code_of(hanako))
        self.stop_code_of(taro)
        return taro

    def code_of(self, certificate):
        """Make an 引継ぎコード."""
        card_session_id = self.signed(certificate, "carry-over")
        with self.app.app_context():
            self.services.carry_over.make_code(card_session_id)
            return self.services.carry_over.shown_code(card_session_id)

    def stop_code_of(self, certificate):
        """Make a 停止コード."""
        card_session_id = self.signed(certificate, "resume")
        with self.app.app_context():
            self.services.stop_codes.resume(card_session_id)
            return self.services.stop_codes.shown(card_session_id)

    def by_code(self, certificate, code):
        return self.do("renewal", "by_code", certificate, "renew", code)

    def correspond(self, old, new, *, days=365):
        """Write a confirmed line of a correspondence file."""
        one, other = self.verified(old), self.verified(new)
        line = CorrespondenceLine(
            new_issuer_key_id=other.issuer_key_id,
            new_serial_number=other.serial_number,
            old_issuer_key_id=one.issuer_key_id,
            old_serial_number=one.serial_number,
            file_id=uuid4(),
            expires_at=self.clock() + timedelta(days=days),
        )
        with self.app.app_context():
            db.session.add(line)
            db.session.commit()

    def current_id(self, person_id):
        with self.app.app_context():
            record = self.services.people.current_id(person_id)
            return record.mykey_id if record else None

    def person_of(self, certificate):
        serial_number = self.verified(certificate).serial_number
        return next(each.person_id for each in rows(self.app, Certificate) if each.serial_number == serial_number)

    def stop(self, person_id):
        with self.app.app_context(), acting(db.session):
            person = self.services.people.lock(person_id)
            person.stopped_at, person.stopped_by = self.clock(), StoppedBy.STOP_CODE
            db.session.query(StopCode).filter_by(person_id=person_id).delete()

    def before(self, certificate, purpose, language="ja", **parameters):
        """Open a browser that has just completed a card session for this card."""
        return self.browser(language, card_session_id=str(self.signed(certificate, purpose, **parameters)))

    def signed_in(self, person_id, language="ja"):
        return self.browser(language, person_id=str(person_id))

    def browser(self, language="ja", **data):
        """Open a browser with a session of its own."""
        with self.app.app_context():
            citizen = browser(self.app, language, **data)
            db.session.commit()
        citizen.get("/sign-in")
        return citizen


def _der(certificate):
    return certificate.public_bytes(Encoding.DER)
