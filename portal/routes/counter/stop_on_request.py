"""Stopping a MyKey ID at the counter, where its holder comes without card and without stop code."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.domain.codes import Code
from portal.domain.errors import AskAgain, PortalError
from portal.domain.reason import read_reason
from portal.models import Staff
from portal.web.access import clerk, services
from portal.web.errors import shown_on
from portal.web.problems import Problem

bp = Blueprint("stop_on_request", __name__, url_prefix="/counter")


@bp.post("/stops")
@clerk
def begin(staff: Staff) -> Response:
    """Begin a visit of the person that the search has found, in order to stop."""
    try:
        person_id = UUID(request.form.get("person_id", ""))
    except ValueError:
        raise PortalError(Code.VISIT_NOT_FOUND) from None
    opened = services().visits.open(staff.staff_id, person_id, for_reservation=False)
    return redirect(url_for(".show", visit_number=opened.visit_number), 303)


@bp.get("/visits/<visit_number>/stop")
@clerk
def show(staff: Staff, visit_number: str, problem: Problem | None = None) -> str:
    """Ask how the person's identity was seen; after the stop, say what the person is to be told."""
    comparison, typed = services().visits.comparison(visit_number), request.form.get("reason", "")
    facts = {"mine": comparison.visit.opened_by == staff.staff_id, "problem": problem, "typed": typed}
    return render_template("counter/visits/stop.html", visit=comparison.visit, found=comparison.found, **facts)


@bp.post("/visits/<visit_number>/stop")
@clerk
@shown_on(show, AskAgain)
def stop(staff: Staff, visit_number: str) -> Response:
    services().stop_on_request.stop(visit_number, staff.staff_id, read_reason(request.form.get("reason", "")))
    return redirect(url_for(".show", visit_number=visit_number), 303)
