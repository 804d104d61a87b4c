"""Reports to the waiting page: in order, never a stale one, and no conversation waits long for a portal."""

import threading
import time

import pytest

from reader_bridge.conversation import reports
from reader_bridge.conversation.reports import Reports
from reader_bridge.errors import PortalRefused, PortalUnreachable
from tests.waiting import wait_until


@pytest.fixture
def slow(monkeypatch):
    """Have a portal answer the first report only when it is let."""
    monkeypatch.setattr(reports, "PATIENCE", 0.1)
    answers, told = threading.Event(), []

    def post(code):
        told.append(code)
        answers.wait(10)

    yield Reports(post), answers, told
    answers.set()


def test_a_report_is_made_when_it_returns():
    told = []
    Reports(told.append).tell("no-card")
    assert told == ["no-card"]


def test_what_the_portal_says_is_raised():
    def refuse(_code):
        raise PortalRefused("claim-invalid", "x")

    with pytest.raises(PortalRefused):
        Reports(refuse).tell("no-card")


def test_a_portal_that_does_not_answer_is_not_waited_for_and_later_hears_the_newest_alone(slow):
    page, answers, told = slow
    begin = time.monotonic()
    for code in ("no-card", "card-removed", "resolved"):
        with pytest.raises(PortalUnreachable):
            page.tell(code)
    assert time.monotonic() - begin < 2
    assert told == ["no-card"]
    answers.set()
    wait_until(lambda: len(told) == 2)
    assert told == ["no-card", "resolved"]
