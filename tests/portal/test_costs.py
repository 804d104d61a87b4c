"""What each act costs in SQL statements, whatever the size of the tables."""

import pytest

from portal.models import Visit
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
    token = citizen.get("/registration").csrf_token
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


def test_the_acts_at_the_counter_cost_a_fixed_number_of_statements(town, clock, cost):
    old, new, desk, counts = town.card(), town.reissued(), None, {}
    town.register(old)
    receipt = town.reserve(old)
    clock.forward(days=1)
    desk = town.clerk()
    client, base = desk.browser.client, desk.browser.base

    def post(address, **fields):
        return client.post(address, base_url=base, data={"csrf_token": desk.browser.page.csrf_token} | fields)

    def read(purpose, card):
        bridge = Bridge(town.app, *card)
        bridge.claim(desk.begin(purpose))
        code = bridge.answer().json["completion_url"].partition("#")[2]
        counts[purpose] = cost(lambda: client.post("/completion", base_url=base, data={"code": code}))

    counts["search"] = cost(lambda: client.get(f"/counter?typed={receipt}", base_url=base))
    desk.open(receipt)
    counts["visit"] = cost(lambda: client.get(desk.visit, base_url=base))
    read("before", old)
    read("after", new)
    page = desk.look()
    counts["look"] = cost(lambda: client.get(desk.visit, base_url=base))
    counts["complete"] = cost(
        lambda: desk.browser.client.post(
            f"{desk.visit}/completion",
            base_url=base,
            data={"csrf_token": page.csrf_token, "reason": "x", "serial_number": f"{new[0].serial_number:x}"},
        )
    )
    desk.look()
    person_id = town.rows(Visit)[0].person_id
    counts["open"] = cost(lambda: post("/counter/visits", **{"person_id": person_id, "for": "renewal"}))
    assert counts == {"search": 6, "visit": 7, "before": 14, "after": 10, "look": 7, "complete": 31, "open": 6}
