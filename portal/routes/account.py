"""マイページ: what a citizen who signed in sees; it changes nothing, and leads to what the card must sign."""

from uuid import UUID

from flask import Blueprint, Response, jsonify, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from portal.domain.continuity import REMINDER
from portal.routes.access import public, rooms, signed_in
from portal.routes.account_data import data_of
from portal.routes.browser_session import server_session

bp = Blueprint("account", __name__)
SHOWN_USES = 100


@bp.get("/account")
@signed_in
def show(person_id: UUID) -> str:
    """Show the record: ID, certificate, reservation, links, uses, history."""
    record = rooms().account.record(person_id, uses=SHOWN_USES)
    certificate = record.certificate
    soon = certificate is not None and certificate.not_after - rooms().clock() < REMINDER
    reservation = rooms().people.active_reservation(person_id)
    shown = {"soon": soon, "reservation": reservation, "uses_days": rooms().settings.uses_days}
    return render_template("account/show.html", record=record, shown_uses=SHOWN_USES, **shown)


@bp.get("/account/data.json")
@signed_in
def data(person_id: UUID) -> Response:
    """Hand over everything that is kept about the person, but for keyed hashes."""
    response = jsonify(data_of(rooms().account.record(person_id)))
    response.headers["Content-Disposition"] = "attachment; filename=mykey.json"
    return response


@bp.get("/account/cancellation")
@signed_in
def cancellation(person_id: UUID) -> str:
    """Say what happens to ID and links before the card is asked."""
    return render_template("account/cancellation.html", record=rooms().account.record(person_id, uses=0))


@bp.post("/sign-out")
@public
def sign_out() -> AnyResponse:
    """Forget this browser's session."""
    server_session().rotate()
    return redirect(url_for("start.index"), 303)
