import pytest

from tests.portal.actors.tablet import Tablet


@pytest.fixture
def card(town):
    """Give a card that is registered."""
    card = town.card()
    town.register(card)
    return card


@pytest.fixture
def tablet(town):
    return Tablet(town)


@pytest.fixture
def context(town):
    """Let a test call services as a request does."""
    with town.app.test_request_context(method="POST"):
        yield
