"""The operator's pages: the terminals of a provider, and the codes that enrol them, each shown once."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from portal.domain.reception import Handoff
from portal.models import Staff
from portal.routes.operation.providers import by, provider_asked
from portal.web.access import operator, services
from portal.web.errors import shown_on
from portal.web.problems import Problem

bp = Blueprint("operator_terminals", __name__, url_prefix="/operator")


@bp.get("/provider/terminals")
@operator
def index(_: Staff, problem: Problem | None = None) -> str:
    """List a provider's terminals, and offer to add one."""
    provider = provider_asked()
    terminals = services().terminals.of_provider(provider.service_provider_id)
    return render_template(
        "operation/terminals/index.html", provider=provider, terminals=terminals, problem=problem, typed=request.form
    )


@bp.post("/provider/terminals")
@operator
@shown_on(index)
def add(staff: Staff) -> Response:
    """Add a terminal; its codes are on the next page."""
    form, seed = request.form, services().terminals.seed()
    flags = {name: form.get(name) == "yes" for name in ("staffed", "stays_armed")}
    handoff = Handoff.WEBHOOK if form.get("handoff") == Handoff.WEBHOOK else Handoff.SCREEN
    name = form.get("name", "").strip()
    terminal, _ = services().terminals.add(
        provider_asked().service_provider_id, name, **flags, handoff=handoff, seed=seed, **by(staff)
    )
    session["codes"] = {"of": str(terminal.terminal_id), "seed": seed}
    return redirect(url_for(".show", terminal_id=terminal.terminal_id), 303)


@bp.get("/terminals/<uuid:terminal_id>")
@operator
def show(_: Staff, terminal_id: UUID, problem: Problem | None = None, form: str = "") -> str:
    """Show one terminal, and once the codes that were just made."""
    terminal, fresh = services().terminals.known(terminal_id), session.pop("codes", None)
    codes = services().terminals.codes(fresh["seed"]) if fresh and fresh["of"] == str(terminal_id) else None
    provider = services().service_providers.known(terminal.service_provider_id)
    facts = {"codes": codes, "origin": services().settings.origin, "problem": problem, "form_refused": form}
    return render_template("operation/terminals/show.html", terminal=terminal, provider=provider, **facts)


@bp.post("/terminals/<uuid:terminal_id>/codes")
@operator
@shown_on(show, form="codes")
def new_codes(staff: Staff, terminal_id: UUID) -> Response:
    """Make new codes, which void older ones."""
    seed = services().terminals.seed()
    services().terminals.new_codes(terminal_id, seed=seed, **by(staff))
    session["codes"] = {"of": str(terminal_id), "seed": seed}
    return redirect(url_for(".show", terminal_id=terminal_id), 303)


@bp.post("/terminals/<uuid:terminal_id>/handoff-link")
@operator
@shown_on(show, form="handoff-link")
def set_handoff_link(staff: Staff, terminal_id: UUID) -> Response:
    """Set the link into the business system; an empty one takes it away."""
    template = request.form.get("handoff_link", "").strip() or None
    one_window = request.form.get("one_window") == "yes"
    services().terminals.set_handoff_link(terminal_id, template, one_window=one_window, **by(staff))
    return redirect(url_for(".show", terminal_id=terminal_id, saved="yes"), 303)


@bp.post("/terminals/<uuid:terminal_id>/revocation")
@operator
@shown_on(show, form="revocation")
def revoke(staff: Staff, terminal_id: UUID) -> Response:
    """Refuse a terminal from the next request on, and for ever."""
    services().terminals.revoke(terminal_id, **by(staff))
    return redirect(url_for(".show", terminal_id=terminal_id), 303)
