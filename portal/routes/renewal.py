"""カードの更新: the three ways, and the page of the new card that signed `renew`."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, session, url_for
from limits import RateLimitItemPerHour
from werkzeug.wrappers import Response

from portal.domain.errors import AskAgain, PortalError
from portal.routes.access import caller, card_read, public, rooms
from portal.routes.problems import Problem, problem_of
from portal.services.renewal import Way

bp = Blueprint("renewal", __name__)
TRIES = RateLimitItemPerHour(10)
"""Wrong 引継ぎコード, from one address and with one card."""


@bp.get("/renew")
@public
def start() -> str:
    """Explain the ways by which a record goes on to a new card."""
    return render_template("renewal/start.html")


@bp.get("/renewal")
@card_read
def show(card_session_id: UUID) -> str:
    """Show what the card that was read may do, or what was done."""
    return _page(card_session_id)


@bp.post("/renewal")
@card_read
def renew(card_session_id: UUID) -> Response | tuple[str, int]:
    """Move the record by the typed code, by a correspondence, or back to the old card."""
    ways = {Way.CODE: _by_code, Way.CORRESPONDENCE: rooms().renewal.by_correspondence, Way.UNDO: rooms().renewal.undo}
    wanted = request.form.get("way")
    if wanted not in ways:
        raise PortalError("request-malformed")
    try:
        person_id = ways[Way(wanted)](card_session_id)
    except AskAgain as error:
        return _page(card_session_id, problem_of(error.code)), 422
    session["person_id"] = str(person_id)
    return redirect(url_for(".show"), 303)


def _by_code(card_session_id: UUID) -> UUID:
    """Count wrong codes by address and by card session: ten an hour, then 429."""
    names = (f"carry-over:{caller()}", f"carry-over:{card_session_id}")
    if not all(rooms().limiter.test(TRIES, name) for name in names):
        raise PortalError("rate-limited")
    try:
        return rooms().renewal.by_code(card_session_id, request.form.get("code", ""))
    except AskAgain:
        for name in names:
            rooms().limiter.hit(TRIES, name)
        raise


def _page(card_session_id: UUID, problem: Problem | None = None) -> str:
    way = rooms().renewal.way(card_session_id)
    if way is None:
        record = rooms().account.record(rooms().acts.result(card_session_id))
        return render_template("renewal/done.html", record=record)
    typed = request.form.get("code", "")
    return render_template("renewal/show.html", way=way.value, problem=problem, typed=typed)
