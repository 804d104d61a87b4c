"""The beginning of a card session, which every wing's pages lead to."""

from flask import redirect, url_for
from werkzeug.wrappers import Response

from portal.domain.card_session import Purpose
from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.domain.ids.service_id import is_sound
from portal.web.access import flow, services, set_flow


def begin_card_session(purpose: Purpose, parameters: dict[str, str]) -> Response:
    """Start a card session with what the card will sign for, and lead to its waiting page."""
    if not all(is_sound(value) for value in parameters.values()):
        raise PortalError(Code.REQUEST_MALFORMED)
    card_session_id, names = services().card_sessions.start(purpose, flow(), parameters)
    response = redirect(url_for("card_sessions.waiting", card_session_id=card_session_id), 303)
    set_flow(response, names)
    return response
