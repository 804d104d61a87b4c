"""The calls of a bridge (bridge-protocol, "claims", "answers", "failures")."""

from dataclasses import asdict
from datetime import UTC
from functools import partial

from flask import Blueprint, Response, jsonify, request, url_for

from portal.domain.card_session import FINAL, PASSING, Name
from portal.domain.codes import Code
from portal.domain.formats.bridge_version import bridge_named
from portal.domain.limits import PAIRING_CODE
from portal.extensions import csrf
from portal.web.access import bearer, bridge, caller, services, tried
from portal.web.api.calls import ByPairingCode, ClaimBody, FailureBody
from portal.web.api.request import body_of_call, check_call
from portal.web.errors import count_refusal

bp = Blueprint("bridge_api", __name__, url_prefix="/api/v1/bridge")
csrf.exempt(bp)
bp.before_request(check_call)


@bp.post("/claims")
@bridge
def claim() -> tuple[Response, int]:
    """Give the first bridge the purpose and a nonce."""
    body = body_of_call(ClaimBody).root
    if isinstance(body, ByPairingCode):
        by_code = partial(services().bridge_calls.claim, Name.PAIRING_CODE, body.pairing_code, _bridge())
        claimed = tried(PAIRING_CODE, by_code, caller())
    else:
        claimed = services().bridge_calls.claim(Name.HANDLE, body.handle, _bridge())
    expires_at = claimed.expires_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return jsonify(asdict(claimed) | {"expires_at": expires_at}), 201


@bp.post("/answers")
@bridge
def answer() -> Response:
    """Verify the token, and say how the citizen's own browser completes."""
    name, code = services().bridge_calls.answer(bearer(Code.CLAIM_INVALID), request.get_data())
    if name is Name.PAIRING_CODE:
        return jsonify({"completion_code": code})
    return jsonify({"completion_url": f"{services().settings.origin}{url_for('card_sessions.completion')}#{code}"})


@bp.post("/failures")
@bridge
def fail() -> tuple[str, int]:
    """Bring the page in step with what the bridge met."""
    code = body_of_call(FailureBody).code
    services().bridge_calls.fail(bearer(Code.CLAIM_INVALID), code)
    if code in FINAL | PASSING:
        count_refusal(Code(code))
    return "", 204


def _bridge() -> str | None:
    return bridge_named(request.user_agent.string)
