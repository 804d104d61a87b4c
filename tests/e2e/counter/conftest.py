import pytest

from tests.e2e.staff import portal  # noqa: F401 (a fixture)
from tests.portal.actors.at_counter import Town


@pytest.fixture
def town(portal, authority, keys, clock):  # noqa: F811
    return Town(portal.app, authority, keys, clock)
