"""What a citizen who signed in sees; it changes nothing."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from portal.routes.access import public, rooms, signed_in
from portal.routes.browser_session import server_session

bp = Blueprint("account", __name__)


@bp.get("/account")
@signed_in
def show(person_id: UUID) -> str:
    """Show the MyKey ID."""
    return render_template("account/show.html", record=rooms().account.record(person_id))


@bp.post("/sign-out")
@public
def sign_out() -> Response:
    """Forget this browser's session."""
    server_session().rotate()
    return redirect(url_for("start.index"), 303)
