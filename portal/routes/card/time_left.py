"""The time of a card session: until when it lasts, a warning before it is over, and five minutes more."""

from datetime import timedelta
from math import ceil
from uuid import UUID

from flask import Blueprint, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from portal.domain.card_session import PROLONGED_AT_MOST, State
from portal.web.access import browser, flow, services

bp = Blueprint("time_left", __name__)
WARNED = timedelta(minutes=2)
"""So long before the end the page warns; WCAG 2.2.1 asks for 20 seconds at least."""


@bp.get("/card-sessions/<uuid:card_session_id>/time")
@browser
def show(card_session_id: UUID) -> Response:
    """Say until when it lasts, within the page that is used meanwhile or, without a script, beside it."""
    card_session = services().card_sessions.of_browser(card_session_id, flow())
    if card_session is None or card_session.state == State.ENDED or not session:
        return make_response("", 204)  # over, or asked while the session was rotated: the page stays as it is
    left = card_session.expires_at - services().clock()
    soon = left <= WARNED
    within = "HX-Request" in request.headers
    return make_response(
        render_template(
            "card/time_left/_time_left.html" if within else "card/time_left/show.html",
            card_session_id=card_session_id,
            until=card_session.expires_at,
            over=left <= timedelta(0),
            soon=soon,
            more=card_session.prolonged < PROLONGED_AT_MOST,
            next_look=ceil((left if soon else left - WARNED).total_seconds()),
        )
    )


@bp.post("/card-sessions/<uuid:card_session_id>/time")
@browser
def prolong(card_session_id: UUID) -> Response:
    """Give the card session more time."""
    services().card_sessions.prolong(card_session_id, flow())
    return redirect(url_for(".show", card_session_id=card_session_id), 303)
