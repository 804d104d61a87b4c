"""What a card signed on マイページ: said in plain words, carried out by one button, and its result shown."""

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, redirect, render_template, session, url_for
from werkzeug.wrappers import Response

from portal.container import Services
from portal.domain.card_session import Purpose
from portal.services.citizen.my_page import Asked
from portal.web.access import card_read, services, sign_in_citizen
from portal.web.browser_session import server_session
from portal.web.purposes import PURPOSES

bp = Blueprint("acts", __name__)

CARRY_OUT: dict[str, Callable[[Services, UUID], UUID]] = {
    Purpose.CARRY_OVER: lambda every, card_session: every.carry_over.make_code(card_session),
    Purpose.LINK: lambda every, card_session: every.my_page.link(card_session),
    Purpose.UNLINK: lambda every, card_session: every.my_page.unlink(card_session),
    Purpose.CANCEL_REGISTRATION: lambda every, card_session: every.my_page.cancel_registration(card_session),
    Purpose.CANCEL_RESERVATION: lambda every, card_session: every.provisional_registration.cancel_by_card(card_session),
    Purpose.RESUME: lambda every, card_session: every.stop_codes.resume(card_session),
}


@bp.get("/acts")
@card_read
def show(card_session_id: UUID) -> str:
    """Say whose record it is and what the button will do; after the button, what was done."""
    asked = services().my_page.asked(card_session_id, CARRY_OUT)
    return _result(asked) if asked.done else _question(asked)


@bp.post("/acts")
@card_read
def carry_out(card_session_id: UUID) -> Response:
    """Do what the card signed for, once; a cancelled registration signs the browser out."""
    purpose = services().my_page.asked(card_session_id, CARRY_OUT).card_session.purpose
    CARRY_OUT[purpose](services(), card_session_id)
    if purpose == Purpose.CANCEL_REGISTRATION:
        server_session().rotate()
        session["card_session_id"] = str(card_session_id)  # the last page, and nothing else
    else:
        sign_in_citizen(card_session_id)
    return redirect(url_for(".show"), 303)


def _question(asked: Asked) -> str:
    record, named = services().my_page.record(asked.person_id), asked.card_session.parameters
    provider, now = named.get("service_provider_id"), services().clock()
    at_provider = (each for each in record.waiting(now) if each.row.service_provider_id == provider)
    return render_template(
        "citizen/signed_actions/question.html",
        words=PURPOSES[asked.card_session.purpose],
        purpose=asked.card_session.purpose,
        record=record,
        provider=provider,
        link=next((each for each in record.links if each.row.service_provider_id == provider), None),
        pending=next((each for each in at_provider if each.row.service_id == named.get("service_id")), None),
        reservation=record.reservation(now),
        open_until=record.open_until(now),
        reservation_days=services().settings.reservation_days,
    )


def _result(asked: Asked) -> str:
    card_session_id = asked.card_session.card_session_id
    return render_template(
        "citizen/signed_actions/result.html",
        words=PURPOSES[asked.card_session.purpose],
        purpose=asked.card_session.purpose,
        carry_over=services().carry_over.code_in_force(card_session_id),
        carry_over_code=services().carry_over.shown_code(card_session_id),
        stop_code=services().stop_codes.of(card_session_id),
        origin=services().settings.origin,
    )
