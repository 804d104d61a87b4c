"""The audit chain as everybody may ask for it: whether what a slip carries still stands."""

from flask import Blueprint, render_template, request

from portal.transactions import reading
from portal.web.access import public, services

bp = Blueprint("audit_check", __name__)
MOST_DIGITS = 18
"""So many digits of a number fit into the database's."""


@bp.get("/audit")
@public
def check() -> str:
    """Check the number and the digest of a slip, as far as they were given."""
    number, digest = (_without_blanks(request.args.get(name, "")) for name in ("number", "digest"))
    stands = None
    if number or digest:
        known = number.isascii() and number.isdecimal() and len(number) <= MOST_DIGITS
        with reading(services().database):
            stands = known and services().audit.stands(int(number), digest.lower())
    return render_template("citizen/audit_check/check.html", number=number, digest=digest, stands=stands)


def _without_blanks(typed: str) -> str:
    return "".join(typed.split())
