"""Every call under /api/v1, once: what it takes, what it answers, and which codes it refuses with (bridge-protocol)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from portal.domain.card_session import FINAL, PASSING
from portal.domain.codes import Code
from portal.domain.service_id import LONGEST
from portal.pki.token import FORMAT

Schema = dict[str, Any]
TEXT: Schema = {"type": "string", "pattern": r"^[^\u0000-\u001f\u007f-\u009f]*$"}
DER: Schema = TEXT | {"contentEncoding": "base64", "contentMediaType": "application/pkix-cert"}
SERVICE_ID: Schema = TEXT | {"minLength": 1, "maxLength": LONGEST}
UID: Schema = {"type": "string", "pattern": "^([0-9A-F]{8}|[0-9A-F]{14}|[0-9A-F]{16}|[0-9A-F]{20})$"}
NAME: Schema = {"type": "string", "pattern": "^[A-Za-z0-9_-]{22,64}$"}

EVERYWHERE = [
    *[Code.REQUEST_MALFORMED, Code.ORIGIN_REFUSED, Code.METHOD_NOT_ALLOWED, Code.BODY_TOO_LARGE],
    *[Code.MEDIA_TYPE_UNSUPPORTED, Code.HOST_UNKNOWN, Code.INTERNAL, Code.UNAVAILABLE],
]
CLAIMED = [Code.CARD_SESSION_CLAIMED, Code.CARD_SESSION_EXPIRED, Code.CARD_SESSION_ENDED]
CERTIFICATE = [
    *[Code.CERTIFICATE_MALFORMED, Code.CERTIFICATE_NOT_TRUSTED, Code.CERTIFICATE_WRONG_KIND],
    *[Code.CERTIFICATE_NOT_YET_VALID, Code.CERTIFICATE_EXPIRED, Code.CERTIFICATE_REVOKED],
    *[Code.CERTIFICATE_SUBJECT_INVALID, Code.REVOCATION_UNKNOWN],
]
TERMINAL = [Code.TERMINAL_TOKEN_INVALID, Code.SERVICE_PROVIDER_SUSPENDED, Code.RATE_LIMITED]
PERSON = [*CERTIFICATE, Code.ALGORITHM_UNSUPPORTED, Code.MYKEY_ID_NOT_REGISTERED, Code.MYKEY_ID_STOPPED]


def fields(*optional: str, **schemas: Schema) -> Schema:
    """Describe an object of these fields; all are wanted but the optional ones."""
    required = [name for name in schemas if name not in optional]
    return {"type": "object", "properties": schemas, "required": required}


def only(*optional: str, **schemas: Schema) -> Schema:
    """Describe an object of these fields and no others."""
    return fields(*optional, **schemas) | {"additionalProperties": False}


def either(**schemas: Schema) -> Schema:
    """Describe an object that has exactly one of these fields."""
    return {"oneOf": [only(**{name: schema}) for name, schema in schemas.items()]}


LINK = fields(service_provider_id=TEXT, service_id=SERVICE_ID)
LINK_EXAMPLE = {"service_provider_id": "A-α1-0001", "service_id": "ABCDEFGHI"}
CERTIFICATE_EXAMPLE = "MIIFdjCCBF6gAwIBAgIEBfXhAA=="


@dataclass(frozen=True)
class Call:
    """One POST; `bearer` names the scheme of its token, `codes` are those beside EVERYWHERE."""

    path: str
    summary: LazyString
    body: Schema
    example: dict[str, str]
    status: int
    codes: list[Code]
    reply: Schema | None = None
    reply_example: Mapping[str, object] | None = None
    bearer: str | None = None


CALLS = (
    Call(
        "/bridge/claims",
        _l("読み取りプログラムが、画面で始まった手続きを引き受けます。"),
        either(handle=TEXT, pairing_code=TEXT),
        {"pairing_code": "K7QF-4PXW"},
        201,
        [Code.CARD_SESSION_NOT_FOUND, *CLAIMED, Code.RATE_LIMITED],
        fields(
            claim=TEXT,
            purpose=TEXT,
            parameters={"type": "object", "additionalProperties": TEXT},
            match_code={"type": "string", "pattern": "^[0-9]{2}$"},
            nonce={"type": "string", "contentEncoding": "base64", "minLength": 44, "maxLength": 44},
            expires_at={"type": "string", "format": "date-time"},
        ),
        {
            "claim": "hPZr3dGpQ0mKq1uV5xWnYc7tLs9bJe2A",
            "purpose": "register",
            "parameters": {},
            "match_code": "47",
            "nonce": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
            "expires_at": "2026-11-23T05:00:00Z",
        },
    ),
    Call(
        "/bridge/answers",
        _l("カードが署名したトークン（Web eID authentication token v1）を届けます。"),
        only(
            format={"const": FORMAT},
            unverifiedCertificate=DER,
            algorithm={"enum": ["RS256", "ES384"]},
            signature={"type": "string", "contentEncoding": "base64"},
            appVersion=TEXT,
        ),
        {
            "format": FORMAT,
            "unverifiedCertificate": CERTIFICATE_EXAMPLE,
            "algorithm": "RS256",
            "signature": "AAAA",
            "appVersion": "https://bridge.example/1.0.0",
        },
        200,
        [
            *[Code.TOKEN_MALFORMED, Code.CLAIM_INVALID, Code.NONCE_USED, *CLAIMED],
            *[*CERTIFICATE, Code.ALGORITHM_UNSUPPORTED, Code.SIGNATURE_INVALID],
        ],
        {
            "oneOf": [
                fields(completion_url={"type": "string", "format": "uri", "maxLength": 512}),
                fields(completion_code={"type": "string", "pattern": "^[0-9]{6}$"}),
            ]
        },
        {"completion_code": "493027"},
        bearer="claim",
    ),
    Call(
        "/bridge/failures",
        _l("カードやリーダーで起きたことを、画面に知らせます。"),
        only(code={"enum": sorted(PASSING | FINAL | {"resolved"})}),
        {"code": Code.NO_CARD},
        204,
        [Code.CLAIM_INVALID, Code.NONCE_USED, *CLAIMED],
        bearer="claim",
    ),
    Call(
        "/terminals",
        _l("運営者から受け取った登録コードで、サービス端末を登録します。コードは1回だけ使えます。"),
        only(enrolment_code=TEXT),
        {"enrolment_code": "K7QF4PXW9RTM"},
        201,
        [Code.ENROLMENT_CODE_NOT_FOUND, Code.RATE_LIMITED],
        fields(token=NAME, service_provider_id=TEXT),
        {"token": "hPZr3dGpQ0mKq1uV5xWnYc7tLs9bJe2A", "service_provider_id": "A-α1-0001"},
    ),
    Call(
        "/taps",
        _l("かざされたカードを、この端末の画面に届けます。画面が待っていないときは、どこにも届きません。"),
        either(certificate=DER, service_card=UID),
        {"service_card": "0114B3C2D4E5F607"},
        204,
        [*TERMINAL, *PERSON],
        bearer="terminal",
    ),
    Call(
        "/inquiries",
        _l("カードの持ち主の、このサービス提供者でのサービスIDを照会します。"),
        either(certificate=DER, mykey_id=TEXT),
        {"certificate": CERTIFICATE_EXAMPLE},
        200,
        [*TERMINAL, *PERSON, Code.INQUIRY_NOT_ALLOWED, Code.SERVICE_ID_NOT_REGISTERED, Code.CARD_WANTED],
        LINK,
        LINK_EXAMPLE,
        bearer="terminal",
    ),
    Call(
        "/service-links",
        _l("カードの持ち主のサービスIDを登録します。再発行した利用カードなら、replaces にいまのサービスIDを入れます。"),
        only("replaces", certificate=DER, service_id=SERVICE_ID, replaces=TEXT),
        {"certificate": CERTIFICATE_EXAMPLE, "service_id": "ABCDEFGHI"},
        201,
        [
            *[*TERMINAL, *PERSON, Code.SERVICE_ID_MALFORMED, Code.SERVICE_ID_NOT_REGISTERED, Code.SERVICE_ID_IN_USE],
            *[Code.SERVICE_ID_ALREADY_REGISTERED, Code.SERVICE_LINK_UNCONFIRMED],
            *[Code.FIRST_LINK_NOT_ALLOWED, Code.REPLACEMENT_NOT_ALLOWED],
        ],
        LINK,
        LINK_EXAMPLE,
        bearer="terminal",
    ),
)
