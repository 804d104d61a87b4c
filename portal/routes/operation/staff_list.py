"""The operator's pages of staff: invited, given roles, suspended, recovered.

What lets somebody in (a link, a role) is asked once more, with its consequence, and confirmed with the operator's own
passkey: a browser that was left open, or a stolen session, invites nobody.
"""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.domain.formats.name import read_name
from portal.domain.roles import Role
from portal.models import Staff
from portal.routes.operation.providers import by as by_operator
from portal.routes.operation.providers import seed_of_made, show_made
from portal.web.access import operator, services
from portal.web.errors import shown_on
from portal.web.passkey_challenge import new_challenge, take_challenge
from portal.web.problems import Problem

bp = Blueprint("operator_staff", __name__, url_prefix="/operator/staff")


@bp.get("")
@operator
def index(staff: Staff, problem: Problem | None = None) -> str:
    """List everybody who works here or at a provider, and offer to invite."""
    shown = {"listed": services().staff.all(), "providers": services().providers.all(), "oneself": staff.staff_id}
    return render_template("operation/staff_list/index.html", problem=problem, typed=request.form, **shown)


@bp.post("")
@operator
@shown_on(index)
def invite(staff: Staff) -> Response | str:
    """Add somebody, whose one-time link is on the next page."""
    said, wanted = _by(staff), _roles_asked()
    name = read_name(request.form.get("name", ""), Code.STAFF_NAME_MALFORMED)
    services().staff.check_roles(**wanted)
    if not _confirmed(staff):
        return _ask("invite", {"name": name} | wanted)
    seed = services().secrecy.token()
    added, _token = services().staff.add(name, **wanted, seed=seed, **said)
    return _show_link(added.staff_id, seed, _("職員を追加しました。1回限りのリンクを、本人に手わたししてください。"))


@bp.get("/<uuid:staff_id>")
@operator
def show(staff: Staff, staff_id: UUID, problem: Problem | None = None, form: str = "") -> str:
    """Show one of them, and once the link that was just made."""
    listed, seed = services().staff.known(staff_id), seed_of_made(staff_id)
    token = services().staff.token(seed) if seed else None
    typed = request.form if form == "roles" else None
    facts = {"token": token, "providers": services().providers.all(), "oneself": staff.staff_id == staff_id}
    page = "operation/staff_list/show.html"
    return render_template(page, listed=listed, problem=problem, form_refused=form, typed=typed, **facts)


@bp.post("/<uuid:staff_id>/link")
@operator
@shown_on(show, form="link")
def new_link(staff: Staff, staff_id: UUID) -> Response | str:
    """Make a new one-time link: for another device, or after a loss, when older passkeys are forgotten."""
    said, forget = _by(staff), request.form.get("forget") == "yes"
    person = services().staff.known(staff_id).staff
    if forget and staff_id == staff.staff_id:
        raise PortalError(Code.STAFF_ONESELF)
    if not _confirmed(staff):
        return _ask("forget" if forget else "link", {"name": person.name})
    seed = services().secrecy.token()
    services().staff.new_link(staff_id, forget_passkeys=forget, seed=seed, **said)
    told = _("前のパスキーを消して、新しいリンクを作りました。") if forget else _("新しいリンクを作りました。")
    return _show_link(staff_id, seed, told)


@bp.post("/<uuid:staff_id>/roles")
@operator
@shown_on(show, form="roles")
def set_roles(staff: Staff, staff_id: UUID) -> Response | str:
    """Give somebody other roles."""
    said, wanted = _by(staff), _roles_asked()
    services().staff.check_roles(**wanted)
    person = services().staff.known(staff_id).staff
    if staff_id == staff.staff_id:
        raise PortalError(Code.STAFF_ONESELF)
    if not _confirmed(staff):
        return _ask("roles", {"name": person.name} | wanted)
    services().staff.set_roles(staff_id, **wanted, **said)
    flash(_("役割を変えました。"))
    return redirect(url_for(".show", staff_id=staff_id), 303)


@bp.post("/<uuid:staff_id>/suspension")
@operator
@shown_on(show, form="suspension")
def suspend(staff: Staff, staff_id: UUID) -> Response:
    """Refuse somebody from the next request on, at once, or let them sign in again."""
    if request.form.get("suspend") == "yes":
        services().staff.suspend(staff_id, **_by(staff))
        flash(_("職員の利用を止めました。"))
    else:
        services().staff.resume(staff_id, **_by(staff))
        flash(_("職員の利用を再開しました。"))
    return redirect(url_for(".show", staff_id=staff_id), 303)


def _by(staff: Staff) -> dict[str, Any]:
    """Say who does it and why; the entry's `staff` is whom it is done to. Raises as `by` does."""
    said = by_operator(staff)
    return {"by": said["staff"], "reason": said["reason"]}


def _roles_asked() -> dict[str, Any]:
    """Read roles and provider. Raises PortalError request-malformed for what the form does not offer."""
    try:
        roles = [Role(each) for each in request.form.getlist("role")]
    except ValueError:
        raise PortalError(Code.REQUEST_MALFORMED) from None
    return {"roles": roles, "service_provider_id": request.form.get("provider") or None}


def _confirmed(staff: Staff) -> bool:
    """Tell whether this form brings the operator's own passkey. Raises PortalError: passkey-refused, form-expired."""
    if "credential" not in request.form:
        return False
    if services().passkeys.sign_in(request.form["credential"], take_challenge()).staff_id != staff.staff_id:
        raise PortalError(Code.PASSKEY_REFUSED)
    return True


def _ask(what: str, about: dict[str, Any]) -> str:
    """Say what will be done, and ask for the passkey; the form is sent again with it."""
    options = services().passkeys.sign_in_options(new_challenge())
    carried = [pair for pair in request.form.items(multi=True) if pair[0] != "csrf_token"]
    page = "operation/staff_list/confirm.html"
    return render_template(page, what=what, about=about, carried=carried, options=options)


def _show_link(staff_id: UUID, seed: str, told: str) -> Response:
    show_made(staff_id, seed)
    flash(told)
    return redirect(url_for(".show", staff_id=staff_id), 303)
