"""The portal's services as one calls them: cards cheaply made, card sessions as if they had just been completed."""

from datetime import timedelta
from typing import NamedTuple
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import delete, insert, update

from portal.domain.card_session import Purpose
from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.domain.providers import FirstLinks
from portal.domain.reason import Reason
from portal.domain.visit import Identity
from portal.extensions import db
from portal.models import (
    AuditHead,
    Base,
    CardSession,
    Certificate,
    CorrespondenceLine,
    ServiceProvider,
    Terminal,
    Visit,
)
from portal.pki.errors import PkiError
from portal.pki.path import key_digest
from portal.transactions import acting, reading

DONE = "done"
PROVIDERS = ("A-α1-0001", "B-β1-0001")
TERMINAL = "07202002B"
CLERK, SECOND_CLERK = uuid4(), uuid4()


class Card(NamedTuple):
    """A card: its certificate, and what stands in it."""

    serial: int
    key: int
    string: str
    terminal: str
    not_before: object
    not_after: object
    der: bytes

    @property
    def name(self):
        return self.string, self.terminal


class Acts:
    """Calls on one portal; each returns "done" or what was in the way, and leaves in `person` whose record it was."""

    def __init__(self, app, authority, keys):
        self.app, self.authority, self.keys = app, authority, keys
        self.services = app.extensions["mykey"]
        self.issuer = key_digest(authority.certificate)
        self.person = self.session = None
        self._serial = 1000

    def empty(self):
        """Take everything out of the database, and admit the providers."""
        with self.app.app_context():
            for table in reversed(Base.metadata.sorted_tables):
                db.session.execute(delete(table))
            db.session.execute(insert(AuditHead).values(head_id=1, number=0, digest=bytes(32)))
            db.session.commit()
            for provider in PROVIDERS:
                self.services.providers.add(provider, provider)
            db.session.execute(update(ServiceProvider).values(first_links=FirstLinks.CONFIRMED))
            db.session.commit()

    def card(self, string, terminal=TERMINAL, *, serial=None, key=0, not_before=None, not_after=None):
        """Issue a card now; `serial` and `key` of another one make a twin of it."""
        self._serial += 1
        begin = not_before or self.services.clock().replace(microsecond=0)
        card = Card(
            serial or self._serial, key, string, terminal, begin, not_after or begin + timedelta(days=1500), b""
        )
        certificate = self.authority.issue(
            string + terminal,
            public_key=self.keys[key].public_key(),
            serial_number=card.serial,
            not_before=card.not_before,
            not_after=card.not_after,
        )
        return card._replace(der=certificate.public_bytes(Encoding.DER))

    def verified(self, card):
        return self.services.verifier.verify_certificate(card.der, self.services.clock())

    def held(self, card):
        return self.services.tapped_cards.verify(card.der)

    def read(self, card, purpose, **parameters):
        """Return a card session in which this card has signed, completed in its browser."""
        with self.app.app_context():
            row = CardSession(
                card_session_id=uuid4(),
                purpose=purpose,
                parameters=parameters,
                state="completed",
                match_code="00",
                flow_hash=uuid4().hex,
                handle_hash=uuid4().hex,
                nonce_spent=True,
                wrong_digits=0,
                certificate=card.der,
                issuer_key_id=self.issuer,
                expires_at=self.services.clock() + timedelta(minutes=5),
            )
            db.session.add(row)
            db.session.commit()
            self.session = row.card_session_id
            return self.session

    def stop_code(self):
        """Return the 停止コード that the last card session has made, if it made one."""
        return self.services.stop_codes.shown(self.session)

    def carry_over_code(self):
        """Return the 引継ぎコード that the last card session has made, if it made one."""
        return self.services.carry_over.shown_code(self.session)

    def outcome(self, act, *arguments, **more):
        """Call a service in a request's surroundings."""
        with self.app.app_context():
            try:
                found = act(*arguments, **more)
            except (PortalError, PkiError) as error:
                return error.code
            self.person = found if isinstance(found, UUID) else None
            return DONE

    def register(self, card):
        return self.outcome(self.services.registration.register, self.read(card, "register"))

    def reserve(self, card, typed):
        return self.outcome(self.services.provisional_registration.reserve, self.read(card, "register"), typed)

    def cancel_reservation(self, card):
        return self.outcome(
            self.services.provisional_registration.cancel_by_card, self.read(card, "cancel-reservation")
        )

    def visit(self, old, new, *, approved=False):
        """Open a visit and read the cards; where a second clerk is to approve, the old one is gone and not read.

        Returns what its button takes: the visit's number, and the serial number that the page shows.
        """
        with reading(db.session):
            found = db.session.get(Certificate, (self.issuer, f"{old.serial:x}"))
        if found is None:
            raise PortalError(Code.CARD_NOT_REGISTERED)
        number = self.services.visits.open(CLERK, found.person_id, for_reservation=False).visit_number
        self.services.visits.identify(number, CLERK, Identity.PASSPORT, None)
        cards = {} if approved else {Purpose.COUNTER_BEFORE: old}
        for purpose, card in (cards | {Purpose.COUNTER_AFTER: new}).items():
            self.services.completion.read_card(self.read(card, purpose, visit=number), purpose, CLERK)
        return number, f"{new.serial:x}"

    def press(self, visit, clerk=CLERK):
        """Press the button of a visit."""
        number, serial_number = visit
        self.services.completion.complete(number, clerk, Reason("本人確認済み"), serial_number=serial_number)

    def complete(self, old, new, *, approved=False):
        """Carry out a visit: by the clerk who began it, and at the word of a second one where that one is asked."""

        def completed():
            visit = self.visit(old, new, approved=approved)
            self.press(visit)
            with reading(db.session):
                asked = db.session.get(Visit, visit[0]).ended_at is None
            if asked:
                self.press(visit, SECOND_CLERK)

        return self.outcome(completed)

    def make_code(self, card):
        return self.outcome(self.services.carry_over.make_code, self.read(card, "carry-over"))

    def by_code(self, card, typed):
        return self.outcome(self.services.renewal.by_code, self.read(card, "renew"), typed)

    def by_correspondence(self, card):
        return self.outcome(self.services.renewal.by_correspondence, self.read(card, "renew"))

    def undo(self, card):
        return self.outcome(self.services.renewal.undo, self.read(card, "renew"))

    def unlink(self, card, provider):
        session = self.read(card, "unlink", service_provider_id=provider)
        return self.outcome(self.services.my_page.unlink, session)

    def cancel_registration(self, card):
        return self.outcome(self.services.my_page.cancel_registration, self.read(card, "cancel-registration"))

    def stop(self, typed):
        return self.outcome(self.services.stop_codes.stop, typed)

    def resume(self, card):
        return self.outcome(self.services.stop_codes.resume, self.read(card, "resume"))

    def tap(self, card, provider, service_id, **more):
        """Link as a tap does: in one act with finding whose card it is."""
        with acting(db.session):
            self.services.links.link(provider, self.held(card), service_id, **more)

    def link(self, card, provider, service_id):
        return self.outcome(lambda: self.tap(card, provider, service_id))

    def replace(self, card, provider, service_id):
        """Put a service ID in the place of the present one, whichever that is."""

        def replaced():
            with acting(db.session):
                held = self.held(card)
                present = self.services.links.present(provider, held.person_id)
                self.services.links.link(provider, held, service_id, replaces=present or "")

        return self.outcome(replaced)

    def ask(self, card, provider, service_id):
        """Ask at a terminal for a first link, which waits for the PIN."""
        terminal = Terminal(staffed=False)
        code = self.outcome(lambda: self.tap(card, provider, service_id, terminal=terminal))
        return DONE if code == "service-link-unconfirmed" else code

    def confirm(self, card, provider, service_id):
        session = self.read(card, "link", service_provider_id=provider, service_id=service_id)
        return self.outcome(self.services.my_page.link, session)

    def look_up(self, card, provider):
        """Return the service ID, or the code of what was in the way."""
        found = []

        def looked_up():
            with acting(db.session):
                found.append(self.services.links.look_up(provider, self.held(card)))

        code = self.outcome(looked_up)
        return found[0] if found else code

    def permit(self, old, new):
        """Let a confirmed correspondence file name both certificates."""
        with self.app.app_context():
            names = [(self.verified(card).issuer_key_id, f"{card.serial:x}") for card in (old, new)]
            line = CorrespondenceLine(
                old_issuer_key_id=names[0][0],
                old_serial_number=names[0][1],
                new_issuer_key_id=names[1][0],
                new_serial_number=names[1][1],
                file_id=uuid4(),
                expires_at=self.services.clock() + timedelta(days=365),
            )
            db.session.merge(line)
            db.session.commit()
