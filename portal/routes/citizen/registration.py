"""マイキーIDの登録: the draft's two forms on one page, reached with the card read and the PIN verified."""

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from portal.domain.codes import Code
from portal.domain.errors import AskAgain
from portal.domain.ids.mykey_id import LENGTH, fold_id, problem_of_id
from portal.domain.limits import TAKEN
from portal.services.citizen.registration import Preview
from portal.web.access import caller, card_read, counted, services, sign_in_citizen
from portal.web.problems import problem_of

bp = Blueprint("registration", __name__)
LONGEST = 64
"""So much of what was typed is shown again."""


@bp.get("/registration")
@card_read
def show(card_session_id: UUID) -> str | Response:
    """Ask whose card this is, show both forms, and after the button what became of it."""
    preview = services().registration.preview(card_session_id)
    if preview is None:
        return _outcome(card_session_id)
    if preview.new and "first" not in request.args:
        return render_template("citizen/registration/question.html")
    return _forms(preview)


@bp.post("/registration")
@card_read
def register(card_session_id: UUID) -> Response:
    """Carry out form (1): 登録."""
    services().registration.register(card_session_id)
    sign_in_citizen(card_session_id)
    return redirect(url_for(".show"), 303)


@bp.post("/registration/reservation")
@card_read
def reserve(card_session_id: UUID) -> Response:
    """Carry out form (2): 仮登録; an ID that cannot be had is asked for again."""
    typed = request.form.get("mykey_id", "")
    _count_question(card_session_id, typed)
    try:
        services().provisional_registration.reserve(card_session_id, typed)
        sign_in_citizen(card_session_id)
    except AskAgain as error:
        session["refused"] = {"typed": typed[:LONGEST], "code": error.code}
    return redirect(url_for(".show", first="yes"), 303)


@bp.post("/registration/check")
@card_read
def check(card_session_id: UUID) -> str:
    """Answer what is typed, live, with the function that guards saving; not who has an ID, nor without end.

    By POST, as all that names an ID: an address stays in the history of a browser and the log of a proxy.
    """
    typed, refused = request.form.get("mykey_id", ""), _refused()
    if typed == refused["typed"]:  # asked by every page that loads, which shows the answer already
        return _checked(fold_id(typed), refused["code"] and Code(refused["code"]))
    _count_question(card_session_id, typed)
    return _checked(*services().provisional_registration.check(card_session_id, typed))


def _count_question(card_session_id: UUID, typed: str) -> None:
    """Count what tells whether somebody has an ID, asked live or by the form; a malformed one tells nothing."""
    if problem_of_id(fold_id(typed)) is None:
        counted(TAKEN, services().card_sessions.card(card_session_id), caller())


def _checked(mykey_id: str, code: Code | None) -> str:
    problem = problem_of(code) if code else None
    facts = {"folded": mykey_id[:LONGEST], "missing": LENGTH - len(mykey_id)}
    return render_template("citizen/registration/_check.html", problem=problem, **facts)


def _refused() -> dict[str, Any]:
    """Return what was typed into form (2) and refused last, with the code; an empty text where nothing was."""
    refused: dict[str, Any] = session.get("refused", {"typed": "", "code": None})
    return refused


def _forms(preview: Preview) -> str:
    """Show both forms, with what is there already and what was refused."""
    record = services().my_page.record(preview.person_id) if preview.person_id else None
    refused, now, period = _refused(), services().clock(), services().provisional_registration.reservation_period
    return render_template(
        "citizen/registration/show.html",
        preview=preview,
        reservation=record and record.reservation(now),
        displaced=record and record.displaced,
        may_change_from=record and record.may_change_from(now, period),
        reservation_days=period.days,
        typed=refused["typed"],
        folded=fold_id(refused["typed"]),
        missing=LENGTH - len(fold_id(refused["typed"])),
        problem=problem_of(Code(refused["code"])) if refused["code"] else None,
    )


def _outcome(card_session_id: UUID) -> str | Response:
    """Show what the button did; the slip or the ID may have gone its way since."""
    person_id, reserved = services().registration.outcome(card_session_id)
    words = {"stop_code": services().stop_codes.of(card_session_id), "origin": services().settings.origin}
    reservation = services().people.active_reservation(person_id)
    if reserved and reservation:
        return render_template("citizen/registration/reserved.html", reservation=reservation, **words)
    if current := services().people.current_id(person_id):
        return render_template("citizen/registration/registered.html", current=current, **words)
    return redirect(url_for("account.show"), 303)
