"""People at the registration page, each with a card of their own; what a card signed, without the way there."""

from datetime import timedelta
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import select

from portal.domain.card_session import State
from portal.extensions import db
from portal.models import BrowserSession, CardSession, Person
from portal.pki.path import key_digest
from tests.portal.actors.pages import Citizen


def rows(app, model):
    with app.app_context():
        return list(db.session.scalars(select(model)))


def message(page):
    """Return what stands in the メッセージ欄."""
    return page.response.text.split('id="message"')[1].split(">", 1)[1].split("<")[0].strip()


def issuer_key_id(app, certificate):
    """Name the pinned authority's key, as the check of the answer had found it."""
    pinned = app.extensions["mykey"].anchors.certificates()
    return next((key_digest(each) for each in pinned if each.subject == certificate.issuer), "unknown")


def completed_row(app, certificate, purpose="register", **parameters):
    """Make a card session as it stands after completion."""
    return CardSession(
        card_session_id=uuid4(),
        purpose=purpose,
        parameters=parameters,
        state=State.COMPLETED,
        match_code="00",
        flow_hash=uuid4().hex,
        handle_hash=uuid4().hex,
        nonce_spent=True,
        wrong_digits=0,
        certificate=certificate.public_bytes(Encoding.DER),
        issuer_key_id=issuer_key_id(app, certificate),
        expires_at=app.extensions["mykey"].clock() + timedelta(minutes=5),
    )


def completed(app, certificate, purpose="register", **parameters) -> UUID:
    """Complete a card session without a bridge, within an application context."""
    row = completed_row(app, certificate, purpose, **parameters)
    db.session.add(row)
    db.session.commit()
    return row.card_session_id


def browser(app, language="ja", address="127.0.0.1", **data):
    """Open a browser with a session of its own, within an application context; the caller commits."""
    interface, services = app.session_interface, app.extensions["mykey"]
    citizen, key = Citizen(app, language, address), uuid4().hex
    now = services.clock()
    if person_id := data.get("person_id"):
        data |= {"version": db.session.get_one(Person, UUID(person_id)).version, "signed_in_at": now.isoformat()}
    whose = {"person_id": person_id and UUID(person_id), "data": data}
    db.session.add(BrowserSession(key_hash=interface._hash(key), expires_at=now + timedelta(minutes=30), **whose))
    host = services.settings.host.partition(":")[0]
    citizen.client.set_cookie(interface.cookie, key, domain=host, secure=interface.secure)
    return citizen


def at_the_forms(app, certificates):
    """Put one browser for each certificate before both forms, each at an address, written in one transaction."""
    citizens = []
    with app.app_context():
        for number, certificate in enumerate(certificates):
            row = completed_row(app, certificate)
            db.session.add(row)
            citizens.append(browser(app, address=f"127.0.0.{number + 1}", card_session_id=str(row.card_session_id)))
        db.session.commit()
    for citizen in citizens:
        citizen.get("/registration?first=yes")
    return citizens
