"""What each act costs in SQL statements, whatever the size of the tables."""

import pytest

from tests.portal.bridges import Bridge
from tests.portal.pages import Citizen

TRANSACTION = ("BEGIN", "SAVEPOINT", "RELEASE")


@pytest.fixture
def cost(statements):
    """Count the statements of an act but for the words of a transaction."""

    def of(act):
        with statements() as seen:
            act()
        return len([statement for statement in seen if not statement.startswith(TRANSACTION)])

    return of


def test_the_acts_of_a_registration_cost_a_fixed_number_of_statements(app, card, cost):
    citizen, bridge, found = Citizen(app), Bridge(app, *card), {}
    client, base = citizen.client, citizen.base
    token = citizen.get("/register").csrf_token
    form = {"csrf_token": token, "purpose": "register", "agree": "yes"}

    def start():
        found["waiting"] = client.post("/card-sessions", base_url=base, data=form).headers["Location"]

    counts = {"start": cost(start)}
    page = citizen.get(found["waiting"])
    counts["poll"] = cost(lambda: client.get(page.value("hx-get"), base_url=base))
    counts["claim"] = cost(lambda: bridge.claim(page))
    counts["failure"] = cost(lambda: bridge.fail("no-card"))
    counts["answer"] = cost(lambda: found.update(bridge.answer().json))
    code = found["completion_url"].partition("#")[2]
    counts["complete"] = cost(lambda: client.post("/completion", base_url=base, data={"code": code}))
    token = citizen.get("/registration?first=yes").csrf_token
    counts["register"] = cost(lambda: client.post("/registration", base_url=base, data={"csrf_token": token}))
    counts["account"] = cost(lambda: client.get("/account", base_url=base))
    counts["static"] = cost(lambda: client.get("/static/css/portal.css", base_url=base).close())
    assert counts == {
        "start": 3,
        "poll": 2,
        "claim": 1,
        "failure": 1,
        "answer": 2,
        "complete": 5,
        "register": 21,
        "account": 8,
        "static": 0,
    }
