"""マイキーID管理テーブル for the staff of a provider: its own links, found, taken out as CSV, and taken off."""

from collections.abc import Iterator

from flask import Blueprint, Response, flash, redirect, render_template, request, stream_with_context, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from portal.domain.codes import Code
from portal.domain.formats.japanese_date import JST
from portal.domain.formats.spreadsheet import BOM, csv_text
from portal.domain.ids.service_id import Reading, read
from portal.domain.reason import read_reason
from portal.models import Staff
from portal.services.providers.management_table import PAGE
from portal.services.record.audit import Event, record
from portal.web.access import one_at_a_time, provider_staff, services
from portal.web.easy_japanese import without_readings
from portal.web.errors import shown_on
from portal.web.problems import Problem, problem_of

bp = Blueprint("management_table", __name__, url_prefix="/provider")


def own(staff: Staff) -> str:
    """Return the one provider that this member of staff ever sees."""
    return staff.service_provider_id or ""


@bp.get("")
@bp.post("")
@provider_staff
def index(staff: Staff) -> str:
    """Show a page of links: the first, or by POST from a place on or by the beginning of a service ID."""
    return _index(staff)


@bp.post("/scan")
@provider_staff
def try_scan(staff: Staff) -> str:
    """Show on the same page what would be kept of a scan; nothing is."""
    return _index(staff, read_here(staff, request.form.get("scan", "")))


def read_here(staff: Staff, came: str) -> Reading:
    """Read a service ID as this provider has them."""
    provider = services().service_providers.known(own(staff))
    return read(provider.picture, provider.check_digit, came)


def _index(staff: Staff, tried: Reading | None = None) -> str:
    provider, after = services().service_providers.known(own(staff)), request.form.get("after", "")
    came, table = request.form.get("typed", ""), services().management_table
    sought = read_here(staff, came)
    beginnings = dict.fromkeys((sought.text, came.strip()))  # UIDs are kept as they are, and so were files once
    pages = ((each, table.page(own(staff), prefix=each, after=after, size=PAGE + 1)) for each in beginnings)
    typed, found = next((page for page in pages if page[1]), (sought.text, []))
    return render_template(
        "providers/management_table/index.html",
        provider=provider,
        links=found[:PAGE],
        more=len(found) > PAGE,
        typed=typed,
        kana=sought.code == Code.SERVICE_ID_IN_KANA,
        after=after,
        reading=tried,
        problem_of=problem_of,
    )


@bp.get("/links.csv")
@provider_staff
@one_at_a_time("export")
def links(staff: Staff) -> Response:
    """Hand all links out for a spreadsheet, batch by batch."""
    record(Event.LINKS_EXPORTED, provider=own(staff), staff=staff.staff_id)
    return csv_file("service-ids", stream_with_context(_all_links(own(staff))))


@bp.post("/link")
@provider_staff
def link(staff: Staff, problem: Problem | None = None) -> str:
    """Show one link, and ask why it is to be taken off."""
    found = services().management_table.link(own(staff), request.form.get("service_id", ""))
    return render_template("providers/management_table/link.html", link=found, problem=problem)


@bp.post("/link/removal")
@provider_staff
@shown_on(link)
def unlink(staff: Staff) -> AnyResponse:
    service_id, reason = request.form.get("service_id", ""), read_reason(request.form.get("reason", ""))
    services().management_table.unlink(own(staff), service_id, reason, staff.staff_id)
    flash(_("連携を解除しました。"))
    return redirect(url_for(".index"), 303)


@bp.get("/figures")
@provider_staff
def figures(staff: Staff) -> str:
    """Show how often what was done and refused, in the last days and in each month, and how the terminals are."""
    table = services().management_table
    shown = {"months": table.months(own(staff)), "count": table.count(own(staff))}
    last_days, terminals = table.at_a_glance(own(staff))
    page = "providers/management_table/figures.html"
    return render_template(page, problem_of=problem_of, figures=last_days, terminals=terminals, **shown)


def csv_file(name: str, lines: Iterator[str]) -> Response:
    """Stream CSV as a file to be saved."""
    day = services().clock().astimezone(JST).strftime("%Y%m%d")
    response = Response(lines, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}-{day}.csv"'
    return response


def _all_links(service_provider_id: str) -> Iterator[str]:
    yield BOM + csv_text([[without_readings(each) for each in (_("サービスID"), _("連携した日時"))]])
    for batch in services().management_table.whole(service_provider_id):
        yield csv_text((each.service_id, f"{each.linked_at.astimezone(JST):%Y-%m-%d %H:%M:%S}") for each in batch)
