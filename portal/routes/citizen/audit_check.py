"""A public check of the audit chain: whether it still holds the entry that a slip names."""

from flask import Blueprint, render_template, request

from portal.transactions import reading
from portal.web.access import public, services

bp = Blueprint("audit_check", __name__)
MOST_DIGITS = 18
"""The most digits that fit into the database's integer."""


@bp.get("/audit")
@public
def check() -> str:
    """Check the number and the digest of a slip, as far as they were given."""
    number, digest = ("".join(request.args.get(name, "").split()) for name in ("number", "digest"))
    holds = None
    if number or digest:
        known = number.isascii() and number.isdecimal() and len(number) <= MOST_DIGITS
        with reading(services().database):
            holds = known and services().audit.holds(int(number), digest.lower())
    return render_template("citizen/audit_check/check.html", number=number, digest=digest, holds=holds)
