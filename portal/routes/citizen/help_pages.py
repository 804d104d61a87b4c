"""The help: the documents, for who reads them."""

from flask import Blueprint, Response, render_template, send_from_directory

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.web import documents
from portal.web.access import public
from portal.web.language import language_code

bp = Blueprint("help", __name__, url_prefix="/help")


@bp.get("")
@public
def index() -> str:
    """List the documents by their readers, each with a sentence."""
    titles = {name: documents.document(name, language_code()).title for name in documents.names()}
    return render_template(
        "citizen/help/index.html", readers=documents.READERS, titles=titles, subjects=documents.SUBJECTS
    )


@bp.get("/<name>")
@public
def show(name: str) -> str:
    """Show a document in the reader's language. Raises PortalError not-found."""
    if name not in documents.names():
        raise PortalError(Code.NOT_FOUND)
    document = documents.document(name, language_code())
    return render_template("citizen/help/show.html", name=name, document=document, description=documents.SUBJECTS[name])


@bp.get("/pictures/<file>")
@public
def picture(file: str) -> Response:
    """Send a picture of the documents."""
    return send_from_directory(documents.FOLDER / "pictures" / "help", file)
