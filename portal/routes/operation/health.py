"""For those who watch the portal."""

from flask import Blueprint
from sqlalchemy import text

from portal.extensions import db
from portal.transactions import reading
from portal.web.access import public

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@public
def alive() -> tuple[str, dict[str, str]]:
    """Say that the process answers."""
    return "ok\n", {"Content-Type": "text/plain"}


@bp.get("/readyz")
@public
def ready() -> tuple[str, dict[str, str]]:
    """Say that the database answers; 503 otherwise."""
    with reading(db.session):
        db.session.execute(text("SELECT 1"))
    return "ok\n", {"Content-Type": "text/plain"}
