"""Bulk import for the staff of a provider: a file is loaded, tried with a report of each refused line, and confirmed.

Trying and importing are streamed, so that the page shows how far they are.
"""

from collections.abc import Iterator
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request, stream_template, stream_with_context, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response as AnyResponse

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.domain.formats.link_file import LinkLine
from portal.domain.formats.spreadsheet import BOM, csv_text
from portal.models import LinkFile, Staff
from portal.routes.providers.management_table import csv_file, own
from portal.services.providers.link_import import LARGEST, ImportReport
from portal.web.access import one_at_a_time, provider_staff, services
from portal.web.easy_japanese import without_readings
from portal.web.problems import problem_of

bp = Blueprint("bulk_import", __name__, url_prefix="/provider/imports")
OF_A_FILE = (Code.LINK_FILE_MALFORMED, Code.LINK_FILE_TOO_LARGE)
LISTED_LINES = 100
"""Lines of a kind that the page lists; the file of the trial has all."""


@bp.get("")
@provider_staff
def index(staff: Staff) -> str:
    """Show the files that wait or were imported, and offer to load one."""
    return _index(staff)


@bp.post("")
@provider_staff
@one_at_a_time("import")
def load(staff: Staff) -> AnyResponse | tuple[str, int]:
    """Keep a file to be tried."""
    file = request.files.get("file")
    content = file.stream.read(LARGEST + 1) if file else b""
    try:
        kept = services().link_files.load(own(staff), (file and file.filename) or "", content, staff.staff_id)
    except PortalError as error:
        if error.code not in OF_A_FILE:
            raise
        return _index(staff, problem=problem_of(error.code)), problem_of(error.code).status
    return redirect(url_for(".show", file_id=kept.file_id), 303)


@bp.get("/<uuid:file_id>")
@provider_staff
@one_at_a_time("import")
def show(staff: Staff, file_id: UUID) -> Response:
    """Try the file, and show what an import would do; or that it was imported."""
    file, report = services().link_files.file(own(staff), file_id), ImportReport()
    steps = iter(()) if file.imported_at else services().link_files.try_out(file, report)
    return _streamed(file, report, steps, imported=file.imported_at is not None)


@bp.post("/<uuid:file_id>")
@provider_staff
@one_at_a_time("import")
def bring_in(staff: Staff, file_id: UUID) -> Response:
    """Import the file, whole or not at all; pressed again, it shows the same."""
    file, report = services().link_files.file(own(staff), file_id), ImportReport()
    steps = iter(()) if file.imported_at else services().link_files.bring_in(file, staff.staff_id, report)
    return _streamed(file, report, steps, imported=True)


@bp.get("/<uuid:file_id>/trial.csv")
@provider_staff
@one_at_a_time("import")
def trial(staff: Staff, file_id: UUID) -> Response:
    """Hand out for a spreadsheet what became of each line."""
    file = services().link_files.file(own(staff), file_id)
    return csv_file("trial", stream_with_context(_tried_lines(file)))


@bp.post("/<uuid:file_id>/discarding")
@provider_staff
def discard(staff: Staff, file_id: UUID) -> AnyResponse:
    services().link_files.discard(own(staff), file_id, staff.staff_id)
    return redirect(url_for(".index"), 303)


def _index(staff: Staff, **facts: object) -> str:
    allowed = services().service_providers.known(own(staff)).typed_mykey_ids
    files = services().link_files.all(own(staff))
    return render_template(
        "providers/link_import/index.html", allowed=allowed, files=files, largest=LARGEST >> 20, **facts
    )


def _streamed(file: LinkFile, report: ImportReport, steps: Iterator[int], *, imported: bool) -> Response:
    generate_csrf()  # into the session, which is written before the page is
    page = stream_template(
        "providers/link_import/show.html",
        file=file,
        loader=services().staff.name_of(file.loaded_by),
        report=report,
        steps=steps,
        imported=imported,
        problem_of=problem_of,
        shown=LISTED_LINES,
    )
    return Response(page, headers={"X-Accel-Buffering": "no"})


def _tried_lines(file: LinkFile) -> Iterator[str]:
    report = ImportReport()
    heads = (_("行"), _("ファイルの内容"), _("マイキーID"), _("サービスID"), _("内容"), _("エラーコード"))
    yield BOM + csv_text([[without_readings(each) for each in heads]])
    for _percent in services().link_files.try_out(file, report):
        yield csv_text(
            (line.number, line.came, line.mykey_id, line.service_id, without_readings(_told(line)), line.code or "")
            for line in report.batch
        )


def _told(line: LinkLine) -> str:
    """Say what becomes of a line."""
    if line.code:
        return str(problem_of(line.code).title)
    return str(_("直して取り込みます。") if line.is_folded else _("そのまま取り込みます。"))
