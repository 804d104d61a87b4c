"""The calls of a terminal (bridge-protocol, "Terminals")."""

from base64 import b64decode

from flask import Blueprint, Response, jsonify

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.extensions import csrf
from portal.models import Terminal
from portal.pki.errors import CertificateMalformed
from portal.services.record.audit import Event, record
from portal.web.access import bridge, caller, few_wrong_ones, services, terminal_bridge
from portal.web.api_request import check_call, fields_of_call, only_field_of_call

bp = Blueprint("terminal_api", __name__, url_prefix="/api/v1")
csrf.exempt(bp)
bp.before_request(check_call)


@bp.post("/terminals")
@bridge
def enrol() -> tuple[Response, int]:
    """Spend an enrolment code; ten wrong ones a minute from one address."""
    (_, code), count_wrong = only_field_of_call("enrolment_code"), few_wrong_ones("enrolment", caller())
    try:
        terminal, token = services().enrolment.enrol_bridge(code)
    except PortalError:
        count_wrong()
        raise
    return jsonify({"token": token, "service_provider_id": terminal.service_provider_id}), 201


@bp.post("/taps")
@terminal_bridge
def tap(terminal: Terminal) -> tuple[str, int]:
    """Bring a tap to the page of this terminal, while it asks."""
    name, value = only_field_of_call("certificate", "service_card")
    if name == "certificate":
        services().reception.tap_certificate(terminal, _der(value))
    else:
        services().reception.tap_service_card(terminal, value)
    record(Event.TAPPED, terminal=terminal.terminal_id, card=name)
    return "", 204


@bp.post("/inquiries")
@terminal_bridge
def inquire(terminal: Terminal) -> Response:
    """Look up the provider's own service ID."""
    name, value = only_field_of_call("certificate", "mykey_id")
    links, provider_id = services().links, terminal.service_provider_id
    if name == "certificate":
        service_id = links.look_up(provider_id, services().tapped_cards.verify(_der(value)))
    else:
        service_id = _look_up_typed(terminal, value)
    return jsonify({"service_provider_id": provider_id, "service_id": service_id})


@bp.post("/service-links")
@terminal_bridge
def link(terminal: Terminal) -> tuple[Response, int]:
    """Link a service ID, or put it in the place of the present one."""
    fields = fields_of_call("service_id", "replaces")
    replaces = fields.pop("replaces", None)
    if set(fields) != {"certificate", "service_id"}:
        raise PortalError(Code.REQUEST_MALFORMED)
    holder = services().tapped_cards.verify(_der(fields["certificate"]))
    provider_id, service_id = terminal.service_provider_id, fields["service_id"]
    services().links.link(provider_id, holder, service_id, terminal=terminal, replaces=replaces)
    return jsonify({"service_provider_id": provider_id, "service_id": service_id}), 201


def _look_up_typed(terminal: Terminal, mykey_id: str) -> str:
    """Look a typed MyKey ID up; ten wrong ones a minute, on the page or here."""
    count_wrong = few_wrong_ones("typed", str(terminal.terminal_id))
    try:
        return services().links.look_up_typed(terminal.service_provider_id, mykey_id)
    except PortalError:
        count_wrong()
        raise


def _der(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except ValueError:
        raise CertificateMalformed("no base64") from None
