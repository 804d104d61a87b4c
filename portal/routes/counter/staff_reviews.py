"""What the rules send to staff: the queue, and how each was decided."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.domain.errors import AskAgain
from portal.domain.reason import read_reason
from portal.models import Staff
from portal.web.access import clerk, services
from portal.web.problems import problem_of, refused_reason

bp = Blueprint("reviews", __name__, url_prefix="/reviews")


@bp.get("")
@clerk
def index(_: Staff) -> str:
    """Show what nobody has decided yet, with the words of its code."""
    waiting = [(review, problem_of(review.code)) for review in services().staff_reviews.waiting()]
    refused, wrong = request.args.get("refused"), refused_reason()
    return render_template("counter/staff_reviews/index.html", waiting=waiting, wrong=wrong, refused=refused)


@bp.post("")
@clerk
def close(staff: Staff) -> Response:
    """Close one with the reason."""
    review_key = request.form.get("review_key", "")
    try:
        services().staff_reviews.close(review_key, staff.staff_id, read_reason(request.form.get("reason", "")))
    except AskAgain as error:
        return redirect(url_for(".index", refused=review_key, reason=error.code), 303)
    return redirect(url_for(".index"), 303)
