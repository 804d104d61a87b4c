"""What the rules send to staff: the queue, and how each was decided."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.models import Staff
from portal.routes.access import clerk, rooms
from portal.routes.problems import problem_of

bp = Blueprint("reviews", __name__, url_prefix="/reviews")


@bp.get("")
@clerk
def index(_: Staff) -> str:
    """Show what nobody has decided yet, with the words of its code."""
    waiting = [(review, problem_of(review.code)) for review in rooms().reviews.waiting()]
    return render_template("reviews/index.html", waiting=waiting)


@bp.post("")
@clerk
def close(staff: Staff) -> Response:
    """Close one with the reason."""
    rooms().reviews.close(request.form.get("review_key", ""), staff.staff_id, request.form.get("reason", ""))
    return redirect(url_for(".index"), 303)
