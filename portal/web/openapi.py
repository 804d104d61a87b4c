"""The calls under /api/v1, told to programs (OpenAPI 3.1) and to people: one table makes both."""

from functools import cache
from typing import Any

from flask import Blueprint, Response, jsonify, render_template
from flask_babel import force_locale
from flask_babel import gettext as _
from pydantic import BaseModel

from portal.web.access import public, services
from portal.web.api_calls import CALLS, EVERYWHERE, Call
from portal.web.api_request import BODY_LIMIT
from portal.web.errors import HEADERS_OF, problem_json
from portal.web.language import locale_code
from portal.web.problems import problem_of

bp = Blueprint("openapi", __name__)
PREFIX = "/api/v1"


@bp.get("/openapi.json")
@public
def document() -> Response:
    """Describe every call under /api/v1; in plain Japanese where a page would show readings."""
    with force_locale(locale_code()):
        return jsonify(described())


@bp.get("/api")
@public
def show() -> str:
    """Show the same to people."""
    return render_template("openapi/show.html", document=described())


def described() -> dict[str, Any]:
    """Make the document of OpenAPI 3.1, in the language of this request."""
    bearer = {"type": "http", "scheme": "bearer"}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": _("マイキーポータルのAPI"),
            "version": "1",
            "description": _(
                "本文は UTF-8 の application/json で、%(limit)dバイトまでの1つのオブジェクトです。"
                "知らない項目や重なった項目は受け付けません。"
                "断るときは RFC 9457 の application/problem+json で答えます。"
                "%(prefix)s の下のほかのアドレスには、404 と not-found で答えます。",
                limit=BODY_LIMIT,
                prefix=PREFIX,
            ),
        },
        "servers": [{"url": services().settings.origin}],
        "paths": {PREFIX + call.path: {"post": _operation(call)} for call in CALLS},
        "components": {
            "securitySchemes": {
                "claim": bearer | {"description": _("%(path)s の答えにあるトークン", path=f"{PREFIX}/bridge/claims")},
                "terminal": bearer | {"description": _("%(path)s の答えにあるトークン", path=f"{PREFIX}/terminals")},
            }
        },
    }


def _operation(call: Call) -> dict[str, Any]:
    statuses = sorted({problem_of(code).status for code in (*EVERYWHERE, *call.codes)})
    return {
        "operationId": call.path.strip("/").replace("/", "-"),
        "summary": str(call.summary),
        "security": [{call.bearer: []}] if call.bearer else [],
        "requestBody": {"required": True, "content": _content(call.body)},
        "responses": {str(call.status): _success(call)} | {str(status): _refusal(call, status) for status in statuses},
    }


def _success(call: Call) -> dict[str, Any]:
    if call.reply is None:
        return {"description": _("受け取りました。答えに本文はありません。")}
    return {"description": _("できました。"), "content": _content(call.reply)}


@cache
def _content(kind: type[BaseModel]) -> dict[str, Any]:
    """Describe a body without references, with an example of what it must have."""
    schema = kind.model_json_schema()
    ways = list(schema.get("$defs", {"": schema}).values())
    example = {name: ways[0]["properties"][name]["examples"][0] for name in ways[0].get("required", ())}
    return {"application/json": {"schema": {"oneOf": ways} if ways[1:] else schema, "example": example}}


def _refusal(call: Call, status: int) -> dict[str, Any]:
    """Describe every refusal of a call that has this status."""
    codes = [code for code in (*EVERYWHERE, *call.codes) if problem_of(code).status == status]
    body = {code: problem_json(code) for code in codes}
    shape = {
        "type": {"const": "about:blank"},
        "title": {"type": "string"},
        "status": {"const": status},
        "code": {"enum": codes},
    }
    examples = {code: {"summary": body[code]["title"], "value": body[code]} for code in codes}
    schema = {"type": "object", "properties": shape, "required": list(shape)}
    described: dict[str, Any] = {
        "description": ", ".join(codes),
        "content": {"application/problem+json": {"schema": schema, "examples": examples}},
    }
    if headers := HEADERS_OF.get(status):
        described["headers"] = {
            name: {"required": True, "schema": {"type": "string"}, "example": text} for name, text in headers.items()
        }
    return described
