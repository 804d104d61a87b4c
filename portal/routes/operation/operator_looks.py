"""What the operator looks at: the management table, with a reason for each page, and a provider's webhook messages."""

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.models import Staff
from portal.routes.operation.providers import by, provider_asked
from portal.services.operation.management_table import Look
from portal.web.access import operator, services
from portal.web.errors import shown_on
from portal.web.problems import Problem

bp = Blueprint("operator_looks", __name__, url_prefix="/operator")


@bp.get("/table")
@operator
def table(_staff: Staff, problem: Problem | None = None) -> str:
    """Ask for what to look and why; show the page for which that was just said, once."""
    page, announced = "operation/operator_looks/table.html", session.pop("look", None)
    if problem or announced is None:
        return render_template(page, problem=problem, look=_asked() if problem else None)
    look = Look(*announced["look"])
    found, more = services().operator_table.rows(look)
    return render_template(page, found=found, more=more, look=look, reason=announced["reason"])


@bp.post("/table")
@operator
@shown_on(table)
def look_for(staff: Staff) -> Response:
    """Write down who looks for what and why, before the next page shows it."""
    said = by(staff)
    look = services().operator_table.announce(_asked(), **said)
    session["look"] = {"look": look, "reason": said["reason"]}
    return redirect(url_for(".table"), 303)


@bp.get("/provider/webhook-messages")
@operator
def webhook_messages(_staff: Staff, problem: Problem | None = None) -> str:
    """Show which messages a provider's business system has not taken yet."""
    provider = provider_asked()
    shown = {"provider": provider, "messages": services().webhook_messages.waiting(provider.service_provider_id)}
    return render_template("operation/operator_looks/webhook_messages.html", problem=problem, **shown)


@bp.post("/provider/webhook-messages")
@operator
@shown_on(webhook_messages)
def send_again(staff: Staff) -> Response:
    """Make the chosen messages due now."""
    provider_id = provider_asked().service_provider_id
    services().webhook_messages.send_again(provider_id, request.form.getlist("message"), **by(staff))
    flash(_("選んだものを、これから送り直します。"))
    return redirect(url_for(".webhook_messages", id=provider_id), 303)


def _asked() -> Look:
    form = request.form
    return Look(form.get("column", ""), form.get("sought", ""), form.getlist("after"))
