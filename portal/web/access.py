"""Who may see a view: each view has exactly one of these decorators."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial, wraps
from hmac import compare_digest
from ipaddress import ip_address, ip_network
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

from flask import Response, current_app, g, make_response, request, session

from portal.container import Services
from portal.domain.card_session import Flow
from portal.domain.codes import Code
from portal.domain.errors import PortalError, Refusal, recorded
from portal.domain.formats.bridge_version import bridge_named
from portal.domain.limits import Limit
from portal.domain.roles import Role
from portal.limiter import Turn
from portal.models import Staff, Terminal
from portal.services.record.audit import Event, record
from portal.transactions import in_one_act
from portal.web.browser_session import ServerSessions, server_session

P = ParamSpec("P")
R = TypeVar("R")
FORWARDED = re.compile(r'"?(?:\[([^\]]+)\]|([^:"]+))(?::[0-9]+)?"?')
"""An address as proxies write it, but for a bare IPv6 one: 203.0.113.9:4711, [2001:db8::1], "[2001:db8::1]:4711"."""
COOKIE_LASTS = timedelta(days=400)
"""Browsers keep no cookie longer (RFC 6265bis, section 5.5); the page renews its own."""


def services() -> Services:
    """Return what create_app wired."""
    found: Services = current_app.extensions["mykey"]
    return found


def _marked(view: Callable[P, R], access: str) -> Callable[P, R]:
    view.access = access  # type: ignore[attr-defined]
    return view


def public(view: Callable[P, R]) -> Callable[P, R]:
    """Let anybody see the view."""
    return _marked(view, "public")


def bridge(view: Callable[P, R]) -> Callable[P, R]:
    """Leave the check to the claim that the call brings."""
    return _marked(view, "bridge")


def browser(view: Callable[P, R]) -> Callable[P, R]:
    """Leave the check to the flow's cookie: the services act for the browser that started alone."""
    return _marked(view, "browser")


def _handing(access: str, find: Callable[[], object]) -> Callable[[Callable[..., R]], Callable[..., R]]:
    """Make a decorator that hands what it finds to the view, as its first argument, or lets nobody in."""

    def decorate(view: Callable[..., R]) -> Callable[..., R]:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> R:
            return view(find(), *args, **kwargs)

        guarded.find = find  # type: ignore[attr-defined]
        return _marked(guarded, access)

    return decorate


def _kept(name: str, refusal: Code) -> str:
    """Return what this browser's session keeps under a name. Raises PortalError with the code given."""
    if name not in session:
        raise PortalError(refusal)
    return str(session[name])


def look_who_asks() -> None:
    """Raise the PortalError with which the view that was asked for would let nobody in."""
    view = current_app.view_functions.get(request.endpoint or "")
    getattr(view, "find", lambda: None)()


def caller() -> str:
    """Name who calls: an IPv4 address, or the /64 network of an IPv6 one, which one household has whole.

    What the outermost trusted proxy was called by, with a port or without; where it names none, the proxy itself.
    """
    named, trusted = request.headers.get("X-Forwarded-For", "").split(","), services().settings.trusted_proxies
    for told in (named[-trusted] if 0 < trusted <= len(named) else "", request.remote_addr or ""):
        match = FORWARDED.fullmatch(told.strip())
        with suppress(ValueError):
            address = ip_address((match[1] or match[2]) if match else told.strip())
            address = getattr(address, "ipv4_mapped", None) or address  # as a socket for both names an IPv4 caller
            return str(address if address.version == 4 else ip_network((int(address), 64), strict=False))  # noqa: PLR2004
    return "unknown"


def counted(limit: Limit, *who: str) -> datetime:
    """Count a try of each of those who try, before it is made. Raises PortalError with the limit's refusal."""
    return in_one_act(services().database, lambda: services().tries.take(limit, *who))


def tried(limit: Limit, trial: Callable[[], R], *who: str) -> R:
    """Try what nobody may guess; it counts before it is tried, and no longer if it was right.

    It was wrong if it was refused, or nothing was found. Raises PortalError: the limit's, and what the trial raises.
    """
    taken_at = counted(limit, *who)
    try:
        found = trial()
    except PortalError as error:
        recorded(error)  # of a call that is one act as a whole, the count is kept
        raise
    if found:
        in_one_act(services().database, lambda: services().tries.give_back(taken_at, limit, *who))
    return found


def bearer(refusal: Code) -> str:
    """Return the bearer token of a call. Raises PortalError with the code given."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise PortalError(refusal)
    return token


def terminal_bridge(view: Callable[..., R]) -> Callable[..., R]:
    """Hand the terminal whose bearer token came to the view, as its first argument; so many calls a minute."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> R:
        token = bearer(Code.TERMINAL_TOKEN_INVALID)

        def called() -> R:
            terminal = services().enrolment.of_token(token, bridge_named(request.user_agent.string))
            g.service_provider_id = terminal.service_provider_id
            if not services().limiter.hit(services().terminal_calls, terminal.terminal_id):
                services().good_tokens.discard(str(terminal.token_hash))
                raise PortalError(Code.RATE_LIMITED)
            services().good_tokens.add(str(terminal.token_hash))
            try:
                return view(terminal, *args, **kwargs)
            except Refusal as error:
                record(Event.TERMINAL_REFUSED, terminal=terminal.terminal_id, call=request.path, code=error.code)
                raise

        return in_one_act(services().database, called)  # the look-up of the token, and what is done for it

    return _marked(guarded, "terminal_bridge")


def _metrics_token() -> None:
    """Let a program in that brings the operator's token. Raises PortalError: not-found without one, or its code."""
    wanted = services().settings.metrics_token
    if wanted is None:
        raise PortalError(Code.NOT_FOUND)
    if not compare_digest(bearer(Code.METRICS_TOKEN_INVALID).encode(), wanted.get_secret_value().encode()):
        raise PortalError(Code.METRICS_TOKEN_INVALID)


def _terminal_of_page() -> Terminal:
    terminal = services().enrolment.of_page(request.cookies.get(page_cookie_name(), ""))
    g.service_provider_id = terminal.service_provider_id
    return terminal


def _unlocked_terminal() -> Terminal:
    terminal = _terminal_of_page()
    if terminal.locked_at:
        raise PortalError(Code.TERMINAL_LOCKED)
    if terminal.one_window:  # its page finds the window again only so, and a redirect too would part them
        g.headers = {"Cross-Origin-Opener-Policy": "same-origin-allow-popups"}
    return terminal


def bind_page(response: Any, value: str) -> None:
    """Bind this browser to a terminal for as long as a cookie lasts."""
    _sessions().set_cookie(response, page_cookie_name(), value, max_age=COOKIE_LASTS, samesite="Strict")


def page_cookie_name() -> str:
    """Return the name of the cookie that binds a browser to a terminal."""
    return f"{_sessions().cookie}-terminal"


def sign_in_as(name: str, who: UUID, version: object) -> None:
    """Let this browser's session be somebody's: a citizen's (`person_id`) or one of staff (`staff_id`)."""
    session.update({name: str(who), "version": version, "signed_in_at": services().clock().isoformat()})


def sign_in_citizen(card_session_id: UUID) -> None:
    """Sign in whose card has done its work; the session rests on the record as that left it."""
    sign_in_as("person_id", *services().sessions.begun(card_session_id))


def _held(name: str, refusal: Code, holds: Callable[[UUID, Any, datetime], R]) -> R:
    """Return what `holds` says of who is signed in; a session that is over goes."""
    who = UUID(_kept(name, refusal))
    try:
        return holds(who, session["version"], datetime.fromisoformat(session["signed_in_at"]))
    except PortalError:
        server_session().rotate()
        raise


def citizen_of_session() -> UUID:
    """Return who is signed in as a citizen in this session."""
    person = _held("person_id", Code.SIGN_IN_NEEDED, services().sessions.signed_in)
    g.person = person  # or its row would be forgotten, and the page would read it again
    return person.person_id


def staff_of_session(role: Role | None = None) -> Staff:
    """Return who is signed in as staff in this session, and has the role."""
    staff = _held("staff_id", Code.STAFF_SIGN_IN_NEEDED, services().staff.signed_in)
    if role and role not in staff.roles:
        raise PortalError(Code.ROLE_MISSING)
    if role is Role.PROVIDER:
        services().service_providers.active(staff.service_provider_id or "")
    return staff


signed_in = _handing("signed_in", citizen_of_session)
card_read = _handing("card_read", lambda: UUID(_kept("card_session_id", Code.CARD_NEEDED)))
"""The view gets the card session that this browser completed."""
metrics_reader = _handing("metrics_reader", _metrics_token)
"""A program that knows the operator's token."""
link_opened = _handing("link_opened", lambda: _kept("staff_link", Code.STAFF_LINK_INVALID))
"""The view gets the one-time link that this browser brought."""
terminal_page = _handing("terminal_page", _unlocked_terminal)
locked_page = _handing("locked_page", _terminal_of_page)
"""The page of a terminal, locked or not."""
clerk, operator, provider_staff = (
    _handing(role, partial(staff_of_session, role)) for role in (Role.CLERK, Role.OPERATOR, Role.PROVIDER)
)
any_staff = _handing("any_staff", staff_of_session)


def _holding(_turn: Turn, chunks: Any) -> Iterator[Any]:
    """Hold a turn until the last chunk is made, or nobody wants more."""
    yield from chunks


def one_at_a_time(kind: str) -> Callable[[Callable[..., Any]], Callable[..., Response]]:
    """Make a decorator that lets one such view of a provider's staff go on at a time, until its last byte is made.

    Raises PortalError already-going-on for another one.
    """

    def decorate(view: Callable[..., Any]) -> Callable[..., Response]:
        @wraps(view)
        def alone(staff: Staff, *args: Any, **kwargs: Any) -> Response:
            turn = services().turns.take(kind, staff.service_provider_id or "")
            response = make_response(view(staff, *args, **kwargs))
            if response.is_streamed:
                response.response = _holding(turn, response.response)
            return response

        return alone

    return decorate


def load_session() -> None:
    """Fill the session for a poll that has something to show."""
    _sessions().load(shows=True)


def flow_cookie_name() -> str:
    """Return the name of the flow's cookie, which is not the session's."""
    return f"{_sessions().cookie}-flow"


def flow() -> Flow | None:
    return Flow.parse(request.cookies.get(flow_cookie_name()))


def _sessions() -> ServerSessions:
    interface = current_app.session_interface
    assert isinstance(interface, ServerSessions)
    return interface


def set_flow(response: Any, value: Flow) -> None:
    """Give the browser its own copy of the names of its card session."""
    _sessions().set_cookie(response, flow_cookie_name(), str(value))


def forget_flow(response: Any) -> None:
    """Take the names of its card session from the browser: who comes next neither sees it nor begins it again."""
    response.delete_cookie(flow_cookie_name(), secure=_sessions().secure, httponly=True, samesite="Lax")
