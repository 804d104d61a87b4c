"""Correspondence files: one operator loads, another looks at what it would do and confirms."""

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.models import Staff
from portal.services.counter.correspondence_files import LARGEST, CorrespondenceMalformed
from portal.web.access import operator, services
from portal.web.problems import problem_of

bp = Blueprint("correspondence", __name__, url_prefix="/correspondence")


@bp.get("")
@operator
def index(staff: Staff) -> str:
    """Show the files that wait, and offer to load one."""
    return render_template(
        "counter/correspondence_files/index.html", staff=staff, waiting=services().correspondence_files.waiting()
    )


@bp.post("")
@operator
def load(staff: Staff) -> Response | tuple[str, int]:
    """Keep a file for another operator; a malformed one is refused whole, with the number of its line."""
    file = request.files.get("file")
    content = file.stream.read(LARGEST + 1) if file else b""
    try:
        kept = services().correspondence_files.load(staff.staff_id, (file and file.filename) or "", content)
    except CorrespondenceMalformed as error:
        waiting, problem = services().correspondence_files.waiting(), problem_of(error.code)
        page = "counter/correspondence_files/index.html"
        return render_template(page, staff=staff, waiting=waiting, problem=problem, line=error.line), 422
    flash(_("ファイルを読み込みました。まだ何も変わっていません。別の運営者が承認します。"))
    return redirect(url_for(".show", file_id=kept.file_id), 303)


@bp.get("/<uuid:file_id>")
@operator
def show(staff: Staff, file_id: UUID) -> str:
    """Show what confirming would do: the dry run."""
    file, report = services().correspondence_files.report(file_id)
    refused = [(line, problem_of(code)) for line, code in sorted(report.refused.items())[:100]]
    loader = services().staff.name_of(file.loaded_by)
    return render_template(
        "counter/correspondence_files/show.html", staff=staff, file=file, report=report, refused=refused, loader=loader
    )


@bp.post("/<uuid:file_id>/confirmation")
@operator
def confirm(staff: Staff, file_id: UUID) -> Response:
    """Let the sound lines hold."""
    services().correspondence_files.confirm(file_id, staff.staff_id)
    flash(_("ファイルを承認しました。新しいカードの持ち主が、自分で引き継げます。"))
    return redirect(url_for(".index"), 303)


@bp.post("/<uuid:file_id>/discarding")
@operator
def discard(staff: Staff, file_id: UUID) -> Response:
    services().correspondence_files.discard(file_id, staff.staff_id)
    flash(_("ファイルを取り下げました。"))
    return redirect(url_for(".index"), 303)
