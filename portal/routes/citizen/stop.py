"""停止コード: for a citizen whose card is lost, without card and without signing in."""

from functools import partial

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.domain.limits import STOP_CODE
from portal.web.access import caller, public, services, tried

bp = Blueprint("stop", __name__)


@bp.get("/stop")
@public
def show() -> str:
    """Ask for the code; after it, say the same words whether it was right or wrong."""
    return render_template("citizen/stop/show.html", received="received" in request.args)


@bp.post("/stop")
@public
def stop() -> Response:
    """Stop the look-ups of the code's owner."""
    tried(STOP_CODE, partial(services().stop_codes.stop, request.form.get("stop_code", "")), caller())
    return redirect(url_for(".show", received="yes"), 303)
