"""What マイページ, its acts and a renewal cost in SQL statements, whatever the size of the tables."""

import pytest

from tests.portal.actors.town import CHOSEN, HANAKO, LIBRARY, NEW, SHOP, TARO
from tests.portal.costs.test_costs import cost, fill  # noqa: F401 (a fixture)

PROMISED = {
    "carry-over": 16,
    "resume": 16,
    "unlink": 14,
    "link": 21,
    "cancel-reservation": 17,
    "wrong code": 8,
    "code": 42,
    "undo": 30,
    "correspondence": 41,
    "cancel-registration": 27,
}
"""The buttons: a promise, for an act holds the write lock. Pages need only cost the same in full tables."""


@pytest.fixture
def costs(town, cost):  # noqa: F811
    """Count the statements of each page and each button of one life."""

    def of(prefix):
        names = {
            name: (prefix + string)[:14] + string[14:]
            for name, string in {"old": HANAKO, "new": NEW, "newer": TARO}.items()
        }
        old = town.card(names["old"])
        person_id = town.register(old, LIBRARY, SHOP)
        town.do("provisional_registration", "reserve", old, "register", (prefix + CHOSEN)[:14])
        counts = {}

        def get(browser, address):
            return cost(lambda: browser.client.get(address, base_url=browser.base))

        def press(name, browser, address, **fields):
            counts[f"{name}, page"] = get(browser, address)
            form = fields | {"csrf_token": browser.get("/sign-in").csrf_token}
            counts[name] = cost(lambda: browser.client.post(address, base_url=browser.base, data=form))
            counts[f"{name}, result"] = get(browser, address)

        signed_in = town.signed_in(person_id)
        for address in ("/account", "/account/data.json", "/account/cancellation"):
            counts[address] = get(signed_in, address)
        press("carry-over", town.before(old, "carry-over"), "/acts")
        press("resume", town.before(old, "resume"), "/acts")
        press("unlink", town.before(old, "unlink", service_provider_id=SHOP), "/acts")
        asked = {"service_provider_id": SHOP, "service_id": f"{prefix}000123"}
        town.ask(old, *asked.values())
        press("link", town.before(old, "link", **asked), "/acts")
        press("cancel-reservation", town.before(old, "cancel-reservation"), "/acts")
        code = town.code_of(old)
        new = town.renewed(names["new"])
        press("wrong code", town.before(new, "renew"), "/renewal", way="code", carry_over_code="WRONG")
        press("code", town.before(new, "renew"), "/renewal", way="code", carry_over_code=code)
        press("undo", town.before(old, "renew"), "/renewal", way="undo")
        newer = town.renewed(names["newer"])
        town.register(newer)
        town.correspond(old, newer)
        press("correspondence", town.before(newer, "renew"), "/renewal", way="correspondence")
        press("cancel-registration", town.before(newer, "cancel-registration"), "/acts")
        return counts

    return of


def test_each_act_costs_the_same_in_full_tables(app, costs):
    empty = costs("A")
    assert {name: empty[name] for name in PROMISED} == PROMISED
    fill(app, 2000)
    assert costs("B") == empty
