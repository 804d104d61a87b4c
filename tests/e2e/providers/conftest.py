import pytest

from tests.e2e.staff import portal  # noqa: F401 (a fixture)
from tests.e2e.tablets import TOUCH, Tablet
from tests.portal.providers.conftest import card  # noqa: F401 (a fixture)


@pytest.fixture
def tablet(portal, town, new_browser):  # noqa: F811
    return Tablet(portal, town, new_browser(portal, **TOUCH).new_page())
