"""証明書表示: the certificate just read, or one in a file that is shown and kept nowhere."""

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from uuid import UUID

from flask import Blueprint, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.domain.formats.japanese_date import JST
from portal.pki.certificate import MAX_BYTES, UnverifiedCertificate, der_of
from portal.pki.errors import CertificateMalformed
from portal.pki.facts import Facts
from portal.routes.card.certificate_rows import as_file, basic, detailed, evidence
from portal.services.card.certificate_viewer import Shown
from portal.web.access import browser, card_read, flow, public, services, staff_of_session
from portal.web.problems import problem_of

bp = Blueprint("certificates", __name__)


@bp.get("/registration/certificate")
@card_read
def on_card(card_session_id: UUID) -> str:
    """Show the certificate that was read from the card."""
    der = services().certificate_viewer.on_card(card_session_id)
    return _page(der, ask="check" in request.args, carried=False, may_ask=True)


@bp.get("/registration/certificate/file")
@card_read
def file_on_card(card_session_id: UUID) -> Response:
    """ファイル出力 of the certificate that was read from the card."""
    return _file(services().certificate_viewer.on_card(card_session_id), request.args.get("format"))


@bp.get("/certificate")
@public
def choose() -> str:
    """Offer to read a card, or to choose a file."""
    return render_template("card/certificate_viewer/choose.html", error=None, shown="shown" in request.args)


@bp.get("/certificate/card")
@browser
def once() -> str | Response:
    """Show the certificate on a card that was read for this alone; the answer is all that becomes of it."""
    try:
        der, shown = services().certificate_viewer.show_once(session.get("shown"), flow(), ask=_has_source())
        del session["shown"]
    except PortalError as error:
        if error.code != Code.CARD_SESSION_ENDED:
            raise
        return redirect(url_for(".choose", shown="yes"), 303)
    return _rendered(der, shown, asked=False, carried=True, may_ask=_is_staff())


@bp.post("/certificate")
@public
def show() -> str | tuple[str, int]:
    """Show the certificate in a file; the answer is all that becomes of it, and its status is told to staff alone."""
    try:
        if content := _content():
            ask = "check" in request.form and _is_staff()
            return _page(der_of(content), ask=ask, carried=True, may_ask=_is_staff())
        return _refused(_("ファイルを選んでください。"))
    except CertificateMalformed:
        return _refused(_("電子証明書として読み取れません。DERかPEMの形式で、8KiBまでのファイルを選んでください。"))


@bp.post("/certificate/file")
@public
def file() -> Response:
    """ファイル出力 of the certificate that the page carries."""
    return _file(_content(), request.form.get("format"))


def _content() -> bytes:
    """Return the file that was chosen, or the certificate that the shown page sends back."""
    if chosen := request.files.get("file"):
        return bytes(chosen.read(MAX_BYTES + 1))
    try:
        return b64decode(request.form.get("certificate", ""), validate=True)
    except (NotBase64, ValueError):
        raise CertificateMalformed("not base64") from None


def _refused(error: str) -> tuple[str, int]:
    return render_template("card/certificate_viewer/choose.html", error=error), 422


def _page(der: bytes, *, ask: bool, carried: bool, may_ask: bool) -> str:
    shown = services().certificate_viewer.show(der, ask=ask and _has_source())
    return _rendered(der, shown, asked=ask, carried=carried, may_ask=may_ask)


def _has_source() -> bool:
    return services().settings.revocation == "crl"


def _is_staff() -> bool:
    """Tell whether staff look: a file proves nobody its holder, and who was revoked is nobody else's business."""
    return "staff_id" in session and bool(staff_of_session())


def _rendered(der: bytes, shown: Shown, *, asked: bool, carried: bool, may_ask: bool) -> str:
    """Show what was found; a page that carries its certificate goes on with it, and nobody keeps it."""
    return render_template(
        "card/certificate_viewer/show.html",
        basic=basic(shown.facts),
        detailed=detailed(shown.facts),
        checks=[(check, evidence(check)) for check in shown.checks],
        refusal=next((problem_of(check.code) for check in shown.checks if check.code), None),
        status=shown.status.value,
        asked=asked,
        may_ask=may_ask,
        carried=b64encode(der).decode() if carried else "",
    )


def _file(der: bytes, file_format: str | None) -> Response:
    certificate = UnverifiedCertificate.decode(der)
    text = file_format != "der"
    response = make_response(as_file(Facts.of(certificate)) if text else certificate.der)
    response.content_type = "text/plain; charset=utf-8" if text else "application/pkix-cert"
    name = f"CertUserAuth{services().clock().astimezone(JST):%Y%m%d%H%M%S}.{'txt' if text else 'cer'}"
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    return response
