"""What the rules send to staff: the queue, and how each was decided."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.domain.errors import AskAgain
from portal.domain.reason import read_reason
from portal.models import Staff
from portal.web.access import clerk, services
from portal.web.errors import shown_on
from portal.web.problems import Problem, problem_of

bp = Blueprint("reviews", __name__, url_prefix="/reviews")


@bp.get("")
@clerk
def index(_: Staff, problem: Problem | None = None) -> str:
    """Show what nobody has decided yet, with the words of its code."""
    waiting = [(review, problem_of(review.code)) for review in services().staff_reviews.waiting()]
    refused, wrong = request.form.get("review_key"), problem and problem.title
    return render_template("counter/staff_reviews/index.html", waiting=waiting, wrong=wrong, refused=refused)


@bp.post("")
@clerk
@shown_on(index, AskAgain)
def close(staff: Staff) -> Response:
    reason = read_reason(request.form.get("reason", ""))
    services().staff_reviews.close(request.form.get("review_key", ""), staff.staff_id, reason)
    return redirect(url_for(".index"), 303)
