"""マイキーIDの登録: the draft's forms on one page, reached with the card read and the PIN verified."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, session, url_for
from werkzeug.wrappers import Response

from portal.routes.access import card_read, rooms

bp = Blueprint("registration", __name__)


@bp.get("/registration")
@card_read
def show(card_session_id: UUID) -> str:
    """Show the random string that was read, and after the button what became of it."""
    preview = rooms().registration.preview(card_session_id)
    record = None if preview else rooms().account.record(rooms().acts.result(card_session_id))
    return render_template("registration/show.html", preview=preview, record=record)


@bp.post("/registration")
@card_read
def register(card_session_id: UUID) -> Response:
    """Carry out form (1): 登録."""
    session["person_id"] = str(rooms().registration.register(card_session_id))
    return redirect(url_for(".show"), 303)
