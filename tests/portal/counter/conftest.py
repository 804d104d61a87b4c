import pytest

from tests.portal.actors.at_counter import NEW_NAME


@pytest.fixture
def old(counter_town):
    return counter_town.card()


@pytest.fixture
def renewed(counter_town):
    return counter_town.reissued(NEW_NAME)
