"""Staff: signing in with a passkey, adding one by a one-time link, and the page from which the work starts."""

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from portal.models import Staff
from portal.services.operation.staff import FIRST_OPERATOR
from portal.web.access import any_staff, link_opened, public, services, sign_in_as
from portal.web.browser_session import server_session
from portal.web.passkey_challenge import new_challenge, take_challenge
from portal.web.visitor import page_of_ours

bp = Blueprint("staff", __name__, url_prefix="/staff")


@bp.get("")
@any_staff
def home(staff: Staff) -> str:
    """Show who is signed in, and what they may do."""
    return render_template("operation/staff/home.html", staff=staff)


@bp.get("/sign-in")
@public
def sign_in() -> str:
    """Offer to sign in with a passkey."""
    return render_template("operation/staff/sign_in.html", options=services().passkeys.sign_in_options(new_challenge()))


@bp.post("/sign-in")
@public
def finish_sign_in() -> Response:
    """Sign in with what the passkey signed, and go back to where a session was over."""
    staff = services().passkeys.sign_in(request.form.get("credential", ""), take_challenge())
    return _begin(staff, page_of_ours(request.form.get("back", "")))


@bp.get("/enrol")
@public
def enrol() -> str:
    """Receive a one-time link; its token is in the fragment, which only the page's script sees."""
    return render_template("operation/staff/enrol.html")


@bp.post("/enrol")
@public
def open_link() -> Response:
    """Go on with the link under a new session id; it is not spent before a passkey is stored."""
    link_hash = services().passkeys.open_link(request.form.get("code", ""))
    if session.get("staff_link") != link_hash:  # another tab may have it open
        server_session().rotate()
    session["staff_link"] = link_hash
    return redirect(url_for(".new_passkey"), 303)


@bp.get("/name")
@link_opened
def name(link_hash: str) -> str:
    """Ask the first operator's name: the link of set-up was made before anybody knew it."""
    services().passkeys.whose(link_hash)
    return render_template("operation/staff/name.html")


@bp.post("/name")
@link_opened
def give_name(link_hash: str) -> Response:
    """Write the first operator's name."""
    services().staff.name_first_operator(services().passkeys.whose(link_hash).staff_id, request.form.get("name", ""))
    return redirect(url_for(".new_passkey"), 303)


@bp.get("/passkey")
@link_opened
def new_passkey(link_hash: str) -> str | Response:
    """Offer to make a passkey, once there is a name for it."""
    if not services().passkeys.whose(link_hash).name:
        return redirect(url_for(".name"), 303)
    staff, options = services().passkeys.enrolment_options(link_hash, new_challenge())
    return render_template("operation/staff/new_passkey.html", staff=staff, options=options)


@bp.post("/passkey")
@link_opened
def add_passkey(link_hash: str) -> Response:
    """Store the new passkey, and sign in: making it was proof of presence. Set-up leads on to the first steps."""
    staff = services().passkeys.enrol(link_hash, request.form.get("credential", ""), take_challenge())
    return _begin(staff, url_for("first_steps.show") if staff.staff_id == FIRST_OPERATOR else None)


def _begin(staff: Staff, back: str | None = None) -> Response:
    """Replace the current session, even a citizen's, by one of staff."""
    server_session().rotate()
    sign_in_as("staff_id", staff.staff_id, staff.grounds)
    return redirect(back or url_for(".home"), 303)
