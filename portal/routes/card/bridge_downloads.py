"""Getting the bridge: the page that leads to it, and its installers."""

from flask import Blueprint, render_template, send_file
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from portal.web.access import public, services
from portal.web.visitor import system

bp = Blueprint("bridge", __name__)
SYSTEMS = ("windows", "macos", "linux")


@bp.get("/bridge")
@public
def show() -> str:
    """Say what the bridge is and how to get it, the visitor's system first; offer to try it without a card."""
    mine, offered = system(), services().downloads.all()
    systems = {name: [each for each in offered if each.kind.system == name] for name in SYSTEMS}
    ordered = sorted(systems.items(), key=lambda item: item[0] != mine)
    return render_template("card/bridge/show.html", systems=ordered, mine=mine)


@bp.get("/bridge/<file>")
@public
def download(file: str) -> Response:
    """Send an installer on offer, whole: the server sends an open file by itself, while a range keeps its thread."""
    found = services().downloads.open(file)
    if found is None:
        raise NotFound
    offered, opened = found
    response = send_file(
        opened, "application/octet-stream", as_attachment=True, download_name=file, etag=offered.sha256
    )
    response.accept_ranges = "none"
    if response.status_code == 200:  # noqa: PLR2004 - and not 304
        response.content_length = offered.size
    return response
