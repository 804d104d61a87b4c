"""The reader page: a card reader in a browser, in place of the bridge's terminal; it opens no real reader."""

from pathlib import Path

from flask import Blueprint, Flask, Response, abort, current_app, redirect, render_template, request, url_for
from jinja2 import FileSystemLoader
from werkzeug.wrappers import Response as AnyResponse

import portal
from demo import shop_page
from demo.cards import PRINTS, RENEWABLE
from demo.desk import Desk
from demo.rewriting import DemoRewriting
from demo.shop import Shop
from demo.words import WORDS
from portal.web.language import EASY, LANGUAGE_COOKIE
from reader_bridge.errors import LaunchLinkMalformed
from reader_bridge.portal.launch_link import LaunchLink
from reader_bridge.portal.origin import Origin
from reader_bridge.words.language import Words, plain
from reader_bridge.words.sentences import Sentence

COOKIE, LANGUAGES = "mykey-demo-reader-language", ("ja", "en")
HERE = Path(__file__).parent
PORTAL = Path(portal.__file__).parent

bp = Blueprint("reader", __name__, static_folder="static", static_url_path="/reader")


def create_reader_page(origin: Origin, desk: Desk, shops: dict[str, Shop], authority: DemoRewriting) -> Flask:
    """Make the page that answers at `origin`: it drives the desk and the shops' readers, and has cards renewed."""
    app = Flask(__name__, static_folder=str(PORTAL / "static"), template_folder=None)
    app.jinja_loader = FileSystemLoader([HERE / "templates", PORTAL / "templates"])
    app.config.update(DESK=desk, ORIGIN=origin, SHOPS=shops, AUTHORITY=authority)
    app.register_blueprint(bp)
    app.register_blueprint(shop_page.bp)
    app.before_request(_check_sender)
    app.after_request(_add_headers)
    app.context_processor(_known_to_pages)
    return app


@bp.get("/")
def show() -> AnyResponse | str | tuple[str, int]:
    """Show the reader; a launch link begins a conversation and leaves the address bar."""
    if not request.query_string:
        renewed = next((each for each in RENEWABLE if each.name == _authority().renewed), None)
        return render_template("page.html", renewable=RENEWABLE, renewed=renewed, **_view())
    try:
        link = LaunchLink.parse(f"mykey-bridge:read?{request.query_string.decode('latin-1')}")
    except LaunchLinkMalformed:
        return render_template("refused.html"), 400
    if link.origin != _desk().portal or request.headers.get("Sec-Fetch-Site") == "cross-site":
        return render_template("refused.html"), 403
    _desk().open(link.handle)
    response = redirect(url_for(".show"), 303)
    response.delete_cookie(COOKIE)  # the portal's language is the newer wish
    return response


@bp.get("/state")
def state() -> str | tuple[str, int]:
    """Answer a poll: nothing while nothing has changed."""
    view = _view()
    return ("", 204) if request.args.get("seen") == view["seen"] else render_template("_reader.html", **view)


@bp.post("/card")
def move_card() -> AnyResponse:
    """Put a card into the reader, or pull it out where none is named."""
    name = request.form.get("card") or None
    if name not in {None, *(each.name for each in PRINTS)}:
        abort(400)
    _desk().insert(name)
    return _go_on()


@bp.post("/pin")
def give_pin() -> AnyResponse:
    """Hand a typed PIN to the bridge; an empty field is no PIN and no cancelling."""
    return _answer(request.form.get("pin") or " ")


@bp.post("/last-try")
def confirm_last_try() -> AnyResponse:
    """Hand on the citizen's yes before the try that may lock the PIN."""
    return _answer(word=True)


@bp.post("/cancel")
def cancel() -> AnyResponse:
    """End the conversation by the citizen's wish."""
    if ui := _desk().ui:
        ui.stop()
        ui.settle()
    return _go_on()


@bp.post("/renewal")
def renew() -> AnyResponse:
    """Have the authority renew a card, which is taken out of the reader for it."""
    name = request.form.get("card", "")
    if name not in {each.name for each in RENEWABLE}:
        abort(400)
    _desk().take(name)
    _authority().renew(name)
    return redirect(url_for(".show", _anchor="renewal"), 303)


@bp.get("/correspondence.csv")
def correspondence() -> AnyResponse:
    """Hand over what a certified verifier would say of the card that was renewed last."""
    download = {"Content-Disposition": 'attachment; filename="correspondence.csv"'}
    return Response(_authority().correspondence or abort(404), mimetype="text/csv", headers=download)


@bp.get("/language/<code>")
def language(code: str) -> AnyResponse:
    """Keep the chosen language, and go back to the reader that was shown."""
    if code not in LANGUAGES:
        abort(404)
    place = request.args.get("place")
    response = redirect(url_for("shop.show", name=place) if place in shop_page.shops() else url_for(".show"), 303)
    response.set_cookie(COOKIE, code, httponly=True, samesite="Lax")
    return response


def _answer(word: str | bool) -> AnyResponse:  # noqa: FBT001
    if ui := _desk().ui:
        ui.answer(request.form.get("number", 0, int), word)
        ui.settle()
    return _go_on()


def _go_on() -> AnyResponse:
    """Lead this tab to the completion as soon as there is one."""
    ui = _desk().ui
    return redirect((ui and ui.take_url()) or url_for(".show"), 303)


def _desk() -> Desk:
    desk: Desk = current_app.config["DESK"]
    return desk


def _authority() -> DemoRewriting:
    authority: DemoRewriting = current_app.config["AUTHORITY"]
    return authority


def _view() -> dict[str, object]:
    desk = _desk()
    shown = desk.ui and desk.ui.shown
    consent = shown and shown.consent
    words = Words(_language())
    return {
        "shown": shown,
        "seen": f"{shown.number if shown else ''}.{desk.inserted}",
        "cards": PRINTS,
        "inserted": next((each for each in PRINTS if each.name == desk.inserted), None),
        "purpose": consent and words.purpose(consent.purpose),
        "parameters": consent and [(words.parameter(name), plain(value)) for name, value in consent.parameters.items()],
    }


def _language() -> str:
    """Return the language chosen here, or on the portal, or the browser's, or Japanese."""
    for name in (COOKIE, LANGUAGE_COOKIE):
        if (chosen := request.cookies.get(name, "").replace(EASY, "ja")) in LANGUAGES:
            return chosen
    return request.accept_languages.best_match(LANGUAGES) or "ja"


def _known_to_pages() -> dict[str, object]:
    locale = _language()

    def say(sentence: str | Sentence) -> str:
        found = WORDS[sentence] if isinstance(sentence, str) else sentence
        return found.ja if locale == "ja" else found.en

    return {
        "locale": locale,
        "say": say,
        "error": Words(locale).say,
        "at_terminal": Words(locale).at_terminal,
        "last_try": Words(locale).state("last-try-question")[0],
        "portal": str(_desk().portal),
        "places": [shop.place for shop in shop_page.shops().values()],
    }


def _check_sender() -> None:
    """Refuse every other host name, and each form that another page sent."""
    origin: Origin = current_app.config["ORIGIN"]
    if request.host != origin.authority:
        abort(421)
    if request.method == "POST" and request.headers.get("Origin") != str(origin):
        abort(403)


def _add_headers(response: Response) -> Response:
    forms = f"form-action 'self' {_desk().portal}"  # the answer to the last form leads to the portal
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; {forms}; "
        "frame-ancestors 'none'; base-uri 'none'"
    )
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["X-Content-Type-Options"] = "nosniff"
    if request.endpoint not in ("static", "reader.static"):
        response.headers["Cache-Control"] = "no-store"
        response.vary.update(("Accept-Language", "Cookie"))
    return response
