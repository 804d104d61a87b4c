"""What a card signed on マイページ: said in plain words, carried out by one button, and its result shown."""

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, redirect, render_template, session, url_for
from werkzeug.wrappers import Response

from portal.domain.card_session import Purpose
from portal.services.citizen.my_page import Asked
from portal.web.access import Rooms, card_read, rooms
from portal.web.browser_session import server_session

bp = Blueprint("acts", __name__)

CARRY_OUT: dict[str, Callable[[Rooms, UUID], UUID]] = {
    Purpose.CARRY_OVER: lambda all_rooms, card_session: all_rooms.renewal.make_code(card_session),
    Purpose.LINK: lambda all_rooms, card_session: all_rooms.account.link(card_session),
    Purpose.UNLINK: lambda all_rooms, card_session: all_rooms.account.unlink(card_session),
    Purpose.CANCEL_REGISTRATION: lambda all_rooms, card_session: all_rooms.account.cancel_registration(card_session),
    Purpose.CANCEL_RESERVATION: lambda all_rooms, card_session: all_rooms.reservations.cancel_by_card(card_session),
    Purpose.RESUME: lambda all_rooms, card_session: all_rooms.stop_codes.resume(card_session),
}


@bp.get("/acts")
@card_read
def show(card_session_id: UUID) -> str:
    """Say whose record it is and what the button will do; after the button, what was done."""
    asked = rooms().account.asked(card_session_id)
    return _result(asked) if asked.done else _question(asked)


@bp.post("/acts")
@card_read
def carry_out(card_session_id: UUID) -> Response:
    """Do what the card signed for, once; a cancelled registration signs the browser out."""
    purpose = rooms().account.asked(card_session_id).card_session.purpose
    person_id = CARRY_OUT[purpose](rooms(), card_session_id)
    if purpose == Purpose.CANCEL_REGISTRATION:
        server_session().rotate()
        session["card_session_id"] = str(card_session_id)  # the last page, and nothing else
    else:
        session["person_id"] = str(person_id)
    return redirect(url_for(".show"), 303)


def _question(asked: Asked) -> str:
    record, named = rooms().account.record(asked.person_id), asked.card_session.parameters
    provider, service_id = named.get("service_provider_id"), named.get("service_id")
    return render_template(
        "citizen/signed_actions/question.html",
        purpose=asked.card_session.purpose,
        record=record,
        provider=provider,
        link=next((each for each in record.links if each.link.service_provider_id == provider), None),
        pending=next((each for each in record.waiting(rooms().clock()) if each.names(provider, service_id)), None),
        reservation=rooms().people.active_reservation(asked.person_id),
    )


def _result(asked: Asked) -> str:
    card_session_id = asked.card_session.card_session_id
    return render_template(
        "citizen/signed_actions/result.html",
        purpose=asked.card_session.purpose,
        carry_over=rooms().renewal.code_in_force(card_session_id),
        carry_over_code=rooms().renewal.shown_code(card_session_id),
        stop_code=rooms().stop_codes.of(card_session_id),
        origin=rooms().settings.origin,
    )
