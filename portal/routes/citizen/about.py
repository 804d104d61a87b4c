"""Who runs this portal, and what holds here: about, terms, privacy, accessibility."""

from flask import Blueprint, render_template

from portal.web.access import public, services

bp = Blueprint("about", __name__)


@bp.get("/about")
@public
def show() -> str:
    """Say who runs this portal, how they are reached, and what it is not."""
    return render_template("citizen/about/show.html")


@bp.get("/terms")
@public
def terms() -> str:
    """Lead to the operator's 利用規約, or show what holds where there is none."""
    return render_template("citizen/about/terms.html")


@bp.get("/privacy")
@public
def privacy() -> str:
    """Say what is kept, why, how long, and who sees it."""
    settings = services().settings
    days = {"reservation_days": settings.reservation_days, "uses_days": settings.uses_days}
    return render_template("citizen/about/privacy.html", **days)


@bp.get("/accessibility")
@public
def accessibility() -> str:
    """Say what was tried for whom, and what was not."""
    return render_template("citizen/about/accessibility.html")
