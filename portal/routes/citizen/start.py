"""The pages before the card: start, consent, sign-in, the page on the card, language, size of text, and robots.txt."""

from collections.abc import Container

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from portal.web.access import public, services
from portal.web.language import LANGUAGE_COOKIE, LANGUAGES, TEXT_SIZE_COOKIE, TEXT_SIZES
from portal.web.visitor import page_of_ours

bp = Blueprint("start", __name__)


@bp.get("/")
@public
def index() -> str:
    """Say what this is, what it is not, and what one needs."""
    return render_template("citizen/start/index.html")


@bp.get("/card")
@public
def card() -> str:
    """Show the draft's page 「マイナンバーカードのマイキー部分について」."""
    return render_template("citizen/start/card.html")


@bp.get("/register")
@public
def register() -> str:
    """Ask for consent before the card."""
    error = _("登録するには、上の内容に同意してください。") if request.args.get("agree") == "no" else None
    settings = services().settings
    days = {"reservation_days": settings.reservation_days, "uses_days": settings.uses_days}
    return render_template("citizen/start/register.html", error=error, **days)


@bp.get("/sign-in")
@public
def sign_in() -> str:
    """Offer to sign in with the card."""
    return render_template("citizen/start/sign_in.html")


@bp.get("/robots.txt")
@public
def robots() -> Response:
    """Let search engines follow all but what only a person chooses."""
    return Response("User-agent: *\nDisallow: /language/\nDisallow: /text-size/\n", mimetype="text/plain")


@bp.get("/language/<code>")
@public
def language(code: str) -> Response:
    """Keep the chosen language, and go back to where it was chosen."""
    return _kept(LANGUAGE_COOKIE, code, LANGUAGES)


@bp.get("/text-size/<size>")
@public
def text_size(size: str) -> Response:
    """Keep the chosen size of text, and go back to where it was chosen."""
    return _kept(TEXT_SIZE_COOKIE, size, TEXT_SIZES)


def _kept(cookie: str, wish: str, possible: Container[str]) -> Response:
    if wish not in possible:
        raise NotFound
    response = redirect(page_of_ours(request.referrer or "") or url_for(".index"), 303)
    response.set_cookie(cookie, wish, max_age=365 * 86400, secure=services().settings.secure, samesite="Lax")
    return response
