"""マイページ: what a citizen who signed in sees; it changes nothing, each act begins with the card."""

from datetime import timedelta
from uuid import UUID

from flask import Blueprint, Response, jsonify, redirect, render_template, session, url_for
from werkzeug.wrappers import Response as Redirect

from portal.domain.continuity import reminder
from portal.services.citizen.my_data import my_data
from portal.services.citizen.my_page import SHOWN_USES
from portal.web.access import forget_flow, public, services, signed_in
from portal.web.browser_session import server_session

bp = Blueprint("account", __name__)


@bp.get("/account")
@signed_in
def show(person_id: UUID) -> str:
    record, now = services().my_page.record(person_id), services().clock()
    settings, certificate = services().settings, record.certificate
    return render_template(
        "citizen/my_page/show.html",
        record=record,
        waiting=record.waiting(now),
        reservation=record.reservation(now),
        may_change_from=record.may_change_from(now, timedelta(days=settings.reservation_days)),
        deadlines=record.deadlines(now),
        open_until=record.open_until(now),
        expires_within=reminder(certificate.not_after, now) if certificate else None,
        code_in_force=record.code(now),
        shown_uses=SHOWN_USES,
        uses_days=settings.uses_days,
        sessions=services().sessions.all(person_id, server_session().key_hash),
    )


@bp.get("/account/data.json")
@signed_in
def data(person_id: UUID) -> Response:
    """Hand over everything that is kept about the person."""
    response = jsonify(my_data(services().my_page.record(person_id, uses_shown=None), services().clock()))
    response.headers["Content-Disposition"] = 'attachment; filename="mykey-data.json"'
    return response


@bp.get("/account/cancellation")
@signed_in
def cancellation(person_id: UUID) -> str:
    """Say first what becomes of everything when the registration is cancelled."""
    record = services().my_page.record(person_id)
    open_until = record.open_until(services().clock())
    return render_template("citizen/my_page/cancellation.html", record=record, open_until=open_until)


@bp.get("/account/stop")
@signed_in
def stopping(person_id: UUID) -> str:
    """Say first what a stop does, and how it ends."""
    return render_template("citizen/my_page/stop.html", record=services().my_page.record(person_id))


@bp.post("/account/stop")
@signed_in
def stop(person_id: UUID) -> Redirect:
    """Stop the MyKey ID; this browser stays signed in, to start it again with the card."""
    session["version"] = services().stop_codes.stop_own(person_id, session["version"])
    return redirect(url_for(".show"), 303)


@bp.post("/account/sessions")
@signed_in
def end_others(person_id: UUID) -> Redirect:
    """End the person's other sessions: a browser that was left, or somebody else's."""
    services().sessions.end_others(person_id, server_session().key_hash)
    return redirect(url_for(".show"), 303)


@bp.post("/sign-out")
@public
def sign_out() -> Redirect:
    server_session().rotate()
    response = redirect(url_for("start.index"), 303)
    forget_flow(response)
    return response
