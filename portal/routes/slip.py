"""The slip of a 仮登録: what the citizen takes to the municipal counter."""

from uuid import UUID

import segno
from flask import Blueprint, render_template
from flask_babel import gettext as _
from markupsafe import Markup

from portal.domain.errors import PortalError
from portal.routes.access import rooms, signed_in

bp = Blueprint("slip", __name__)


@bp.get("/account/slip")
@signed_in
def show(person_id: UUID) -> str:
    """Show the slip of the reservation that holds now, to be printed."""
    slip = rooms().reservations.slip(person_id)
    if slip is None:
        raise PortalError("reservation-missing")
    address = f"{rooms().settings.origin}/counter/slips/{slip.reservation.receipt_number}"
    return render_template("registration/slip.html", slip=slip, picture=_qr(address), origin=rooms().settings.origin)


def _qr(content: str) -> Markup:
    """Draw a QR code as SVG without a style of its own."""
    code = segno.make_qr(content, error="m")
    svg: str = code.svg_inline(omitsize=True, border=4, svgclass="qr", title=_("窓口で読み取るQRコード"))
    return Markup(svg)  # noqa: S704 - drawn by us; its one text is the portal's own
