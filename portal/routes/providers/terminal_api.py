"""The calls of a terminal (bridge-protocol, "Terminals")."""

from base64 import b64decode
from collections.abc import Callable
from contextlib import suppress
from functools import partial, wraps

from flask import Blueprint, Response, g, jsonify, request

from portal.domain.codes import Code
from portal.domain.errors import Refusal
from portal.domain.formats.bridge_version import bridge_named
from portal.domain.limits import ENROLMENT_CODE, TYPED_MYKEY_ID
from portal.extensions import csrf
from portal.models import Terminal
from portal.pki.errors import CertificateMalformed
from portal.pki.verifier import TracedCertificate
from portal.services.providers.terminal_lookups import Found
from portal.services.record.audit import Event, record
from portal.web.access import bearer, bridge, caller, services, terminal_bridge, tried
from portal.web.api.calls import ByCertificate, EnrolmentBody, InquiryBody, LinkBody, PresenceBody, TapBody
from portal.web.api.request import body_of_call, check_call

bp = Blueprint("terminal_api", __name__, url_prefix="/api/v1")
csrf.exempt(bp)
bp.before_request(check_call)


@bp.post("/terminals")
@bridge
def enrol() -> tuple[Response, int]:
    """Spend an enrolment code."""
    called = bridge_named(request.user_agent.string)
    spend = partial(services().enrolment.enrol_bridge, body_of_call(EnrolmentBody).enrolment_code, called)
    terminal, token = tried(ENROLMENT_CODE, spend, caller())
    return jsonify({"token": token, "service_provider_id": terminal.service_provider_id}), 201


@bp.post("/presence")
@terminal_bridge
def be_present(terminal: Terminal) -> tuple[str, int]:  # noqa: ARG001 - that it called is all
    """Hear that cards can be read at this terminal."""
    body_of_call(PresenceBody)
    return "", 204


@bp.post("/taps")
@terminal_bridge
def tap(terminal: Terminal) -> tuple[str, int]:
    """Bring a tap to the page of this terminal, while it asks."""
    body = body_of_call(TapBody).root
    if isinstance(body, ByCertificate):
        services().reception.tap_certificate(terminal, _der(body.certificate))
    else:
        services().reception.tap_service_card(terminal, body.service_card)
    record(Event.TAPPED, terminal=terminal.terminal_id, card=" ".join(body.model_fields_set))
    return "", 204


def together(view: Callable[..., Response]) -> Callable[[], Response]:
    """Look up together with other calls where all is in order; else the view does it alone, or refuses it."""

    @wraps(view)
    def tried_first() -> Response:
        found, traced = _looked_up()
        if found is None:
            return view(traced)
        g.service_provider_id = found.service_provider_id
        return jsonify(found._asdict())

    return tried_first


@bp.post("/inquiries")
@together
@terminal_bridge
def inquire(terminal: Terminal, traced: TracedCertificate | None) -> Response:
    """Look up the provider's own service ID, of a card that has been traced or not yet."""
    body = body_of_call(InquiryBody).root
    links, provider_id = services().links, terminal.service_provider_id
    if isinstance(body, ByCertificate):
        holder = services().tapped_cards.verify(_der(body.certificate), traced=traced)
        service_id = links.look_up(provider_id, holder)
    else:
        typed = partial(links.look_up_typed, provider_id, body.mykey_id)
        service_id = tried(TYPED_MYKEY_ID, typed, str(terminal.terminal_id))
    return jsonify({"service_provider_id": provider_id, "service_id": service_id})


@bp.post("/service-links")
@terminal_bridge
def link(terminal: Terminal) -> tuple[Response, int]:
    """Link a service ID, or replace the present one."""
    body = body_of_call(LinkBody)
    replaces = body.replaces if "replaces" in body.model_fields_set else None
    holder = services().tapped_cards.verify(_der(body.certificate))
    provider_id = terminal.service_provider_id
    service_id = services().links.readable(provider_id, body.service_id)
    services().links.link(provider_id, holder, service_id, terminal=terminal, replaces=replaces)
    return jsonify({"service_provider_id": provider_id, "service_id": service_id}), 201


def _looked_up() -> tuple[Found | None, TracedCertificate | None]:
    """Verify before anything is locked, and look up; None for what is not in order, and what was found of its card."""
    traced = certificate = None
    with suppress(Refusal):
        token, body = bearer(Code.TERMINAL_TOKEN_INVALID), body_of_call(InquiryBody).root
        if isinstance(body, ByCertificate) and services().lookups.knows(token):
            traced = services().verifier.trace(_der(body.certificate), services().clock())
            certificate = services().verifier.check_revocation(traced, services().clock())
    if certificate is None:
        return None, traced
    return services().lookups.look_up(token, certificate, bridge_named(request.user_agent.string)), traced


def _der(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except ValueError:
        raise CertificateMalformed("no base64") from None
