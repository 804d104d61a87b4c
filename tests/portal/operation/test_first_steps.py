"""The operator's first steps: each state is found anew, from nothing to the first tap."""

from tests.portal.actors.town import LIBRARY

LATER = ("second", "terminal", "tap")


def states(operator, forwarded=None):
    """Return the state of each step by its name, as the page has it in the class of its line."""
    page = operator.get("/operator/first-steps", **({"X-Forwarded-For": forwarded} if forwarded else {}))
    steps = [each["id"] for each in page.all("li") if "first-step" in each.get("class", "")]
    classes = [each.get("class", "") for each in page.all("p")]
    marks = [each.rpartition("--")[2] for each in classes if "first-step__state" in each]
    return dict(zip(steps, marks, strict=True))


def test_a_new_portal_has_a_passkey_and_the_rest_before_it(operator):
    found = states(operator)
    assert found["passkey"] == "done"
    assert found["trust"] == "look"  # the authority of the tests is none for production
    assert [found[each] for each in LATER] == ["to-do"] * 3


def test_after_the_first_tap_nothing_is_left_of_library_terminal_and_tap(operator, town):
    assert states(operator)["provider"] == "done"
    town.register(town.card(), LIBRARY)
    assert states(operator)["tap"] == "done"


def test_the_address_is_done_only_by_as_many_proxies_as_are_trusted(operator):
    assert states(operator)["address"] == "look"
    assert states(operator, "203.0.113.9")["address"] == "look"


def test_nobody_else_sees_them(clerk, citizen):
    assert clerk.get("/operator/first-steps").status == 403
    assert citizen.get("/operator/first-steps").status == 403
