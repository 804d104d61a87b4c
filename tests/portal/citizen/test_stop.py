"""停止コード: the public page that answers the same, right or wrong, and tells a typing error."""

import re

import pytest

from portal.domain.formats.stop_code import with_check
from portal.models import Person, StopCode, TryCount
from tests.conftest import VALID
from tests.portal.actors.bridges import Bridge
from tests.portal.actors.card_holders import at_the_forms, completed, message, rows
from tests.portal.actors.pages import Citizen

TOLD = "受け付けました。正しい停止コードなら、マイキーIDは止まっています。"
WRONG = with_check("23456789ABCDEFG")
"""Right in its form, and nobody's."""


@pytest.fixture
def certificate(authority, keys):
    return authority.issue(public_key=keys[0].public_key(), **VALID)


@pytest.fixture
def code(app, certificate):
    """Register, and keep the code that is shown."""
    [citizen] = at_the_forms(app, [certificate])
    return next(word for word in citizen.post("/registration").words.split() if word.count("-") == 3)


def stop(app, code):
    citizen = Citizen(app)
    citizen.get("/stop")
    return citizen.post("/stop", stop_code=code)


def stopped(app):
    return [person.stopped_at is not None for person in rows(app, Person)]


def full_width(code):
    return "".join(chr(ord(each) + 0xFEE0) for each in code)


@pytest.mark.parametrize("typed", [str, str.lower, lambda code: code.replace("-", " "), "　{}　".format, full_width])
def test_the_code_stops_the_person_without_card_or_session_however_it_is_typed(app, code, typed):
    assert message(stop(app, typed(code))) == TOLD
    assert stopped(app) == [True]


@pytest.mark.usefixtures("code")
def test_a_wrong_code_is_told_the_same_and_changes_nothing(app):
    with app.app_context():
        head = app.extensions["mykey"].audit.head()
    assert message(stop(app, WRONG)) == TOLD
    assert (stopped(app), len(rows(app, StopCode))) == ([False], 1)
    with app.app_context():
        assert app.extensions["mykey"].audit.head() == head


@pytest.mark.parametrize("typed", ["", "ABCD-EFGH-JKLM-NPQR", "x" * 5000, "\x00", "1C2410DF79DGEL", "<b>", "UUUU" * 4])
def test_a_typing_error_is_told_in_the_field_and_asks_the_database_nothing(app, typed, statements):
    citizen = Citizen(app)
    citizen.get("/stop")
    with statements() as of_the_page:
        citizen.get("/stop")
    with statements() as seen:
        page = citizen.post("/stop", stop_code=typed)
    assert (page.status, seen) == (422, of_the_page)
    [field] = [each for each in page.all("input") if each.get("name") == "stop_code"]
    assert (field["aria-invalid"], field.get("value", "")) == ("true", typed)
    assert rows(app, TryCount) == []


@pytest.mark.parametrize(("typed", "told"), [("1C24-10DF-79DG-EL", ["いま14文字です"]), ("AB2D-EFGH-JKMM-NPQR", [])])
def test_a_typing_error_in_the_number_of_characters_is_counted(app, typed, told):
    page = stop(app, typed)
    assert re.findall("いま[0-9]+文字です", page.words) == told
    assert "印刷した紙と1文字ずつ比べて" in page.words


def test_a_code_with_one_character_wrong_is_told_though_it_is_somebodys(app, code):
    wrong = ("3" if code[0] == "2" else "2") + code[1:]
    assert stop(app, wrong).status == 422
    assert stopped(app) == [False]
    assert message(stop(app, code)) == TOLD


def test_the_code_is_spent_by_use(app, code, certificate):
    stop(app, code)
    assert not rows(app, StopCode)
    with app.app_context():
        app.extensions["mykey"].stop_codes.resume(completed(app, certificate, "resume"))
    assert stopped(app) == [False]
    assert message(stop(app, code)) == TOLD
    assert stopped(app) == [False]


def test_resuming_makes_a_new_code(app, code, certificate):
    stop(app, code)
    with app.app_context():
        stop_codes = app.extensions["mykey"].stop_codes
        card_session_id = completed(app, certificate, "resume")
        stop_codes.resume(card_session_id)
        new = stop_codes.of(card_session_id)
    stop(app, new)
    assert stopped(app) == [True]


def test_no_row_holds_a_code(app, code):
    assert code.replace("-", "") not in str([vars(row) for row in rows(app, StopCode)])


def test_a_stopped_person_still_signs_in(app, code, certificate, keys, complete):
    stop(app, code)
    page = complete("sign-in", who=Citizen(app), with_bridge=Bridge(app, certificate, keys[0]))
    assert "1C2410DF79DGEL" in page.words


def test_62_ten_codes_a_minute_and_address_then_it_waits_also_for_the_right_one(app, code):
    assert {message(stop(app, WRONG)) for _ in range(10)} == {TOLD}
    page = stop(app, code)
    assert (page.status, page.response.headers["Retry-After"]) == (429, "60")
    assert stopped(app) == [False]


def test_a_code_that_is_no_longer_the_persons_stops_nobody(app, code, certificate):
    with app.app_context():
        app.extensions["mykey"].my_page.cancel_registration(completed(app, certificate, "cancel-registration"))
    assert message(stop(app, code)) == TOLD
    assert stopped(app) == [False]
