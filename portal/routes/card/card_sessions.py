"""The waiting page: from the start of a card session to its completion in the same browser."""

from hashlib import sha256
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from portal.domain.card_session import AT_COUNTER, Ending, Name, Purpose, State
from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.domain.formats.bridge_version import is_too_old
from portal.domain.formats.typed_code import grouped
from portal.domain.roles import Role
from portal.extensions import csrf
from portal.models import CardSession
from portal.web.access import browser, flow, load_session, public, services, sign_in_citizen, staff_of_session
from portal.web.browser_session import server_session
from portal.web.card_session import begin_card_session
from portal.web.problems import Problem, problem_of
from portal.web.purposes import PARAMETERS as PARAMETER_WORDS
from portal.web.purposes import PURPOSES

bp = Blueprint("card_sessions", __name__)
PARAMETERS = {Purpose.LINK: ("service_provider_id", "service_id"), Purpose.UNLINK: ("service_provider_id",)}
NEXT = {
    Purpose.REGISTER: "registration.show",
    Purpose.RENEW: "renewal.show",
    Purpose.SHOW: "certificates.once",
}
"""Where the browser goes on after completion; other purposes have the page that asks and carries out."""
AGAIN = {
    Purpose.SIGN_IN: "start.sign_in",
    Purpose.REGISTER: "start.register",
    Purpose.RENEW: "renewal.start",
    Purpose.SHOW: "certificates.choose",
    Purpose.TEST: "bridge.show",
}
"""Where it begins again once it has done its work; other purposes begin on マイページ."""
DONE = (Ending.DONE, Ending.RESERVED)
POLLS = (State.STARTED, State.CLAIMED, State.ANSWERED)
BETWEEN_SESSIONS = "between-sessions"
"""The session was rotated while the poll was on its way: the next poll brings the new one."""


@bp.post("/card-sessions")
@public
def start() -> Response:
    """Begin a card session for a purpose; registering wants the consent first."""
    wanted = request.form.get("purpose")
    purpose = Purpose(wanted) if wanted in set(Purpose) - AT_COUNTER else Purpose.REGISTER
    if purpose is Purpose.REGISTER and request.form.get("agree") != "yes":
        return redirect(url_for("start.register", agree="no"), 303)
    parameters = {name: request.form[name] for name in PARAMETERS.get(purpose, ())}
    return begin_card_session(purpose, parameters)


@bp.get("/card-sessions/<uuid:card_session_id>")
@browser
def waiting(card_session_id: UUID) -> str:
    """Show how far the card session is; the page polls its own fragment."""
    wrong = problem_of(Code.COMPLETION_CODE_WRONG) if request.args.get("digits") == "wrong" else None
    return render_template("card/card_sessions/waiting.html", **_view(card_session_id), wrong_digits=wrong)


@bp.get("/card-sessions/<uuid:card_session_id>/state")
@browser
def state(card_session_id: UUID) -> str | tuple[str, int]:
    """Answer a poll: nothing while nothing has changed."""
    if services().card_sessions.seen(card_session_id, flow()) == request.args.get("seen", ""):
        return "", 204
    load_session()
    view = _view(card_session_id)
    if view["seen"] == BETWEEN_SESSIONS:
        return "", 204
    return render_template("card/card_sessions/_state.html", **view)


@bp.post("/card-sessions/<uuid:card_session_id>/cancel")
@browser
def cancel(card_session_id: UUID) -> Response:
    """End the card session by the citizen's wish."""
    services().card_sessions.cancel(card_session_id, flow())
    return redirect(url_for(".waiting", card_session_id=card_session_id), 303)


@bp.post("/card-sessions/<uuid:card_session_id>/again")
@browser
def again(card_session_id: UUID) -> Response:
    """Begin once more what came to nothing in this browser a moment ago, with the consent that was given then."""
    before = services().card_sessions.of_browser(card_session_id, flow())
    if before is None or before.ending in DONE or before.purpose in AT_COUNTER:
        return redirect(_where(before, AGAIN, "account.show") if before else url_for("start.index"), 303)
    return begin_card_session(Purpose(before.purpose), before.parameters)


@bp.post("/card-sessions/<uuid:card_session_id>/completion")
@browser
def complete_by_digits(card_session_id: UUID) -> Response:
    """Finish with the six digits that the bridge shows."""
    digits = request.form.get("completion_code", "")
    try:
        return _completed(services().card_sessions.complete_by_digits(card_session_id, digits, flow()))
    except PortalError as error:
        if error.code != Code.COMPLETION_CODE_WRONG:
            raise
        return redirect(url_for(".waiting", card_session_id=card_session_id, digits="wrong"), 303)


@bp.get("/completion")
@public
def completion() -> str:
    """Receive the browser that the bridge opened; the code is in the fragment, which only its script sees."""
    return render_template("card/card_sessions/completion.html")


@bp.post("/completion")
@public
def complete_by_url() -> Response:
    """Finish with the code of the completion URL, in the browser that started alone."""
    return _completed(services().card_sessions.complete_by_url(request.form.get("code", ""), flow()))


csrf.exempt(complete_by_url)  # the code is the secret, and a browser without a session must hear that it is refused


def _completed(card_session: CardSession) -> Response:
    """Go on under a new session id: signing in is done now, anything else is shown before it is written."""
    fresh = server_session()
    if card_session.purpose in AT_COUNTER:
        return _read_at_counter(card_session)
    if card_session.purpose == Purpose.SHOW:
        return _read_to_be_shown(card_session)
    fresh.rotate()
    if card_session.purpose != Purpose.SIGN_IN:
        fresh["card_session_id"] = str(card_session.card_session_id)
        fresh["card"] = sha256(card_session.certificate or b"").hexdigest()
        return redirect(url_for(NEXT.get(Purpose(card_session.purpose), "acts.show")), 303)
    person_id = services().my_page.sign_in(card_session.card_session_id)
    if person_id is None:
        return make_response(render_template("citizen/start/unknown.html"))
    sign_in_citizen(card_session.card_session_id)
    return redirect(url_for("account.show"), 303)


def _read_to_be_shown(card_session: CardSession) -> Response:
    """Go on to 証明書表示; who is signed in keeps the session id, which a card that proves nobody may not change."""
    fresh = server_session()
    if "person_id" not in fresh and "staff_id" not in fresh:
        fresh.rotate()
    fresh["shown"] = str(card_session.card_session_id)
    return redirect(url_for(NEXT[Purpose.SHOW]), 303)


def _read_at_counter(card_session: CardSession) -> Response:
    """Take the citizen's card into the visit; the clerk goes on in the same session, under a new id.

    What is refused of the card is told on the visit's page, where another one can be read.
    """
    staff, fresh = staff_of_session(Role.CLERK), server_session()
    kept = {name: fresh[name] for name in ("staff_id", "version", "signed_in_at")}
    fresh.rotate()
    fresh.update(kept)
    try:
        services().completion.read_card(card_session.card_session_id, Purpose(card_session.purpose), staff.staff_id)
    except PortalError as error:
        fresh["card_refused"] = error.code
    return redirect(_where(card_session, NEXT, "acts.show"), 303)


def _view(card_session_id: UUID) -> dict[str, object]:
    """Gather what the waiting page shows; a browser that did not start it learns nothing."""
    names = flow()
    card_session = services().card_sessions.of_browser(card_session_id, names)
    if card_session is None or names is None:
        replaced = names and services().card_sessions.is_kept(card_session_id)
        return _over(card_session_id, Code.CARD_SESSION_REPLACED if replaced else Code.CARD_SESSION_ENDED)
    now, settings = services().clock(), services().settings
    late = card_session.state != State.ENDED and card_session.expires_at <= now
    state = State.ENDED if late else card_session.state
    if state in POLLS and "csrf_token" not in session:
        return _over(card_session_id, Code.CARD_SESSION_ENDED) | {"seen": BETWEEN_SESSIONS}
    named = card_session.parameters if state in POLLS else {}  # what is over is no business of who sits here next
    link = urlencode({"origin": settings.origin, "handle": names.handle}, safe="")
    return {
        "card_session_id": card_session_id,
        "state": state,
        "seen": services().card_sessions.shown(card_session),
        "purpose": card_session.purpose,
        "words": PURPOSES[card_session.purpose],
        "parameters": [(PARAMETER_WORDS[name], value) for name, value in named.items()],
        "next_page": _where(card_session, NEXT, "acts.show"),
        "again": _where(card_session, AGAIN, "account.show"),
        "at_once": state == State.ENDED and card_session.ending not in DONE and card_session.purpose not in AT_COUNTER,
        "problem": _problem(card_session, late=late),
        "match_code": card_session.match_code,
        "bridge": card_session.bridge,
        "newer": card_session.purpose == Purpose.TEST and _newer_than(card_session.bridge),
        "by_digits": card_session.claimed_by == Name.PAIRING_CODE,
        "launch_link": f"mykey-bridge:read?{link}",
        "pairing_code": grouped(names.pairing_code) if names.pairing_code else "",
        "demo_reader": services().demo_reader and f"{services().demo_reader}?{link}",
    }


def _where(card_session: CardSession, pages: dict[Purpose, str], otherwise: str) -> str:
    """Return where the browser goes, by its purpose; a clerk's goes to the visit, before it and after it."""
    if card_session.purpose in AT_COUNTER:
        return url_for("counter.visit", visit_number=card_session.parameters["visit"])
    return url_for(pages.get(Purpose(card_session.purpose), otherwise))


def _newer_than(bridge: str | None) -> bool:
    """Tell whether a newer version of this bridge is on offer here."""
    return any(is_too_old(bridge, each.version) for each in services().downloads.all())


def _over(card_session_id: UUID, code: Code) -> dict[str, object]:
    """Show an end of which this browser may know no more."""
    problem = problem_of(code)
    return {
        "card_session_id": card_session_id,
        "state": State.ENDED,
        "problem": problem,
        "seen": f"over.{code}",
        "purpose": None,
        "again": url_for("start.index"),
    }


_OF_ENDING = {
    Ending.CLAIMED_TWICE: Code.CARD_SESSION_CLAIMED,
    Ending.REFUSED: Code.COMPLETION_REFUSED,
    Ending.CANCELLED: Code.CARD_SESSION_CANCELLED,
    Ending.REPLACED: Code.CARD_SESSION_REPLACED,
}


def _problem(card_session: CardSession, *, late: bool) -> Problem | None:
    if late:
        return problem_of(Code.CARD_SESSION_EXPIRED)
    if card_session.state != State.ENDED:
        return problem_of(card_session.problem) if card_session.problem else None
    ending = Ending(card_session.ending or Ending.FAILED)
    return problem_of(card_session.problem or _OF_ENDING.get(ending, Code.CARD_SESSION_ENDED))
