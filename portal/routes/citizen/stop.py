"""停止コード: for a citizen whose card is lost, without card and without signing in."""

from functools import partial

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.domain.errors import AskAgain
from portal.domain.formats.stop_code import read_stop_code
from portal.domain.formats.typed_code import fold_code
from portal.domain.limits import STOP_CODE
from portal.web.access import caller, public, services, tried
from portal.web.errors import shown_on
from portal.web.problems import Problem

bp = Blueprint("stop", __name__)


@bp.get("/stop")
@public
def show(problem: Problem | None = None) -> str:
    """Ask for the code; after it, say the same words whether it was right or wrong."""
    typed = request.form.get("stop_code", "")
    facts = {"typed": typed, "characters": len(fold_code(typed)), "problem": problem}
    return render_template("citizen/stop/show.html", received="received" in request.args, **facts)


@bp.post("/stop")
@public
@shown_on(show, AskAgain)
def stop() -> Response:
    """Stop the look-ups of the code's owner.

    A typing error is no try: it guesses nobody's code, and who is in a hurry makes many.
    """
    code = read_stop_code(request.form.get("stop_code", ""))
    tried(STOP_CODE, partial(services().stop_codes.stop, code), caller())
    return redirect(url_for(".show", received="yes"), 303)
