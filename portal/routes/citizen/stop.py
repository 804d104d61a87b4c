"""停止コード: for a citizen whose card is lost, without card and without signing in."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.limiter import Limit
from portal.web.access import caller, public, services

bp = Blueprint("stop", __name__)
TRIES = Limit(10)


@bp.get("/stop")
@public
def show() -> str:
    """Ask for the code; after it, say the same words whether it was right or wrong."""
    return render_template("citizen/stop/show.html", received="received" in request.args)


@bp.post("/stop")
@public
def stop() -> Response:
    """Stop the look-ups of the code's owner; ten tries a minute."""
    if not services().limiter.hit(TRIES, "stop", caller()):
        raise PortalError(Code.RATE_LIMITED)
    services().stop_codes.stop(request.form.get("stop_code", ""))
    return redirect(url_for(".show", received="yes"), 303)
