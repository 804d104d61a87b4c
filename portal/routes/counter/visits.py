"""The municipal counter, in the clerk's browser: search or slip, a visit, both certificates side by side, the act."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.domain.card_session import AT_COUNTER, Purpose
from portal.domain.codes import Code
from portal.domain.errors import AskAgain, PortalError
from portal.domain.reason import read_reason
from portal.models import Staff
from portal.services.counter.visits import Found
from portal.services.record import audit
from portal.web.access import clerk, services
from portal.web.card_session import begin_card_session
from portal.web.errors import shown_on
from portal.web.problems import Problem, problem_of

bp = Blueprint("counter", __name__, url_prefix="/counter")


@bp.get("")
@clerk
def index(staff: Staff) -> str:
    """Offer the search, and show what waits for this clerk or another; a slip's QR code brings its number here."""
    return _index(staff)


@bp.post("")
@clerk
def search(staff: Staff) -> str:
    """Show who has what was typed, or read from a slip."""
    typed = request.form.get("typed", "")
    if not typed:
        return _index(staff)
    found = services().visits.search(typed)
    audit.record(audit.Event.SEARCHED, staff=staff.staff_id, found=[each.person.person_id for each in found])
    return _index(staff, typed=typed, found=found)


@bp.post("/visits")
@clerk
def open_visit(staff: Staff) -> Response:
    """Begin a visit of the person that the search has found."""
    try:
        person_id = UUID(request.form.get("person_id", ""))
    except ValueError:
        raise PortalError(Code.VISIT_NOT_FOUND) from None
    for_reservation = request.form.get("for") == "reservation"
    opened = services().visits.open(staff.staff_id, person_id, for_reservation=for_reservation)
    return redirect(url_for(".visit", visit_number=opened.visit_number), 303)


@bp.get("/visits/<visit_number>")
@clerk
def visit(staff: Staff, visit_number: str, problem: Problem | None = None) -> str:
    """Show what was read, what is in the way, and the next step."""
    comparison = services().visits.comparison(visit_number)
    opener = services().staff.name_of(comparison.visit.opened_by)
    in_the_way = problem_of(comparison.problem) if comparison.problem else None
    facts = {"opener": opener, "in_the_way": in_the_way, "problem": problem, "rewriting": services().rewriting}
    return render_template("counter/visits/visit.html", staff=staff, comparison=comparison, **facts)


@bp.post("/visits/<visit_number>/cards")
@clerk
def read_card(staff: Staff, visit_number: str) -> Response:
    """Begin to read the citizen's card, with its PIN, in this clerk's browser."""
    purpose = request.form.get("purpose")
    if purpose not in AT_COUNTER:
        raise PortalError(Code.REQUEST_MALFORMED)
    visit = services().visits.own_visit(visit_number, staff.staff_id)
    return begin_card_session(Purpose(purpose), {"visit": visit.visit_number})


@bp.post("/visits/<visit_number>/rewriting")
@clerk
def rewrite(_: Staff, visit_number: str) -> Response:
    """Have a demo's authority rewrite the virtual card; a portal in production has none."""
    comparison, rewriting = services().visits.comparison(visit_number), services().rewriting
    reservation = comparison.found.reservation
    if rewriting is None or reservation is None:
        raise PortalError(Code.NOT_FOUND)
    try:
        rewriting.rewrite(comparison.old.issuer_key_id, comparison.old.serial_number, reservation.mykey_id)
    except LookupError:
        raise PortalError(Code.REWRITING_IMPOSSIBLE) from None
    return redirect(url_for(".visit", visit_number=visit_number), 303)


@bp.post("/visits/<visit_number>/completion")
@clerk
@shown_on(visit, AskAgain)
def complete(staff: Staff, visit_number: str) -> Response:
    """Carry the visit out, ask a second clerk, or approve as one."""
    reason, serial_number = read_reason(request.form.get("reason", "")), request.form.get("serial_number", "")
    services().completion.complete(visit_number, staff.staff_id, reason, serial_number=serial_number)
    return redirect(url_for(".visit", visit_number=visit_number), 303)


@bp.post("/visits/<visit_number>/resumption")
@clerk
@shown_on(visit, AskAgain)
def resume(staff: Staff, visit_number: str) -> Response:
    services().completion.resume(visit_number, staff.staff_id, read_reason(request.form.get("reason", "")))
    return redirect(url_for(".visit", visit_number=visit_number), 303)


def _index(staff: Staff, typed: str = "", found: list[Found] | None = None) -> str:
    waiting = services().second_clerk.waiting()
    return render_template("counter/visits/index.html", staff=staff, typed=typed, found=found, waiting=waiting)
