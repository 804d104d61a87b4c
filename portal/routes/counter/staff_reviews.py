"""What the rules send to staff: the queue, and how each was decided."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.domain.codes import Code
from portal.domain.errors import AskAgain
from portal.models import Staff
from portal.web.access import clerk, rooms
from portal.web.problems import problem_of

bp = Blueprint("reviews", __name__, url_prefix="/reviews")


@bp.get("")
@clerk
def index(_: Staff) -> str:
    """Show what nobody has decided yet, with the words of its code."""
    waiting = [(review, problem_of(review.code)) for review in rooms().reviews.waiting()]
    words, without = problem_of(Code.REASON_MISSING).title, request.args.get("without_reason")
    return render_template("counter/staff_reviews/index.html", waiting=waiting, wrong=words, without_reason=without)


@bp.post("")
@clerk
def close(staff: Staff) -> Response:
    """Close one with the reason."""
    review_key = request.form.get("review_key", "")
    try:
        rooms().reviews.close(review_key, staff.staff_id, request.form.get("reason", ""))
    except AskAgain:
        return redirect(url_for(".index", without_reason=review_key), 303)
    return redirect(url_for(".index"), 303)
