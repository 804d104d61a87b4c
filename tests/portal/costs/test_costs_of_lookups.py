"""What look-ups through a terminal's calls cost in SQL statements: any number together what one costs."""

import pytest

from portal.extensions import db
from tests.portal.actors.tablet import sent
from tests.portal.costs.test_costs import cost  # noqa: F401 (a fixture)
from tests.portal.providers.test_terminal_api import calling
from tests.portal.providers.test_terminal_lookups import FOUND, asked, at_desk, call, written  # noqa: F401 (three are fixtures)

PROMISED = {
    "sqlite": {"alone": 6, "of a new process": 9, "refused": 4, "of a stranger": 1},
    "postgresql": {"alone": 7, "of a new process": 9, "refused": 5, "of a stranger": 1},
}
"""Alone: (hold,) know, uses, figure, and three of the chain. A stranger's call reads the terminal, and no card."""


@pytest.mark.parametrize("times", [1, 8, 64])
def test_any_number_together_costs_the_statements_of_one(times, town, app, asked, cost):  # noqa: F811
    works = (asked * times)[:times]
    with app.app_context():
        promised = PROMISED[db.engine.dialect.name]["alone"]
        assert cost(lambda: town.services.lookups.look_up_all(works)) == promised
    assert written(app) == (times, times, times)


def test_a_call_costs_a_fixed_number_of_statements(town, app, at_desk, call, cost):  # noqa: F811
    card, stranger = at_desk[0][0], calling(app.test_client(), "Bearer wrong")
    nobody = town.card("4444DDDD4444DD07202002B")
    counts = {"alone": cost(lambda: call(card)), "refused": cost(lambda: call(nobody))}
    town.services.good_tokens.clear()
    counts["of a new process"] = cost(lambda: call(card))
    counts["of a stranger"] = cost(lambda: stranger("inquiries", certificate=sent(card)))
    with app.app_context():
        assert counts == PROMISED[db.engine.dialect.name]
