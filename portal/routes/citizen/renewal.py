"""継続性: a record goes on to a new card by code or correspondence, or back to the old one."""

from functools import partial
from uuid import UUID

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.domain.errors import AskAgain
from portal.domain.limits import CARRY_OVER_CODE
from portal.services.citizen.renewal import Way
from portal.web.access import caller, card_read, public, services, sign_in_citizen, tried
from portal.web.problems import Problem, problem_of

bp = Blueprint("renewal", __name__)
LONGEST = 64
"""So much of what was typed is shown again."""


@bp.get("/renew")
@public
def start() -> str:
    """Explain the three ways before the card."""
    return render_template("citizen/renewal/start.html")


@bp.get("/renewal")
@card_read
def show(card_session_id: UUID) -> str:
    """Offer what the card that was read may do; after the button, show what became of it."""
    way = services().renewal.way(card_session_id)
    return _question(card_session_id, way) if way else _result(card_session_id)


@bp.post("/renewal")
@card_read
def carry_out(card_session_id: UUID) -> Response:
    """Move the record or take it back, by the way that the page offered."""
    typed, renewal = request.form.get("carry_over_code", ""), services().renewal
    try:
        match request.form.get("way"):
            case Way.CORRESPONDENCE:
                renewal.by_correspondence(card_session_id)
            case Way.UNDO:
                renewal.undo(card_session_id)
            case _:
                by_code = partial(renewal.by_code, card_session_id, typed)
                tried(CARRY_OVER_CODE, by_code, services().card_sessions.card(card_session_id), caller())
    except AskAgain as error:
        return make_response(_question(card_session_id, Way.CODE, problem_of(error.code), typed[:LONGEST]), 422)
    sign_in_citizen(card_session_id)
    return redirect(url_for(".show"), 303)


def _question(card_session_id: UUID, way: Way, problem: Problem | None = None, typed: str = "") -> str:
    move = services().renewal.undoable(card_session_id) if way is Way.UNDO else None
    return render_template("citizen/renewal/show.html", way=way, move=move, problem=problem, typed=typed)


def _result(card_session_id: UUID) -> str:
    person_id = services().signed_actions.result(card_session_id)
    move = services().renewal.last_move(person_id)
    return render_template("citizen/renewal/result.html", record=services().my_page.record(person_id), move=move)
