"""What the operator looks at: the management table, with a reason for each page, and a provider's webhook messages."""

from typing import Any

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from portal.domain.errors import PortalError
from portal.models import Staff
from portal.routes.operation.providers import by, provider_asked
from portal.services.operation.management_table import Look
from portal.web.access import operator, services
from portal.web.problems import Problem, problem_of

bp = Blueprint("operator_looks", __name__, url_prefix="/operator")


@bp.get("/table")
@operator
def table(_: Staff) -> str:
    """Ask for what to look and why; show the page for which that was just said, once."""
    asked = session.pop("look", None)
    if asked is None:
        return _table({})
    look = Look(*asked["look"])
    found, more = services().operator_table.rows(look)
    return _table({"found": found, "more": more, "look": look, "reason": asked["reason"]})


@bp.post("/table")
@operator
def look_for(staff: Staff) -> Response | tuple[str, int]:
    """Write down who looks for what and why, before the next page shows it."""
    form = request.form
    asked = Look(form.get("column", ""), form.get("sought", ""), form.getlist("after"))
    try:
        said = by(staff)
        look = services().operator_table.announce(asked, **said)
    except PortalError as error:
        problem = problem_of(error.code)
        return _table({"look": asked}, problem), problem.status
    session["look"] = {"look": look, "reason": said["reason"]}
    return redirect(url_for(".table"), 303)


@bp.get("/provider/webhook-messages")
@operator
def webhook_messages(_: Staff) -> str:
    """Show which messages a provider's business system has not taken yet."""
    return _webhook_messages()


@bp.post("/provider/webhook-messages")
@operator
def send_again(staff: Staff) -> Response | tuple[str, int]:
    """Make the chosen messages due now."""
    provider = provider_asked()
    try:
        services().webhook_messages.send_again(
            provider.service_provider_id, request.form.getlist("message"), **by(staff)
        )
    except PortalError as error:
        problem = problem_of(error.code)
        return _webhook_messages(problem), problem.status
    return redirect(url_for(".webhook_messages", id=provider.service_provider_id), 303)


def _table(shown: dict[str, Any], problem: Problem | None = None) -> str:
    return render_template("operation/operator_looks/table.html", problem=problem, **shown)


def _webhook_messages(problem: Problem | None = None) -> str:
    provider = provider_asked()
    shown = {"provider": provider, "messages": services().webhook_messages.waiting(provider.service_provider_id)}
    return render_template("operation/operator_looks/webhook_messages.html", problem=problem, **shown)
