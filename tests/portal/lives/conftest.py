import pytest

from tests.portal.lives.acts import Acts


@pytest.fixture
def acts(app, authority, keys):
    acts = Acts(app, authority, keys)
    acts.empty()
    return acts
