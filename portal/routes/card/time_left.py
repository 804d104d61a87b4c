"""The time of a card session and of a sign-in: until when, a warning before it is over, and more of it."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from portal.web.access import browser, flow, public, services
from portal.web.time_left import TimeLeft, time_of_card, time_of_sign_in

bp = Blueprint("time_left", __name__)


@bp.get("/card-sessions/<uuid:card_session_id>/time")
@browser
def of_card(card_session_id: UUID) -> str | tuple[str, int]:
    """Say until when it lasts, within the page that is used meanwhile or, without a script, beside it."""
    time = time_of_card(card_session_id) if session else None
    return _told(time) if time else ("", 204)  # over, or the session was rotated meanwhile: the page stays as it is


@bp.post("/card-sessions/<uuid:card_session_id>/time")
@browser
def prolong(card_session_id: UUID) -> Response:
    """Give the card session more time."""
    services().card_sessions.prolong(card_session_id, flow())
    return redirect(url_for(".of_card", card_session_id=card_session_id), 303)


@bp.get("/time/<any(citizen, staff):whose>")
@public
def of_sign_in(whose: str) -> str | tuple[str, int]:
    """Say until when one stays signed in; asked by the page itself, this is no use of the session."""
    return _told(time_of_sign_in(whose))


@bp.post("/time/<any(citizen, staff):whose>")
@public
def stay(whose: str) -> Response:
    """Use the session, which is all that prolongs it."""
    return redirect(url_for(".of_sign_in", whose=whose), 303)


def _told(time: TimeLeft) -> str | tuple[str, int]:
    if request.args.get("seen") == time.seen:
        return "", 204
    within = "HX-Request" in request.headers
    return render_template("components/_time_left.html" if within else "card/time_left/show.html", time=time)
