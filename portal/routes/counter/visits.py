"""The municipal counter, in the clerk's browser: search or slip, a visit step by step, the queue of today's."""

from hashlib import sha256
from typing import Any
from uuid import UUID

from flask import Blueprint, make_response, redirect, render_template, request, session, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from portal.domain.card_session import AT_COUNTER, Purpose
from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.domain.reason import read_note, read_reason
from portal.domain.visit import Identity, Step, read_identity
from portal.models import Staff, Visit
from portal.services.counter.visits import Found
from portal.services.record import audit
from portal.web.access import clerk, services
from portal.web.card_session import begin_card_session
from portal.web.errors import shown_on
from portal.web.problems import Problem, problem_of

bp = Blueprint("counter", __name__, url_prefix="/counter")
BESIDE_A_FIELD = (Code.IDENTITY_MISSING, Code.IDENTITY_NOTE_MISSING, Code.REASON_MISSING, Code.REASON_MALFORMED)
STEPS = {
    Step.IDENTITY: _l("本人確認"),
    Step.OLD_CARD: _l("前のカード"),
    Step.NEW_CARD: _l("新しいカード"),
    Step.CHECK: _l("確認"),
    Step.DONE: _l("完了"),
}
IDENTITIES = {
    Identity.MY_NUMBER_CARD: _l("マイナンバーカード"),
    Identity.DRIVING_LICENCE: _l("運転免許証、運転経歴証明書"),
    Identity.PASSPORT: _l("旅券（パスポート）"),
    Identity.RESIDENCE_CARD: _l("在留カード、特別永住者証明書"),
    Identity.OTHER_WITH_PHOTO: _l("その他の、写真のある官公署の証明書"),
    Identity.TWO_DOCUMENTS: _l("写真のない証明書、2点"),
}


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


@bp.get("/guide")
@clerk
def guide(_: Staff) -> str:
    """Show a sheet of paper for the desk: what to check, what to say, what to do when."""
    return render_template("counter/visits/guide.html")


@bp.get("/visits/<visit_number>")
@clerk
def visit(staff: Staff, visit_number: str, problem: Problem | None = None, step: Step | None = None) -> Response:
    """Show one step: the next one, or one that was asked for; and what was refused of a form or a card."""
    code = session.pop("card_refused", None)
    refused = problem_of(Code(code)) if code else problem
    facts = _view(staff, visit_number, step or request.args.get("step"))
    if refused and refused.code in BESIDE_A_FIELD:
        facts |= {"problem": refused}
    page = render_template("counter/visits/visit.html", **facts, refused=refused)
    return make_response(page, refused.status if refused else 200)


@bp.get("/visits/<visit_number>/state")
@clerk
def state(staff: Staff, visit_number: str) -> str | tuple[str, int]:
    """Answer a poll: nothing while nothing has changed."""
    if _seen(services().visits.visit(visit_number, done=True)) == request.args.get("seen"):
        return "", 204
    return render_template("counter/visits/_visit.html", **_view(staff, visit_number, None))


@bp.post("/visits/<visit_number>/identity")
@clerk
@shown_on(visit, step=Step.IDENTITY)
def identify(staff: Staff, visit_number: str) -> Response:
    """Note by what the clerk has confirmed who the visitor is."""
    identity, note = read_identity(request.form.get("identity", ""), request.form.get("note", ""))
    services().visits.identify(visit_number, staff.staff_id, identity, note)
    return redirect(url_for(".visit", visit_number=visit_number), 303)


@bp.post("/visits/<visit_number>/cancellation")
@clerk
@shown_on(visit)
def cancel(staff: Staff, visit_number: str) -> Response:
    """Take a visit away of which nothing is carried out."""
    services().visits.cancel(visit_number, staff.staff_id)
    return redirect(url_for(".index"), 303)


@bp.post("/visits/<visit_number>/cards")
@clerk
@shown_on(visit)
def read_card(staff: Staff, visit_number: str) -> Response:
    """Begin to read the citizen's card, with its PIN, in this clerk's browser."""
    purpose = request.form.get("purpose")
    if purpose not in AT_COUNTER:
        raise PortalError(Code.REQUEST_MALFORMED)
    visit = services().visits.own_visit(visit_number, staff.staff_id)
    return begin_card_session(Purpose(purpose), {"visit": visit.visit_number})


@bp.post("/visits/<visit_number>/rewriting")
@clerk
@shown_on(visit)
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
@shown_on(visit)
def complete(staff: Staff, visit_number: str) -> Response:
    """Carry the visit out, ask a second clerk, or approve as one."""
    reason, serial_number = read_note(request.form.get("reason", "")), request.form.get("serial_number", "")
    services().completion.complete(visit_number, staff.staff_id, reason, serial_number=serial_number)
    return redirect(url_for(".visit", visit_number=visit_number), 303)


@bp.post("/visits/<visit_number>/stop")
@clerk
@shown_on(visit)
def stop(staff: Staff, visit_number: str) -> Response:
    services().completion.stop(visit_number, staff.staff_id)
    return redirect(url_for(".visit", visit_number=visit_number, step=Step.OLD_CARD), 303)


@bp.post("/visits/<visit_number>/resumption")
@clerk
@shown_on(visit, step=Step.NEW_CARD)
def resume(staff: Staff, visit_number: str) -> Response:
    services().completion.resume(visit_number, staff.staff_id, read_reason(request.form.get("reason", "")))
    return redirect(url_for(".visit", visit_number=visit_number), 303)


def _index(staff: Staff, typed: str = "", found: list[Found] | None = None) -> str:
    queue = services().visits.queue(staff.staff_id)
    rows = {
        "waiting": [row for row in queue if row.Visit.asked_by and not row.Visit.ended_at],
        "going_on": [row for row in queue if not (row.Visit.asked_by or row.Visit.ended_at)],
        "done": [row for row in queue if row.Visit.ended_at],
    }
    asked = request.method == "POST"
    return render_template(
        "counter/visits/index.html", staff=staff, typed=typed, found=found, asked=asked, steps=STEPS, **rows
    )


def _view(staff: Staff, visit_number: str, wanted: str | None) -> dict[str, Any]:
    """Gather what a visit's page and its fragment show."""
    comparison = services().visits.comparison(visit_number)
    visit = comparison.visit
    step = _shown(visit, wanted)
    mine, order = visit.opened_by == staff.staff_id, list(Step)
    done = order[: order.index(visit.step)] if mine and not (visit.asked_by or visit.ended_at) else []
    addresses = [url_for(".visit", visit_number=visit.visit_number, step=each) for each in done]
    return {
        "staff": staff,
        "comparison": comparison,
        "step": step,
        "steps": STEPS,
        "current": order.index(step) + 1,
        "addresses": dict(enumerate(addresses, 1)),
        "mine": mine,
        "opener": services().staff.name_of(visit.opened_by),
        "seen": _seen(visit),
        "polls": step in (Step.OLD_CARD, Step.NEW_CARD) or (step is Step.CHECK and visit.asked_by is not None),
        "in_the_way": problem_of(comparison.problem) if comparison.problem else None,
        "rewriting": services().rewriting,
        "demo_reader": services().demo_reader,
        "identities": IDENTITIES,
    }


def _shown(visit: Visit, wanted: str | None) -> Step:
    """Return the step to show: an earlier one where it was asked for, or the new card's without the old one."""
    if visit.asked_by or visit.ended_at:
        return visit.step
    order = list(Step)
    reached = Step.NEW_CARD if visit.step is Step.OLD_CARD else visit.step
    return Step(wanted) if wanted in order[: order.index(reached) + 1] else visit.step


def _seen(visit: Visit) -> str:
    """Name what a page shows of a visit, so that a poll can tell whether it has changed."""
    shown = (visit.identity, visit.before_read_at, visit.after, visit.asked_by, visit.ended_at)
    return sha256(repr(shown).encode()).hexdigest()[:16]
