"""What holds for every request: one host, one origin, security headers, and what each page knows."""

import os
import re
from collections.abc import Callable
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from flask import Flask, Response, g, request, session

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.web.access import services
from portal.web.easy_japanese import show_readings
from portal.web.language import LANGUAGES, TEXT_SIZE_COOKIE, language_code, locale_code
from portal.web.public_pages import compress, description
from portal.web.visitor import system

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
        "manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
try:
    VERSION = version("mykey-portal")
except PackageNotFoundError:  # a clone that nobody installed, as the demo runs
    VERSION = "demo"
REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
UNDER_ANY_NAME = ("/static/", "/healthz", "/readyz", "/metrics")
HOST = re.compile(r"(.+?)\.?(?::([0-9]*))?", re.DOTALL)
LARGEST_BODY, LARGEST_FILE = 64 * 1024, 9 * 1024 * 1024
WITH_FILES = {"/provider/imports", "/correspondence"}
"""Where a file of lines is loaded; everywhere else no body is larger than LARGEST_BODY."""
KEPT = ("static", "bridge.download", "help.picture")
"""What a browser may keep and ask for again, where it is there; the pages it may not."""


def register_hooks(app: Flask, load_session: Callable[[], None]) -> None:
    """Hang the checks before, and the headers after, every request."""
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.before_request(_name_request)
    app.before_request(_let_files_in)
    app.before_request(_check_host)
    app.before_request(_check_origin)
    app.before_request(load_session)
    app.after_request(compress)  # the last of these to run
    app.after_request(_add_headers)
    app.after_request(show_readings)
    app.context_processor(_known_to_pages)


def _name_request() -> None:
    """Name the request as the proxy in front has, or by chance: a visitor without a proxy names nothing."""
    named = request.headers.get("X-Request-ID", "") if services().settings.trusted_proxies else ""
    g.request_id = named if REQUEST_ID.fullmatch(named) else os.urandom(8).hex()


def _let_files_in() -> None:
    if request.path in WITH_FILES:
        request.max_content_length = LARGEST_FILE


def _check_host() -> None:
    """Refuse another host name: behind a proxy that does not pass `Host` on, a redirect would have no end."""
    if not (request.path.startswith(UNDER_ANY_NAME) or _is_ours(request.headers.get("Host", ""))):
        raise PortalError(Code.HOST_UNKNOWN)


def _check_origin() -> None:
    """Refuse a form that another site sent; a bridge sends no Origin."""
    if request.method == "POST":
        own = services().settings.origin
        scheme, _, host = request.headers.get("Origin", own).partition("://")
        if not (own.startswith(f"{scheme}://") and _is_ours(host)):
            raise PortalError(Code.ORIGIN_REFUSED)


def _is_ours(host: str) -> bool:
    """Compare with the portal's own: upper case, a dot at the name's end and the default port make no other one."""
    settings = services().settings
    if host == settings.host:
        return True
    default = "443" if settings.secure else "80"
    asked, own = (HOST.fullmatch(each.lower()) for each in (host, settings.host))
    return bool(asked and own and (asked[1], asked[2] or default) == (own[1], own[2] or default))


def _add_headers(response: Response) -> Response:
    response.headers.extend(HEADERS | {"X-Request-ID": g.request_id} | g.get("headers", {}))
    if services().settings.secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint not in KEPT or response.status_code >= HTTPStatus.BAD_REQUEST:
        response.headers["Cache-Control"] = "no-store"
        response.headers["Vary"] = "Accept-Language, HX-Request"
    return response


def _known_to_pages() -> dict[str, Any]:
    return {
        "locale": locale_code(),
        "language": language_code(),
        "languages": LANGUAGES,
        "large_text": request.cookies.get(TEXT_SIZE_COOKIE) == "large",
        "description": description(),
        "on_phone": system() == "phone",
        "origin": services().settings.origin,
        "read_only": services().read_only(),
        "demo": services().demo_reader is not None,
        "operator": services().settings.operator,
        "contact": services().settings.contact,
        "card_telephone": services().settings.card_telephone,
        "terms_url": services().settings.terms_url,
        "signed_in": "person_id" in session,
        "staff_signed_in": "staff_id" in session,
        "version": VERSION,
        "who": _who(),
    }


def _who() -> str:
    """Name whose page it is to the page's script, by a hash that says nothing else; nobody's where it is empty."""
    names = ("person_id", "staff_id", "card", "card_session_id")
    whose = next((session[name] for name in names if name in session), "")
    return services().secrecy.hash("whose-page", whose)[:16] if whose else ""
