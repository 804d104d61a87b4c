"""The door of the reception app: binding a tablet to a terminal, the staff's lock, and the app's manifest."""

from functools import partial

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Redirect

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.domain.limits import ENROLMENT_CODE
from portal.domain.roles import Role
from portal.models import Terminal
from portal.routes.providers.reception import refuse
from portal.services.record.audit import Event, record
from portal.web.access import bind_page, caller, locked_page, public, services, tried
from portal.web.browser_session import server_session
from portal.web.language import locale_code
from portal.web.passkey_challenge import new_challenge, take_challenge
from portal.web.problems import problem_of

bp = Blueprint("reception_door", __name__, url_prefix="/reception")
bp.register_error_handler(PortalError, refuse)
ICONS = (("favicon.svg", "any", "image/svg+xml"), ("reception-192.png", "192x192", "image/png"))


@bp.get("/enrol")
@public
def enrol() -> str:
    """Ask for the code that binds this tablet to a terminal."""
    return render_template("providers/reception_tablet/enrol.html", error=None)


@bp.post("/enrol")
@public
def spend_code() -> tuple[str, int] | Redirect:
    """Spend the code. The session was for the form alone."""
    spend = partial(services().enrolment.enrol_page, request.form.get("enrolment_code", ""))
    try:
        _terminal, cookie = tried(ENROLMENT_CODE, spend, caller())
    except PortalError as error:
        problem = problem_of(error.code)
        return render_template("providers/reception_tablet/enrol.html", error=problem), problem.status
    server_session().rotate()
    response = redirect(url_for("reception.show"), 303)
    bind_page(response, cookie)
    return response


@bp.get("/locked")
@locked_page
def locked(terminal: Terminal) -> str | Redirect:
    if not terminal.locked_at:
        return redirect(url_for("reception.show"))
    return render_template("providers/reception_tablet/locked.html", provider=terminal.provider)


@bp.get("/unlocking")
@locked_page
def unlocking(terminal: Terminal) -> str:
    """Ask staff for their passkey."""
    provider = terminal.provider
    options = services().passkeys.sign_in_options(new_challenge())
    return render_template("providers/reception_tablet/unlocking.html", provider=provider, options=options)


@bp.post("/unlocking")
@locked_page
def unlock(terminal: Terminal) -> Redirect:
    """Unlock the page for staff of its own provider, or an operator; nobody stays signed in on a tablet."""
    challenge = take_challenge()
    server_session().rotate()
    staff = services().passkeys.sign_in(request.form.get("credential", ""), challenge)
    own = Role.PROVIDER in staff.roles and staff.service_provider_id == terminal.service_provider_id
    if not own and Role.OPERATOR not in staff.roles:
        raise PortalError(Code.ROLE_MISSING)
    services().enrolment.lock(terminal.terminal_id, locked=False)
    record(Event.UNLOCKED, terminal=terminal.terminal_id, staff=staff.staff_id)
    return redirect(url_for("reception.show"), 303)


@bp.get("/manifest.webmanifest")
@public
def manifest() -> Response:
    """Describe the app, so that a tablet can install it (W3C Web Application Manifest); it needs no service worker."""
    icons = [
        {"src": url_for("static", filename=f"icons/{name}"), "sizes": sizes, "type": kind, "purpose": "any"}
        for name, sizes, kind in ICONS
    ]
    response = jsonify(
        id="/reception",
        start_url=url_for("reception.show"),
        scope="/",
        name=_("マイキーポータル 受付アプリ"),
        short_name=_("受付アプリ"),
        lang=locale_code(),
        display="standalone",
        background_color="#ffffff",
        theme_color="#0017c1",
        icons=icons,
    )
    response.mimetype = "application/manifest+json"
    return response
