"""Reports to the waiting page: in order, never a stale one, and no conversation waits long for a portal."""

import threading
import time

import pytest

from reader_bridge.conversation import reports
from reader_bridge.conversation.reports import Reports
from reader_bridge.errors import PortalRefused
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


def refusing(code):
    def refuse(_told):
        raise PortalRefused(code, "x")

    return Reports(refuse)


def test_a_refusal_is_raised():
    with pytest.raises(PortalRefused):
        refusing("claim-invalid").tell("no-card")


@pytest.mark.parametrize("code", ["rate-limited", "unavailable"])
def test_a_portal_that_is_busy_hears_it_another_time(code):
    refusing(code).tell("no-card")


def test_the_page_is_told_the_protocols_code():
    told = []
    Reports(told.append).tell("another-card")
    assert told == ["card-removed"]


def test_a_portal_that_does_not_answer_is_not_waited_for_and_later_hears_the_newest_alone(slow):
    page, answers, told = slow
    begin = time.monotonic()
    for code in ("no-card", "card-removed", "resolved"):
        page.tell(code)
    assert time.monotonic() - begin < 2
    assert told == ["no-card"]
    answers.set()
    wait_until(lambda: len(told) == 2)
    assert told == ["no-card", "resolved"]
