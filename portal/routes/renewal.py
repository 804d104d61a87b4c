"""A place for the pages of 継続性, which come from elsewhere: only their beginning, so that it can be linked."""

from flask import Blueprint

from portal.routes.access import public

bp = Blueprint("renewal", __name__)


@bp.get("/renew")
@public
def start() -> str:
    """Hold the address."""
    return ""
