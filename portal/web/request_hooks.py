"""What holds for every request: one host, one origin, security headers, and what each page knows."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, redirect, request, session
from werkzeug.wrappers import Response as AnyResponse

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.web.access import services
from portal.web.language import locale_code
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
HEALTH = ("/healthz", "/readyz")
LARGEST_BODY, LARGEST_FILE = 64 * 1024, 9 * 1024 * 1024
WITH_FILES = {"/provider/imports", "/correspondence"}
"""Where a file of lines is loaded; everywhere else no body is larger than LARGEST_BODY."""
KEPT = ("static", "bridge.download")
"""What a browser may keep and ask for again, where it is there; the pages it may not."""


def register_hooks(app: Flask, load_session: Callable[[], None]) -> None:
    """Hang the checks before, and the headers after, every request."""
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.before_request(_let_files_in)
    app.before_request(_check_host)
    app.before_request(_check_origin)
    app.before_request(load_session)
    app.after_request(_add_headers)
    app.context_processor(_known_to_pages)


def _let_files_in() -> None:
    if request.path in WITH_FILES:
        request.max_content_length = LARGEST_FILE


def _check_host() -> AnyResponse | None:
    """Lead a page asked for under another host name to the portal's own; a call is refused."""
    settings = services().settings
    if request.headers.get("Host") == settings.host or request.path in HEALTH:
        return None
    if request.method in ("GET", "HEAD") and not request.path.startswith("/api/"):
        query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
        return redirect(settings.origin + quote(request.path) + query, 307)
    raise PortalError(Code.HOST_UNKNOWN)


def _check_origin() -> None:
    """Refuse a form that another site sent; a bridge sends no Origin."""
    origin = services().settings.origin
    if request.method == "POST" and request.headers.get("Origin", origin) != origin:
        raise PortalError(Code.ORIGIN_REFUSED)


def _add_headers(response: Response) -> Response:
    response.headers.extend(HEADERS)
    if services().settings.secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint not in KEPT or response.status_code >= HTTPStatus.BAD_REQUEST:
        response.headers["Cache-Control"] = "no-store"
        response.headers["Vary"] = "Accept-Language, HX-Request"
    return response


def _known_to_pages() -> dict[str, Any]:
    return {
        "locale": locale_code(),
        "on_phone": system() == "phone",
        "origin": services().settings.origin,
        "demo": services().demo_reader is not None,
        "operator": services().settings.operator,
        "terms_url": services().settings.terms_url,
        "signed_in": "person_id" in session,
        "staff_signed_in": "staff_id" in session,
    }
