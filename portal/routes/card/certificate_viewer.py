"""証明書表示: the certificate just read, or one in a file that is shown and kept nowhere."""

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, request
from flask_babel import gettext as _

from portal.domain.formats.japanese_date import JST
from portal.pki.certificate import MAX_BYTES, UnverifiedCertificate, der_of
from portal.pki.errors import CertificateMalformed
from portal.pki.facts import Facts
from portal.routes.card.certificate_rows import as_file, basic, detailed, evidence
from portal.web.access import card_read, public, services
from portal.web.problems import problem_of

bp = Blueprint("certificates", __name__)


@bp.get("/registration/certificate")
@card_read
def on_card(card_session_id: UUID) -> str:
    """Show the certificate that was read from the card."""
    return _page(services().certificate_viewer.on_card(card_session_id), ask="check" in request.args)


@bp.get("/registration/certificate/file")
@card_read
def file_on_card(card_session_id: UUID) -> Response:
    """ファイル出力 of the certificate that was read from the card."""
    return _file(services().certificate_viewer.on_card(card_session_id), request.args.get("format"))


@bp.get("/certificate")
@public
def choose() -> str:
    """Ask for a file."""
    return render_template("card/certificate_viewer/choose.html", error=None)


@bp.post("/certificate")
@public
def show() -> str | tuple[str, int]:
    """Show the certificate in a file; the answer is all that becomes of it."""
    try:
        if content := _content():
            return _page(der_of(content), ask="check" in request.form, uploaded=True)
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


def _page(der: bytes, *, ask: bool, uploaded: bool = False) -> str:
    shown = services().certificate_viewer.show(der, ask=ask and services().settings.revocation == "crl")
    return render_template(
        "card/certificate_viewer/show.html",
        basic=basic(shown.facts),
        detailed=detailed(shown.facts),
        checks=[(check, evidence(check)) for check in shown.checks],
        refusal=next((problem_of(check.code) for check in shown.checks if check.code), None),
        status=shown.status.value,
        asked=ask,
        uploaded=b64encode(der).decode() if uploaded else "",
    )


def _file(der: bytes, file_format: str | None) -> Response:
    certificate = UnverifiedCertificate.decode(der)
    text = file_format != "der"
    response = make_response(as_file(Facts.of(certificate)) if text else certificate.der)
    response.content_type = "text/plain; charset=utf-8" if text else "application/pkix-cert"
    name = f"CertUserAuth{services().clock().astimezone(JST):%Y%m%d%H%M%S}.{'txt' if text else 'cer'}"
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    return response
