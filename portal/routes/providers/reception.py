"""受付アプリ: サービスID登録 and マイキーID照会 on a tablet; the page shows what its terminal is doing."""

from collections.abc import Callable, Mapping
from functools import partial, wraps

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Redirect

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.domain.formats.handoff_link import handoff_link
from portal.domain.formats.typed_code import fold_code
from portal.domain.ids.service_id import UNREADABLE
from portal.domain.limits import TYPED_MYKEY_ID
from portal.domain.providers import EMPTY, IDLE, Outcome, Step
from portal.extensions import csrf
from portal.models import ReceptionState, Terminal
from portal.web.access import bind_page, page_cookie_name, services, terminal_page, tried
from portal.web.language import LANGUAGE_COOKIE
from portal.web.problems import problem_of
from portal.web.qr import qr
from portal.web.request_hooks import VERSION

bp = Blueprint("reception", __name__, url_prefix="/reception")
# The page waits for days, longer than any session; its cookie is SameSite=Strict, the origin is checked.
csrf.exempt(bp)

REGISTRATION, INQUIRY = ".show", ".inquiry"
PAGES = {"registration": REGISTRATION, "inquiry": INQUIRY}
TO_THE_PORTAL = (Code.MYKEY_ID_NOT_REGISTERED, Code.SERVICE_LINK_UNCONFIRMED, Code.MYKEY_ID_STOPPED)
"""The citizen goes on at the portal, whose address is shown as a QR code."""


@bp.get("")
@terminal_page
def show(terminal: Terminal) -> str | Redirect:
    """Show サービスID登録, unless a look-up is going on."""
    state = services().reception.of(terminal)
    if state and (services().reception.asked(state) == Step.INQUIRY or state.result == Outcome.FOUND):
        return redirect(url_for(INQUIRY))
    return render_template("providers/reception/show.html", **_view(terminal, state, "registration"))


@bp.get("/inquiry")
@terminal_page
def inquiry(terminal: Terminal) -> str | Redirect:
    """Show マイキーID照会, unless a registration is going on."""
    state = services().reception.of(terminal)
    if state and (services().reception.asked(state) in (Step.CARD, Step.SERVICE_CARD) or state.certificate):
        return redirect(url_for(REGISTRATION))
    return render_template("providers/reception/show.html", **_view(terminal, state, "inquiry"))


def unless_seen(view: Callable[[], ResponseReturnValue]) -> Callable[[], ResponseReturnValue]:
    """Answer a poll with nothing while nothing has changed; the view answers all others, and refuses."""

    @wraps(view)
    def looked_first() -> ResponseReturnValue:
        seen = services().reception.glance(request.cookies.get(page_cookie_name(), ""))
        same = seen and _seen(*seen) == request.args.get("seen") and request.args.get("version") in (None, VERSION)
        return ("", 204) if same else view()

    return looked_first


@bp.get("/state")
@unless_seen
@terminal_page
def poll(terminal: Terminal) -> str | tuple[str, int] | Response:
    """Answer a poll: nothing while nothing has changed; between two people a page of another version is loaded anew."""
    state = services().reception.of(terminal)
    if request.args.get("version") not in (None, VERSION) and not _serves(terminal, state):
        return _anew() or ("", 204)
    if _seen(terminal, state) == request.args.get("seen"):
        return "", 204
    return render_template("providers/reception/_state.html", **_view(terminal, state, _page(request.args)))


@bp.post("/reading")
@terminal_page
def read(terminal: Terminal) -> Redirect:
    """Press 【読取】."""
    wanted = request.form.get("step")
    step = Step(wanted) if wanted in set(Step) else Step.CARD
    services().reception.ask(terminal, step)
    return redirect(url_for(INQUIRY if step is Step.INQUIRY else REGISTRATION), 303)


@bp.post("/service-id")
@terminal_page
def type_service_id(terminal: Terminal) -> Redirect:
    """Take the service ID from a scanner or a keyboard."""
    services().reception.type_service_id(terminal, request.form.get("service_id", ""))
    return redirect(url_for(REGISTRATION), 303)


@bp.post("/registration")
@terminal_page
def register(terminal: Terminal) -> Redirect:
    """Press 【登録】, or confirm that the new service ID replaces the present one."""
    services().reception.register(terminal, replaces=request.form.get("replaces"))
    return redirect(url_for(REGISTRATION), 303)


@bp.post("/inquiry")
@terminal_page
def look_up_typed(terminal: Terminal) -> Redirect:
    """Look a typed MyKey ID up; nobody finds customers by guessing, here or by the terminal's calls."""
    typed = partial(services().reception.look_up_typed, terminal, fold_code(request.form.get("mykey_id", "")))
    tried(TYPED_MYKEY_ID, typed, str(terminal.terminal_id))
    return redirect(url_for(INQUIRY), 303)


@bp.post("/end")
@terminal_page
def end(terminal: Terminal) -> Response | Redirect:
    """Forget what was read, and go to a page; when the citizen has gone, so has the language that was chosen.

    Who begins `again` is still there.
    """
    page = _page(request.form)
    if terminal.stays_armed and page == "inquiry":
        services().reception.ask(terminal, Step.INQUIRY)
    else:
        services().reception.clear(terminal)
    response = redirect(url_for(PAGES[page]), 303)
    gone = request.form.get("over") and not request.form.get("again")
    if gone and LANGUAGE_COOKIE in request.cookies:
        response = _anew() or response
        response.delete_cookie(LANGUAGE_COOKIE)
    bind_page(response, request.cookies[page_cookie_name()])
    return response


@bp.post("/lock")
@terminal_page
def lock(terminal: Terminal) -> Redirect:
    """Forget what was read, and lock the page until staff come."""
    services().reception.clear(terminal)
    services().enrolment.lock(terminal.terminal_id, locked=True)
    response = redirect(url_for("reception_door.locked"), 303)
    response.delete_cookie(LANGUAGE_COOKIE)
    return response


def refuse(error: PortalError) -> Response | Redirect:
    """Show the problem as a page of the app; a poll makes htmx reload the whole page, which then shows it."""
    if error.code == Code.CARD_WANTED:
        return redirect(url_for(REGISTRATION, told=error.code), 303)
    if error.code == Code.TERMINAL_LOCKED and not request.headers.get("HX-Request"):
        return redirect(url_for("reception_door.locked"), 303)
    problem = problem_of(error.code)
    return _anew() or make_response(
        render_template("providers/reception/refused.html", problem=problem), problem.status
    )


bp.register_error_handler(PortalError, refuse)


def _anew() -> Response | None:
    """Make htmx reload the page; None for a plain request of the browser."""
    return Response(status=204, headers={"HX-Refresh": "true"}) if request.headers.get("HX-Request") else None


def _page(fields: Mapping[str, str]) -> str:
    return "inquiry" if fields.get("page") == "inquiry" else "registration"


def _seen(terminal: Terminal, state: ReceptionState | None) -> str:
    """Name what a page shows: how often the state changed, and what ends by itself: the step that waits, the bridge."""
    asks, away = services().reception.asked(state), services().enrolment.is_away(terminal)
    return f"{state.change if state else 0}.{asks or ''}{'.away' if away else ''}"


def _serves(terminal: Terminal, state: ReceptionState | None) -> bool:
    """Tell whether somebody is at the page: something was read or told, or a step waits that was asked for."""
    if state is None:
        return False
    waits = services().reception.asked(state) is not None and not terminal.stays_armed
    return waits or any(getattr(state, name) for name in EMPTY)


def _view(terminal: Terminal, state: ReceptionState | None, page: str) -> dict[str, object]:
    told = Code.CARD_WANTED if request.args.get("told") == Code.CARD_WANTED and state is None else None
    code = state.problem if state else told
    if state and state.result == Outcome.UNCONFIRMED:
        code = Code.SERVICE_LINK_UNCONFIRMED
    away = services().enrolment.is_away(terminal) and not code and not (state and state.result)
    template, found = terminal.handoff_link, state.service_id if state and state.result == Outcome.FOUND else None
    origin = services().settings.origin
    return {
        "page": page,
        "terminal": terminal,
        "provider": terminal.provider,
        "state": state,
        "asks": services().reception.asked(state),
        "seen": _seen(terminal, state),
        "away": problem_of(Code.TERMINAL_AWAY) if away else None,
        "problem": problem_of(code) if code else None,
        "unreadable": code in UNREADABLE,
        "present": services().reception.replaceable(terminal, state) if state else None,
        "picture": qr(f"{origin}/", _("マイキーポータルを開くQRコード")) if code in TO_THE_PORTAL else None,
        "link": handoff_link(template, found) if template and found else None,
        "origin": origin,
        "idle": int(IDLE.total_seconds()),
    }
