"""Who may do what at the counter: each address of staff, and what each visitor gets there."""

from uuid import UUID

import pytest

from portal.domain.roles import Role
from tests.conftest import sqlite_alone as database  # noqa: F401 (a fixture)
from tests.portal.actors.at_counter import OLD_NAME
from tests.portal.actors.pages import Citizen
from tests.portal.actors.staff import signed_in_staff

NOBODY = UUID(int=0)
WHO = ("nobody", "citizen", "clerk", "operator", "suspended")
CLERKS = (403, 403, 200, 403, 403)
OPERATORS = (403, 403, 403, 200, 403)
ANY_STAFF = (403, 403, 200, 200, 403)


def unless(status, *, row):
    """Return the row for an act that is refused by what it is about, once the visitor may try."""
    return tuple(status if each == 200 else each for each in row)


TABLE = {
    ("GET", "/staff"): ANY_STAFF,
    ("GET", "/counter"): CLERKS,
    ("POST", "/counter"): CLERKS,
    ("GET", "/counter/guide"): CLERKS,
    ("POST", "/counter/visits"): unless(404, row=CLERKS),
    ("GET", "/counter/visits/{visit}"): CLERKS,
    ("GET", "/counter/visits/{visit}/state"): CLERKS,
    ("POST", "/counter/visits/{visit}/cancellation"): unless(403, row=CLERKS),
    ("POST", "/counter/visits/{visit}/cards"): unless(400, row=CLERKS),
    ("POST", "/counter/visits/{visit}/completion"): unless(422, row=CLERKS),
    ("POST", "/counter/visits/{visit}/identity"): unless(422, row=CLERKS),
    ("POST", "/counter/visits/{visit}/rewriting"): unless(404, row=CLERKS),
    ("POST", "/counter/visits/{visit}/resumption"): unless(422, row=CLERKS),
    ("POST", "/counter/visits/{visit}/stop"): unless(403, row=CLERKS),
    ("GET", "/reviews"): CLERKS,
    ("POST", "/reviews"): unless(422, row=CLERKS),
    ("GET", "/correspondence"): OPERATORS,
    ("POST", "/correspondence"): unless(422, row=OPERATORS),
    ("GET", f"/correspondence/{NOBODY}"): unless(404, row=OPERATORS),
    ("POST", f"/correspondence/{NOBODY}/confirmation"): unless(404, row=OPERATORS),
    ("POST", f"/correspondence/{NOBODY}/discarding"): unless(404, row=OPERATORS),
}


@pytest.fixture
def visitor(request, app, counter_town, complete):
    """Give the browser of somebody, on a page with a form."""
    if request.param == "nobody":
        browser = Citizen(app)
    elif request.param == "citizen":
        complete("sign-in", who=(browser := Citizen(app)))
    else:
        role = Role.OPERATOR if request.param == "operator" else Role.CLERK
        browser = signed_in_staff(app, roles=(role,))
    browser.get("/sign-in")
    if request.param == "suspended":
        with app.app_context():
            counter_town.services.staff.suspend(browser.staff_id)
    return browser


@pytest.mark.parametrize("visitor", WHO, indirect=True)
@pytest.mark.parametrize("row", TABLE, ids=" ".join)
def test_who_may_what(request, counter_town, visitor, row):
    who = request.node.callspec.params["visitor"]
    counter_town.register(counter_town.card())
    with counter_town.app.app_context():
        [found] = counter_town.services.visits.search(OLD_NAME[:14])
        visit = counter_town.services.visits.open(NOBODY, found.person.person_id, for_reservation=False)
        address = row[1].format(visit=visit.visit_number)
    part = {"HX-Request": "true"} if address.endswith("/state") else {}
    page = visitor.get(address, **part) if row[0] == "GET" else visitor.post(address)
    assert page.status == TABLE[row][WHO.index(who)]


def test_the_table_has_every_address_of_staff(app):
    staff = ("/counter", "/reviews", "/correspondence")
    there = {
        (method, rule.rule.replace("<visit_number>", "{visit}").replace("<uuid:file_id>", str(NOBODY)))
        for rule in app.url_map.iter_rules()
        for method in rule.methods & {"GET", "POST"}
        if rule.rule.startswith(staff)
    }
    said = {(method, address.replace("K7QF4PXWABCD", "<receipt_number>")) for method, address in TABLE}
    assert there == said - {("GET", "/staff")}


@pytest.mark.parametrize("row", [row for row in TABLE if row[0] == "POST"], ids=" ".join)
def test_a_form_of_staff_without_its_token_is_refused(app, row):
    clerk = signed_in_staff(app, roles=(Role.CLERK, Role.OPERATOR))
    answer = clerk.client.post(row[1], base_url=clerk.base)
    assert answer.status_code == 400
