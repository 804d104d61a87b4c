"""The slip of a 仮登録: what the citizen takes to the municipal counter."""

from uuid import UUID

from flask import Blueprint, render_template
from flask_babel import gettext as _

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.web.access import services, signed_in
from portal.web.qr import qr

bp = Blueprint("slip", __name__)


@bp.get("/account/slip")
@signed_in
def show(person_id: UUID) -> str:
    """Show the slip of the reservation that holds now, to be printed."""
    slip = services().provisional_registration.slip(person_id)
    if slip is None:
        raise PortalError(Code.RESERVATION_MISSING)
    address = f"{services().settings.origin}/counter#{slip.reservation.receipt_number}"
    picture = qr(address, _("市区町村の窓口で読み取るQRコード"))
    return render_template("citizen/slip/show.html", slip=slip, picture=picture, origin=services().settings.origin)
