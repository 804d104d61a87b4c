import pytest

from tests.e2e.staff import portal  # noqa: F401 (a fixture)
from tests.e2e.tablets import TOUCH, Tablet


@pytest.fixture
def card(town):
    card = town.card()
    town.register(card)
    return card


@pytest.fixture
def tablet(portal, town, new_browser):  # noqa: F811
    return Tablet(portal, town, new_browser(portal, **TOUCH).new_page())
