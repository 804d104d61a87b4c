"""The operator's pages: the service providers, and how each is set up; every act takes a reason."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.domain.formats.name import read_name
from portal.domain.ids.service_id import example, read
from portal.domain.providers import FirstLinks
from portal.domain.reason import read_reason
from portal.models import ServiceProvider, Staff
from portal.services.operation.providers import SetUp, check_form
from portal.web.access import operator, services
from portal.web.errors import shown_on
from portal.web.problems import Problem, problem_of

bp = Blueprint("operator", __name__, url_prefix="/operator")


def by(staff: Staff) -> dict[str, Any]:
    """Say who does it and why. Raises PortalError: reason-missing, reason-malformed."""
    return {"staff": staff.staff_id, "reason": read_reason(request.form.get("reason", ""))}


def show_made(of: UUID, seed: str) -> None:
    """Let the next page of a terminal or of somebody of staff derive, once, what was made for it."""
    session["made"] = (str(of), seed)


def seed_of_made(of: UUID) -> str | None:
    """Return the seed of what was just made for it, once."""
    made_of, seed = session.pop("made", (None, None))
    return seed if made_of == str(of) else None


def provider_asked() -> ServiceProvider:
    """Return the provider that the request names; its ID may hold characters that no path can."""
    return services().service_providers.known(request.values.get("id", ""))


@bp.get("")
@operator
def home(_staff: Staff, problem: Problem | None = None) -> str:
    """List the providers, and offer to add one."""
    providers = services().providers.all()
    return render_template("operation/providers/index.html", providers=providers, problem=problem, typed=request.form)


@bp.post("/providers")
@operator
@shown_on(home)
def add(staff: Staff) -> Response | str:
    """Show once more, large, what can never be changed, and add the provider when that is confirmed."""
    typed_id, typed_name, step = (request.form.get(field, "") for field in ("id", "name", "step"))
    if step == "mend":
        return home()
    said = by(staff)
    if step == "confirmed":
        row = services().providers.add(typed_id, typed_name, **said)
        flash(_("サービス提供者を追加しました。"))
        return redirect(url_for(".provider", id=row.service_provider_id), 303)
    wanted_id = services().providers.free_id(typed_id)
    name = read_name(typed_name, Code.SERVICE_PROVIDER_MALFORMED)
    wanted = {"id": wanted_id, "name": name, "reason": said["reason"]}
    return render_template("operation/providers/confirm.html", wanted=wanted)


@bp.get("/provider")
@operator
def provider(_staff: Staff, problem: Problem | None = None) -> str:
    return render_template("operation/providers/show.html", provider=provider_asked(), problem=problem)


@bp.post("/provider/suspension")
@operator
@shown_on(provider)
def suspend(staff: Staff) -> Response:
    """Refuse a provider from the next request on, or let it act again."""
    provider_id = provider_asked().service_provider_id
    if request.form.get("suspend") == "yes":
        services().providers.suspend(provider_id, **by(staff))
        flash(_("サービス提供者の利用を止めました。"))
    else:
        services().providers.resume(provider_id, **by(staff))
        flash(_("サービス提供者の利用を再開しました。"))
    return redirect(url_for(".provider", id=provider_id), 303)


@bp.get("/provider/settings")
@operator
def settings(_staff: Staff, problem: Problem | None = None, form: str | None = None) -> str:
    """Show how a provider is set up, and once the secret that was just made; what a form was refused stays in it."""
    row = provider_asked()
    shown = _typed_set_up() if form == "settings" else SetUp.of(row)
    fresh = session.pop("secret_of", None) == row.service_provider_id
    secret = services().webhook_messages.secret(row) if fresh else None
    checked = _checked(shown.picture, shown.check_digit, "")
    facts = {"problem": problem, "form_refused": form, "secret": secret}
    return render_template("operation/providers/settings.html", provider=row, shown=shown, **facts, **checked)


@bp.post("/provider/settings")
@operator
@shown_on(settings, form="settings")
def set_up(staff: Staff) -> Response:
    provider_id = provider_asked().service_provider_id
    services().providers.set_up(provider_id, _typed_set_up(), **by(staff))
    flash(_("保存しました。"))
    return redirect(url_for(".settings", id=provider_id), 303)


@bp.post("/provider/settings/check")
@operator
def check(_staff: Staff) -> str:
    """Answer what is typed, live, with the functions that guard saving: an example, and what is kept of a scan."""
    picture, check_digit = (request.form.get(name, "").strip() or None for name in ("picture", "check_digit"))
    return render_template(
        "operation/providers/_check.html", **_checked(picture, check_digit, request.form.get("sample", ""))
    )


@bp.post("/provider/secret")
@operator
@shown_on(settings, form="secret")
def new_secret(staff: Staff) -> Response:
    """Make a new secret, which the next page shows once."""
    provider_id = provider_asked().service_provider_id
    services().webhook_messages.new_secret(provider_id, **by(staff))
    session["secret_of"] = provider_id
    flash(_("ウェブフックの秘密鍵を作りました。"))
    return redirect(url_for(".settings", id=provider_id), 303)


def _typed_set_up() -> SetUp:
    """Read the form. Raises PortalError request-malformed for what it does not offer."""
    form = request.form
    try:
        first_links = FirstLinks(form.get("first_links", ""))
    except ValueError:
        raise PortalError(Code.REQUEST_MALFORMED) from None
    return SetUp(
        name=form.get("name", ""),
        picture=form.get("picture", "").strip() or None,
        check_digit=form.get("check_digit") or None,
        first_links=first_links,
        typed_mykey_ids=form.get("typed_mykey_ids") == "yes",
        handoff_url=form.get("handoff_url", "").strip() or None,
    )


def _checked(picture: str | None, check_digit: str | None, sample: str) -> dict[str, Any]:
    """Say what the picture lets pass: an example, and what is kept of a sample."""
    try:
        check_form(picture, check_digit)
    except PortalError as error:
        return {"picture_problem": problem_of(error.code)}
    reading = read(picture, check_digit, sample) if sample else None
    return {"example": example(picture or "", check_digit), "reading": reading, "problem_of": problem_of}
