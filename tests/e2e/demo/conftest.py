import pytest

from tests.e2e.browser import Watch, new_context
from tests.e2e.demo.newcomer import Newcomer
from tests.e2e.demo.running import RunningDemo


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """Run one demo for all journeys that leave its cards as they were."""
    with RunningDemo(tmp_path_factory.mktemp("demo")) as running:
        yield running


@pytest.fixture
def newcomer_at(chromium):
    """Make somebody with a fresh browser at a running demo."""
    opened = []

    def make(running, language="ja"):
        context = new_context(chromium, locale=language)
        watch = Watch(context)
        newcomer = Newcomer(context, running.origin)
        opened.append((newcomer, watch))
        return newcomer

    yield make
    for newcomer, watch in opened:
        newcomer.context.close()
        watch.check(newcomer.ports)


@pytest.fixture
def newcomer(newcomer_at, demo):
    return newcomer_at(demo)
