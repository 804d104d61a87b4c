"""What every call under /api/v1 is (bridge-protocol, "Every call")."""

from typing import TypeVar

from flask import request
from pydantic import BaseModel, ValidationError

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.domain.formats.json_object import MalformedError, json_object

BODY_LIMIT = 16 * 1024
Body = TypeVar("Body", bound=BaseModel)


def check_call() -> None:
    """Refuse what is no JSON of this protocol before anything is looked up."""
    request.max_content_length = BODY_LIMIT
    if request.mimetype != "application/json" or request.mimetype_params.get("charset", "utf-8").lower() != "utf-8":
        raise PortalError(Code.MEDIA_TYPE_UNSUPPORTED)
    if (request.content_length or 0) > BODY_LIMIT:
        raise PortalError(Code.BODY_TOO_LARGE)


def body_of_call(kind: type[Body]) -> Body:
    """Read one JSON object that is a body of this kind."""
    try:
        return kind.model_validate(json_object(request.get_data()))
    except (MalformedError, ValidationError):
        raise PortalError(Code.REQUEST_MALFORMED) from None
