"""The operator's first steps: what is done, and what is still to do until the first tap."""

from flask import Blueprint, render_template, request

from portal.models import Staff
from portal.web.access import operator, services

bp = Blueprint("first_steps", __name__, url_prefix="/operator")


@bp.get("/first-steps")
@operator
def show(staff: Staff) -> str:
    """Show each step with its state as it is at this moment."""
    forwarded = len([each for each in request.headers.get("X-Forwarded-For", "").split(",") if each.strip()])
    found = services().first_steps.look(staff.staff_id, forwarded)
    facts = {"settings": services().settings, "forwarded": forwarded, "now": services().clock()}
    return render_template("operation/first_steps/show.html", staff=staff, found=found, **facts)
