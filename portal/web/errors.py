"""Turn what lower floors raise into a page, a fragment or problem+json (RFC 9457)."""

import logging
from collections.abc import Callable
from errno import EROFS
from functools import wraps
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, g, jsonify, make_response, render_template, request, session, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, InterfaceError, InternalError, OperationalError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.pki.errors import PkiError
from portal.transactions import error_name, is_disk_full
from portal.web.access import look_who_asks, services
from portal.web.passkey_challenge import new_challenge
from portal.web.problems import problem_of

_log = logging.getLogger(__name__)

_OF_HTTP = {
    404: Code.NOT_FOUND,
    405: Code.METHOD_NOT_ALLOWED,
    413: Code.BODY_TOO_LARGE,
    415: Code.MEDIA_TYPE_UNSUPPORTED,
    429: Code.RATE_LIMITED,
}

UNAVAILABLE = (OperationalError, InterfaceError, InternalError)
"""The database is away, or the connection to it; PostgreSQL is read-only."""

HEADERS_OF = {
    401: {"WWW-Authenticate": "Bearer"},
    429: {"Retry-After": "60"},
    503: {"Retry-After": "5"},
}
"""What goes with a status (RFC 9110)."""


def shown_on(
    page: Callable[..., Any], refusal: type[PortalError] = PortalError, **facts: object
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a decorator that shows what a form's view refuses on the page of the form, another view.

    It is given the `problem`, these facts and what the address names; where it refuses too, there is an error page.
    """

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def shown(*args: Any, **named: Any) -> Any:
            try:
                return view(*args, **named)
            except refusal as error:
                count_refusal(error.code)
                problem = problem_of(error.code)
                return page(problem=problem, **facts, **named), problem.status

        return shown

    return decorate


def register_errors(app: Flask) -> None:
    """Hang the one handler on every kind of exception."""
    app.register_error_handler(PortalError, lambda error: answer(error.code))
    app.register_error_handler(PkiError, _refused)
    app.register_error_handler(CSRFError, _of_csrf)
    for away in UNAVAILABLE:
        app.register_error_handler(away, _unavailable)
    app.register_error_handler(OSError, _of_system)
    app.register_error_handler(DataError, lambda _: answer(Code.REQUEST_MALFORMED))  # PostgreSQL takes no NUL
    app.register_error_handler(HTTPException, _of_http)
    app.register_error_handler(Exception, _internal)


def answer(code: Code) -> Response:
    """Answer with the row of the code, in the form that the caller reads."""
    count_refusal(code)
    calls = request.path.startswith("/api/")
    if calls and code in (Code.READ_ONLY, Code.OUTCOME_UNKNOWN):
        code = Code.UNAVAILABLE  # which programs know: to wait, and to send it again, which is safe (docs/api.md)
    body = problem_json(code)
    if calls:
        response = jsonify(body)
        response.content_type = "application/problem+json"
    else:
        _log.info("reference %s: %s (%s)", _reference(), code, request.endpoint)
        response = make_response(_page_of(code))
    response.status_code = body["status"]
    response.headers.update(HEADERS_OF.get(body["status"], {}))
    if request.path.startswith("/reception") and response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        response.headers["Refresh"] = f"10;url={url_for('reception.show')}"  # a tablet goes on by itself
    return response


def count_refusal(code: Code) -> None:
    """Count what was refused to somebody who acts; a page is no act, nor is a terminal's call that it is there."""
    if request.method == "POST" and request.endpoint != "terminal_api.be_present":
        services().refusals.add(g.get("service_provider_id", ""), code)


def _reference() -> str:
    """Return the number of this error's page, which the log has too: six digits, good to say by telephone."""
    if "reference" not in g:
        digits = services().secrecy.digits(6)
        g.reference = f"{digits[:3]}-{digits[3:]}"
    return str(g.reference)


def _page_of(code: Code) -> str:
    """Say it in a part of a page, on a tablet, or on a page; staff whose session is over sign in there."""
    minutes = services().read_only.minutes(services().clock()) if code is Code.READ_ONLY else 0
    told = {"problem": problem_of(code), "reference": _reference(), "minutes": minutes}
    if "HX-Request" in request.headers:
        return render_template("_error.html", **told)
    if request.path.startswith("/reception"):
        return render_template("providers/reception/refused.html", **told)
    if code is not Code.STAFF_SIGN_IN_NEEDED:
        return render_template("error.html", **told)
    options = services().passkeys.sign_in_options(new_challenge())
    back = request.full_path.rstrip("?") if request.method == "GET" else ""  # the page's script knows where a form was
    return render_template("error.html", **told, options=options, back=back)


def problem_json(code: Code) -> dict[str, Any]:
    """Return what a call is told (RFC 9457); a code that only a page shows is our own fault here."""
    problem = problem_of(code)
    status = problem.status if problem.status >= 400 else 500  # noqa: PLR2004
    body = {"type": "about:blank", "title": str(problem.title), "status": status, "code": code}
    return body | {"minimum": services().settings.bridge_minimum} if code is Code.BRIDGE_TOO_OLD else body


def _refused(error: PkiError) -> Response:
    if error.reason:
        _log.warning("%s: %s (%s)", error.code, error.reason, error)
    return answer(error.code)


def _of_csrf(_: CSRFError) -> Response:
    """Tell why a form's token is not the session's: that is over, another tab has signed in, or nobody knows."""
    if request.blueprint == "staff" and "staff_id" in session:
        return answer(Code.SIGNED_IN_ALREADY)
    if services().read_only():  # and therefore kept no session for the form
        return answer(Code.READ_ONLY)
    try:
        look_who_asks()
    except PortalError as error:
        return answer(error.code)
    return answer(Code.FORM_EXPIRED)


def _of_http(error: HTTPException) -> Response | HTTPException:
    if error.code is None or error.code < 400:  # noqa: PLR2004 - a redirect
        return error
    cause = getattr(error, "original_exception", None)
    if isinstance(cause, UNAVAILABLE):
        return _unavailable(cause)
    if isinstance(error.__context__, OSError):  # werkzeug takes a body that cannot be read for one whose sender left
        return _of_system(error.__context__)
    response = answer(_OF_HTTP.get(error.code, Code.REQUEST_MALFORMED if error.code < 500 else Code.INTERNAL))  # noqa: PLR2004
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(error.valid_methods)
    return response


def _unavailable(error: Exception) -> Response:
    _log.error("database unavailable, reference %s: %s", _reference(), error_name(error))
    return answer(Code.UNAVAILABLE)


def _of_system(error: OSError) -> Response:
    """Answer where a body has no room on the disk; anything else is our own fault."""
    if not (is_disk_full(error) or error.errno == EROFS):
        return _internal(error)
    _log.error("disk unavailable, reference %s: %s", _reference(), error.strerror)
    return answer(Code.UNAVAILABLE)


def _internal(error: Exception) -> Response:
    _log.error("unexpected, reference %s", _reference(), exc_info=error)
    return answer(Code.INTERNAL)
