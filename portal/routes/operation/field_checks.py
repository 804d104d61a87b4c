"""What an operator types, answered live by the functions that guard saving."""

from collections.abc import Callable
from functools import partial

from flask import Blueprint, render_template, request

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.domain.formats.name import read_name
from portal.domain.ids.service_provider_id import folded_provider_id
from portal.models import Staff
from portal.services.operation.providers import check_handoff_url
from portal.web.access import operator, services
from portal.web.problems import problem_of

bp = Blueprint("operator_checks", __name__, url_prefix="/operator")

FIELDS: dict[str, tuple[str, Callable[[str], str | None]]] = {
    "service-provider-id": ("id", lambda came: services().providers.free_id(came)),  # noqa: PLW0108 - of this request
    "service-provider-name": ("name", partial(read_name, refusal=Code.SERVICE_PROVIDER_MALFORMED)),
    "terminal-name": ("name", partial(read_name, refusal=Code.TERMINAL_MALFORMED)),
    "staff-name": ("name", partial(read_name, refusal=Code.STAFF_NAME_MALFORMED)),
    "handoff-url": ("handoff_url", check_handoff_url),
    "handoff-link": ("handoff_link", lambda came: services().terminals.check_link(came)),  # noqa: PLW0108
}
"""What is checked: the name of its field in a form, and what reads it, or only raises."""


@bp.post("/check/<kind>")
@operator
def check(_: Staff, kind: str) -> str:
    """Say of one field whether it can be saved, and as what; nothing of an empty one."""
    if kind not in FIELDS:
        raise PortalError(Code.NOT_FOUND)
    name, read = FIELDS[kind]
    typed, read_as, problem = request.form.get(name, "").strip(), None, None
    if not typed:
        return ""
    try:
        read_as = read(typed)
    except PortalError as error:
        problem = problem_of(error.code)
    is_id = kind == "service-provider-id"
    shown = {"read_as": read_as if is_id or read_as != typed else None, "folded": folded_provider_id(typed) * is_id}
    return render_template("operation/_field_check.html", problem=problem, is_id=is_id, **shown)
