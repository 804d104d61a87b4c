"""The operator's pages: the terminals of a provider, and the codes that enrol them, each shown once."""

from dataclasses import asdict
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.domain.providers import Handoff
from portal.models import Staff
from portal.routes.operation.providers import by, provider_asked, seed_of_made, show_made
from portal.services.operation.terminals import TerminalSetUp
from portal.web.access import operator, services
from portal.web.errors import shown_on
from portal.web.problems import Problem

bp = Blueprint("operator_terminals", __name__, url_prefix="/operator")


@bp.get("/provider/terminals")
@operator
def index(_staff: Staff, problem: Problem | None = None) -> str:
    """List a provider's terminals, and offer to add one."""
    provider = provider_asked()
    terminals = services().terminals.of_provider(provider.service_provider_id)
    typed = _typed_set_up() if problem else TerminalSetUp("")
    shown = {"provider": provider, "terminals": terminals, "typed": typed}
    return render_template("operation/terminals/index.html", problem=problem, **shown)


@bp.post("/provider/terminals")
@operator
@shown_on(index)
def add(staff: Staff) -> Response:
    """Add a terminal; its codes are on the next page."""
    provider_id, seed = provider_asked().service_provider_id, services().secrecy.token()
    terminal, _codes = services().terminals.add(provider_id, **asdict(_typed_set_up()), seed=seed, **by(staff))
    show_made(terminal.terminal_id, seed)
    flash(_("端末を追加しました。"))
    return redirect(url_for(".show", terminal_id=terminal.terminal_id), 303)


@bp.get("/terminals/<uuid:terminal_id>")
@operator
def show(_staff: Staff, terminal_id: UUID, problem: Problem | None = None, form: str = "") -> str:
    """Show one terminal, and once the codes that were just made."""
    terminal, seed = services().terminals.known(terminal_id), seed_of_made(terminal_id)
    codes = services().terminals.codes(seed) if seed else None
    provider = services().service_providers.known(terminal.service_provider_id)
    typed = _typed_set_up() if form == "settings" else terminal
    facts = {"typed": typed, "codes": codes, "problem": problem, "form_refused": form}
    return render_template("operation/terminals/show.html", terminal=terminal, provider=provider, **facts)


@bp.post("/terminals/<uuid:terminal_id>/settings")
@operator
@shown_on(show, form="settings")
def set_up(staff: Staff, terminal_id: UUID) -> Response:
    """Set a terminal up anew; it goes on, and needs no new code."""
    services().terminals.set_up(terminal_id, _typed_set_up(), **by(staff))
    flash(_("保存しました。"))
    return redirect(url_for(".show", terminal_id=terminal_id), 303)


@bp.post("/terminals/<uuid:terminal_id>/codes")
@operator
@shown_on(show, form="codes")
def new_codes(staff: Staff, terminal_id: UUID) -> Response:
    """Make new codes, which void older ones."""
    seed = services().secrecy.token()
    services().terminals.new_codes(terminal_id, seed=seed, **by(staff))
    show_made(terminal_id, seed)
    flash(_("新しい登録コードを作りました。"))
    return redirect(url_for(".show", terminal_id=terminal_id), 303)


@bp.post("/terminals/<uuid:terminal_id>/handoff-link")
@operator
@shown_on(show, form="handoff-link")
def set_handoff_link(staff: Staff, terminal_id: UUID) -> Response:
    """Set the link into the business system; an empty one takes it away."""
    template = request.form.get("handoff_link", "").strip() or None
    one_window = request.form.get("one_window") == "yes"
    services().terminals.set_handoff_link(terminal_id, template, one_window=one_window, **by(staff))
    flash(_("業務システムへのリンクを保存しました。"))
    return redirect(url_for(".show", terminal_id=terminal_id), 303)


@bp.post("/terminals/<uuid:terminal_id>/revocation")
@operator
@shown_on(show, form="revocation")
def revoke(staff: Staff, terminal_id: UUID) -> Response:
    """Refuse a terminal from the next request on, and for ever."""
    services().terminals.revoke(terminal_id, **by(staff))
    flash(_("端末の登録を取り消しました。"))
    return redirect(url_for(".show", terminal_id=terminal_id), 303)


def _typed_set_up() -> TerminalSetUp:
    """Read how a terminal is to be set up."""
    form = request.form
    flags = {name: form.get(name) == "yes" for name in ("staffed", "stays_armed")}
    handoff = Handoff.WEBHOOK if form.get("handoff") == Handoff.WEBHOOK else Handoff.SCREEN
    return TerminalSetUp(form.get("name", ""), **flags, handoff=handoff)
