"""For those who watch the portal."""

from flask import Blueprint

from portal.extensions import db
from portal.migrations.schema_version import version_in, versions
from portal.transactions import reading
from portal.web.access import public, services

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@public
def alive() -> tuple[str, dict[str, str]]:
    """Say that the process answers."""
    return "ok\n", {"Content-Type": "text/plain"}


@bp.get("/readyz")
@public
def ready() -> tuple[str, int, dict[str, str]]:
    """Say that the database answers, and how; 503 where it does not, or its tables are of another version."""
    with reading(db.session):
        version = version_in(db.session.connection())
    told, status = "read-only\n" if services().read_only() else "ok\n", 200
    if version != (newest := versions()[-1]):
        told, status = f"The tables are of version {version} and not {newest}: mykey db upgrade\n", 503
    return told, status, {"Content-Type": "text/plain"}
