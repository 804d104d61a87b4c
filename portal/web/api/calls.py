"""Every call under /api/v1, once: what it takes, what it answers, and which codes it refuses with (bridge-protocol)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from pydantic import BaseModel, Field, RootModel, create_model

from portal.domain.card_session import FINAL, PASSING
from portal.domain.codes import Code
from portal.domain.ids.service_id import LONGEST, UNREADABLE
from portal.pki.token import FORMAT

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

PRINTABLE = r"^[^\u0000-\u001f\u007f-\u009f]*$"


def shown(example: object, **schema: Any) -> Any:
    """Give a field its example and, for the document alone, what the portal checks elsewhere."""
    return Field(examples=[example], json_schema_extra=schema)


Text = Annotated[str, Field(pattern=PRINTABLE)]
Base64 = Annotated[Text, shown("AAAA", contentEncoding="base64")]
Certificate = Annotated[Text, shown("MIIFdg==", contentEncoding="base64", contentMediaType="application/pkix-cert")]
# A pattern, be it the loosest, makes pydantic refuse lone surrogates; all else about it is service-id-malformed.
ServiceId = Annotated[str, Field(pattern="^"), shown("ABCDEFGHI", pattern=PRINTABLE, minLength=1, maxLength=LONGEST)]
ServiceProviderId = Annotated[Text, shown("A-α1-0001")]
Token = Annotated[str, shown("hPZr3dGpQ0mKq1uV5xWnYc7tLs9bJe2A", pattern="^[A-Za-z0-9_-]{22,64}$")]


class Body(BaseModel, strict=True, extra="forbid", hide_input_in_errors=True):
    """Base of what calls take: these fields and no others."""


class ByHandle(Body):
    handle: Text = shown("hPZr3dGpQ0mKq1uV5xWnYc7tLs9bJe2A")


class ByPairingCode(Body):
    pairing_code: Text = shown("K7QF-4PXW")


class ByCertificate(Body):
    certificate: Certificate


class ByServiceCard(Body):
    service_card: Text = shown("0114B3C2D4E5F607", pattern="^([0-9A-F]{8}|[0-9A-F]{14}|[0-9A-F]{16}|[0-9A-F]{20})$")


class ByMykeyId(Body):
    mykey_id: Text = shown("1C2410DF79DGEL")


class EnrolmentBody(Body):
    enrolment_code: Text = shown("K7QF4PXW9RTM")


class PresenceBody(Body):
    pass


class FailureBody(Body):
    code: str = Field(
        pattern="^[a-z][a-z-]{0,63}$",  # any: one that the portal does not know passes
        examples=[Code.NO_CARD],
        description=", ".join(sorted(PASSING | FINAL | {"resolved"})),
    )


class LinkBody(ByCertificate):
    service_id: ServiceId
    replaces: ServiceId = Field(default_factory=str)  # not None: null is no text


ClaimBody = RootModel[ByHandle | ByPairingCode]
TapBody = RootModel[ByCertificate | ByServiceCard]
InquiryBody = RootModel[ByCertificate | ByMykeyId]

# These are for the document alone: an answer is read by pki.token, once its nonce is taken; replies are our own.
AnswerBody = create_model(
    "AnswerBody",
    __base__=Body,
    format=Annotated[Literal["web-eid:1.0"], shown(FORMAT)],
    unverifiedCertificate=Certificate,
    algorithm=Annotated[Literal["RS256", "ES384"], shown("RS256")],
    signature=Base64,
    appVersion=Annotated[Text, shown("https://bridge.example/1.0.0")],
)
ClaimReply = create_model(
    "ClaimReply",
    claim=Token,
    purpose=Annotated[Text, shown("register")],
    parameters=Annotated[dict[str, Text], shown({})],
    match_code=Annotated[str, shown("47", pattern="^[0-9]{2}$")],
    nonce=Annotated[Base64, shown("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", minLength=44, maxLength=44)],
    expires_at=Annotated[datetime, shown("2026-11-23T05:00:00Z")],
)
ByDigits = create_model("ByDigits", completion_code=Annotated[str, shown("493027", pattern="^[0-9]{6}$")])
Url = Annotated[str, shown("https://id.example.jp/completion#hPZr3dGpQ0mKq1uV5xWnYc", format="uri", maxLength=512)]
ByUrl = create_model("ByUrl", completion_url=Url)
AnswerReply = RootModel[ByDigits | ByUrl]
EnrolmentReply = create_model("EnrolmentReply", token=Token, service_provider_id=ServiceProviderId)
LinkReply = create_model("LinkReply", service_provider_id=ServiceProviderId, service_id=ServiceId)


@dataclass(frozen=True)
class Call:
    """One POST; `bearer` names the scheme of its token, `codes` are those beside EVERYWHERE."""

    path: str
    summary: LazyString
    body: type[BaseModel]
    status: int
    codes: list[Code]
    reply: type[BaseModel] | None = None
    bearer: str | None = None


CALLS = (
    Call(
        "/bridge/claims",
        _l("読み取りプログラムが、画面で始まった手続きを引き受けます。"),
        ClaimBody,
        201,
        [Code.BRIDGE_TOO_OLD, Code.CARD_SESSION_NOT_FOUND, *CLAIMED, Code.RATE_LIMITED],
        ClaimReply,
    ),
    Call(
        "/bridge/answers",
        _l("カードが署名したトークン（Web eID authentication token v1）を届けます。"),
        AnswerBody,
        200,
        [
            *[Code.TOKEN_MALFORMED, Code.CLAIM_INVALID, Code.NONCE_USED, *CLAIMED],
            *[*CERTIFICATE, Code.ALGORITHM_UNSUPPORTED, Code.SIGNATURE_INVALID],
        ],
        AnswerReply,
        bearer="claim",
    ),
    Call(
        "/bridge/failures",
        _l("カードやリーダーで起きたことを、画面に知らせます。"),
        FailureBody,
        204,
        [Code.CLAIM_INVALID, Code.NONCE_USED, *CLAIMED],
        bearer="claim",
    ),
    Call(
        "/terminals",
        _l("運営者から受け取った登録コード（リーダー用）で、サービス端末を登録します。コードは1回だけ使えます。"),
        EnrolmentBody,
        201,
        [Code.ENROLMENT_CODE_NOT_FOUND, Code.RATE_LIMITED],
        EnrolmentReply,
    ),
    Call(
        "/presence",
        _l("この端末でカードを読み取れることを、30秒ごとに知らせます。75秒知らせがないと、端末の画面がそう伝えます。"),
        PresenceBody,
        204,
        TERMINAL,
        bearer="terminal",
    ),
    Call(
        "/taps",
        _l("かざされたカードを、この端末の画面に届けます。画面が待っていないときは、どこにも届きません。"),
        TapBody,
        204,
        [*TERMINAL, *PERSON],
        bearer="terminal",
    ),
    Call(
        "/inquiries",
        _l("カードの持ち主の、このサービス提供者でのサービスIDを照会します。"),
        InquiryBody,
        200,
        [*TERMINAL, *PERSON, Code.INQUIRY_NOT_ALLOWED, Code.SERVICE_ID_NOT_REGISTERED, Code.CARD_WANTED],
        LinkReply,
        bearer="terminal",
    ),
    Call(
        "/service-links",
        _l("カードの持ち主のサービスIDを登録します。再発行した利用カードなら、replaces にいまのサービスIDを入れます。"),
        LinkBody,
        201,
        [
            *[*TERMINAL, *PERSON, *UNREADABLE, Code.SERVICE_ID_NOT_REGISTERED, Code.SERVICE_ID_IN_USE],
            *[Code.SERVICE_ID_ALREADY_REGISTERED, Code.SERVICE_LINK_UNCONFIRMED],
            *[Code.FIRST_LINK_NOT_ALLOWED, Code.REPLACEMENT_NOT_ALLOWED],
        ],
        LinkReply,
        bearer="terminal",
    ),
)
