"""Acts that a card has signed: what will be done is shown, one button does it, and the same page tells the result."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, session, url_for
from werkzeug.wrappers import Response

from portal.domain.card_session import Purpose
from portal.domain.errors import PortalError
from portal.models import CardSession
from portal.routes.access import card_read, rooms

bp = Blueprint("acts", __name__, url_prefix="/act")


@bp.get("")
@card_read
def show(card_session_id: UUID) -> str:
    """Show whose record it is and what will be done, or what was done."""
    act = rooms().acts.waiting(card_session_id)
    if act is None:
        done = rooms().acts.done(card_session_id)
        return render_template("acts/done.html", act=done, code=_code(done))
    person_id = rooms().people.registered(rooms().acts.certificate_of(act), hold=False)
    provider = act.parameters.get("service_provider_id")
    record = rooms().account.record(person_id)
    link = next((each for each in record.links if each.link.service_provider_id == provider), None)
    return render_template("acts/show.html", act=act, record=record, link=link)


@bp.post("")
@card_read
def carry_out(card_session_id: UUID) -> Response:
    """Do it, once; afterwards the browser is signed in, but for a registration that is cancelled."""
    waiting = rooms().acts.waiting(card_session_id) or rooms().acts.done(card_session_id)
    doing = {
        Purpose.CARRY_OVER: rooms().renewal.make_code,
        Purpose.UNLINK: rooms().account.unlink,
        Purpose.CANCEL_RESERVATION: rooms().account.cancel_reservation,
        Purpose.CANCEL_REGISTRATION: rooms().account.cancel_registration,
        Purpose.RESUME: rooms().stop_codes.resume,
    }.get(Purpose(waiting.purpose))
    if doing is None:
        raise PortalError("card-needed")
    person_id = doing(card_session_id)
    if waiting.purpose != Purpose.CANCEL_REGISTRATION:
        session["person_id"] = str(person_id)
    return redirect(url_for(".show"), 303)


def _code(done: CardSession) -> str | None:
    """Return the code that this act made, as long as it is the one in force."""
    if done.purpose == Purpose.CARRY_OVER:
        return rooms().renewal.code_of(done.card_session_id)
    return rooms().stop_codes.of(done.card_session_id) if done.purpose == Purpose.RESUME else None
