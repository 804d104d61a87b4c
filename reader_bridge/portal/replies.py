"""What a portal may answer: each reply checked to the shape of bridge-protocol before anything uses it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message

from reader_bridge.errors import PortalRefused, PortalReplyMalformed
from reader_bridge.portal.origin import Origin

MAX_URL = 512
_LONGEST_WAIT = 600  # seconds
_MOST_PARAMETERS = 16
_BEARER = re.compile(r"[A-Za-z0-9._~+/-]{1,512}={0,2}")
_EXPIRY = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
_NONCE = re.compile(r"[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=")  # 32 bytes in the one base64 that they have
_URL_PATH = r"/[A-Za-z0-9\-._~!$&'()*+,;=:@/%?]*#[A-Za-z0-9_-]{22,64}"


@dataclass(frozen=True)
class Claim:
    """One card session, taken: what will be asked of the card, and the token that speaks for it."""

    token: str = field(repr=False)
    purpose: str
    parameters: Mapping[str, object]
    match_code: str
    nonce: str = field(repr=False)
    expires_at: str
    by_handle: bool


@dataclass(frozen=True)
class Completion:
    """How the browser goes on: exactly one of a URL to open and six digits to show."""

    url: str | None = field(default=None, repr=False)
    code: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Enrolment:
    """A terminal's own: the token that speaks for it, and whose terminal it is."""

    token: str = field(repr=False)
    service_provider_id: str


def read_object(body: bytes) -> dict[str, object]:
    """Read one JSON object in UTF-8 without duplicate fields."""
    try:
        value = json.loads(body.decode(), object_pairs_hook=_without_duplicates)
    except (ValueError, RecursionError):
        raise PortalReplyMalformed("the reply is not JSON") from None
    if not isinstance(value, dict):
        raise PortalReplyMalformed("the reply is not a JSON object")
    return value


def read_claim(reply: Mapping[str, object], *, by_handle: bool) -> Claim:
    """Read the reply to a claim; unknown fields are ignored."""
    parameters = reply.get("parameters")
    if not isinstance(parameters, dict):
        raise PortalReplyMalformed("parameters is no object")
    if len(parameters) > _MOST_PARAMETERS:
        raise PortalReplyMalformed("more parameters than a person reads")
    return Claim(
        token=_text(reply, "claim", _BEARER),
        purpose=_text(reply, "purpose", re.compile(r"[^\x00-\x1f\x7f]{1,64}")),
        parameters=parameters,
        match_code=_text(reply, "match_code", re.compile(r"[0-9]{2}")),
        nonce=_text(reply, "nonce", _NONCE),
        expires_at=_text(reply, "expires_at", _EXPIRY),
        by_handle=by_handle,
    )


def read_completion(reply: Mapping[str, object], origin: Origin, *, by_handle: bool) -> Completion:
    """Read the reply to an answer; a URL leads to the signed origin or is refused."""
    if by_handle:
        url = re.compile(re.escape(str(origin)) + _URL_PATH)
        return Completion(url=_text(reply, "completion_url", url, max_length=MAX_URL))
    return Completion(code=_text(reply, "completion_code", re.compile(r"[0-9]{6}")))


def read_enrolment(reply: Mapping[str, object]) -> Enrolment:
    """Read the reply to an enrolment code, or what was kept of it."""
    provider = _text(reply, "service_provider_id", re.compile(r"[^\x00-\x1f\x7f]{1,64}"))
    return Enrolment(_text(reply, "token", _BEARER), provider)


def read_refusal(status: int, headers: Message, body: bytes) -> PortalRefused:
    """Read a problem of RFC 9457; `Retry-After` counts as seconds alone, ten minutes at most."""
    if headers.get_content_type() != "application/problem+json":
        raise PortalReplyMalformed(f"the portal answered {status} without saying why")
    problem = read_object(body)
    code = _text(problem, "code", re.compile(r"[a-z0-9-]{1,64}"))
    wait = headers.get("Retry-After", "")
    seconds = min(int(wait), _LONGEST_WAIT) if re.fullmatch("[0-9]{1,9}", wait) else 0
    return PortalRefused(code, _text(problem, "title", re.compile(r"(?s:.{1,500})")), status, seconds)


def _text(reply: Mapping[str, object], name: str, form: re.Pattern[str], *, max_length: int = 4096) -> str:
    value = reply.get(name)
    if not isinstance(value, str) or len(value) > max_length or not form.fullmatch(value):
        raise PortalReplyMalformed(f"{name} has another shape")
    return value


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("duplicate field")
    return fields
