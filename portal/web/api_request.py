"""What every call under /api/v1 is (bridge-protocol, "Every call")."""

import unicodedata

from flask import request

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.domain.formats.json_object import MalformedError, json_object

BODY_LIMIT = 16 * 1024


def check_call() -> None:
    """Refuse what is no JSON of this protocol before anything is looked up."""
    request.max_content_length = BODY_LIMIT
    if request.mimetype != "application/json" or request.mimetype_params.get("charset", "utf-8").lower() != "utf-8":
        raise PortalError(Code.MEDIA_TYPE_UNSUPPORTED)
    if (request.content_length or 0) > BODY_LIMIT:
        raise PortalError(Code.BODY_TOO_LARGE)


def fields_of_call(*checked_elsewhere: str) -> dict[str, str]:
    """Read one JSON object whose values are texts without control characters (but for those named) or surrogates."""
    try:
        fields = json_object(request.get_data())
    except MalformedError:
        raise PortalError(Code.REQUEST_MALFORMED) from None
    texts = {
        name: value
        for name, value in fields.items()
        if isinstance(value, str) and not _has(("Cs",) if name in checked_elsewhere else ("Cc", "Cs"), value)
    }
    if len(texts) != len(fields):
        raise PortalError(Code.REQUEST_MALFORMED)
    return texts


def only_field_of_call(*names: str) -> tuple[str, str]:
    """Read a call that has exactly one of the fields; return its name and value."""
    fields = fields_of_call()
    if len(fields) != 1 or not set(fields) <= set(names):
        raise PortalError(Code.REQUEST_MALFORMED)
    return fields.popitem()


def _has(categories: tuple[str, ...], text: str) -> bool:
    plain = text.isascii() and text.isprintable()  # as most are, and a certificate is long
    return not plain and any(unicodedata.category(character) in categories for character in text)
