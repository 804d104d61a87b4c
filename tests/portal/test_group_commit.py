"""What several threads ask at once: done in one act, in the order in which it came, and each with its own outcome."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Event

import pytest
from sqlalchemy.exc import OperationalError

from portal import group_commit as module
from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.group_commit import AT_ONCE, Batches
from tests.waiting import wait_until

BAD, AWAY = "bad", "away"


class Gate:
    """Does works, once it is open; keeps which were done together."""

    def __init__(self):
        self.open, self.begun, self.done = Event(), Event(), []
        self.error = OperationalError("SELECT", {}, Exception())

    def __call__(self, works):
        self.begun.set()
        assert self.open.wait(20)
        if AWAY in works:
            self.done.append("away")
            raise self.error
        if BAD in works:
            raise ValueError(BAD)
        self.done.append(list(works))
        return [f"{work} done" for work in works]


@pytest.fixture
def gate():
    return Gate()


@pytest.fixture
def ask(gate):
    """Ask for the first work, which is begun, and for all others while it goes on; return their futures."""
    with ExitStack() as stack:
        batches, threads = Batches(), stack.enter_context(ThreadPoolExecutor(AT_ONCE + 10))
        stack.callback(gate.open.set)

        def asked(first, *others):
            futures = [threads.submit(batches.ask, first, gate)]
            assert gate.begun.wait(20)
            for number, work in enumerate(others, start=1):
                futures.append(threads.submit(batches.ask, work, gate))
                wait_until(lambda number=number: len(batches._waiting) == number)
            return futures

        yield asked


def outcome(future):
    return future.exception(20) or future.result()


def test_what_waits_meanwhile_is_one_act_of_at_most_64(ask, gate):
    works = [str(number) for number in range(AT_ONCE + 3)]
    futures = ask(*works)
    gate.open.set()
    assert [outcome(each) for each in futures] == [f"{work} done" for work in works]
    assert gate.done == [works[:1], works[1 : AT_ONCE + 1], works[AT_ONCE + 1 :]]


def test_one_that_is_in_the_way_fails_alone(ask, gate):
    futures = ask("0", "1", BAD, "2")
    gate.open.set()
    outcomes = [outcome(each) for each in futures]
    assert isinstance(outcomes.pop(2), ValueError)
    assert (outcomes, gate.done) == (["0 done", "1 done", "2 done"], [["0"], ["1"], ["2"]])


@pytest.mark.parametrize(
    "error", [OperationalError("SELECT", {}, Exception()), PortalError(Code.OUTCOME_UNKNOWN)], ids=["away", "unknown"]
)
def test_what_no_work_is_the_cause_of_meets_all_and_is_not_tried_again(error, ask, gate):
    gate.error = error
    futures = ask("0", "1", AWAY, "2")
    gate.open.set()
    assert [outcome(each) for each in futures] == ["0 done", *[error] * 3]
    assert gate.done == [["0"], "away"]


def test_the_next_ones_are_done_after_a_failure(ask, gate):
    failed, *others = ask(AWAY, "1", "2")
    gate.open.set()
    assert isinstance(outcome(failed), OperationalError)
    assert [outcome(each) for each in others] == ["1 done", "2 done"]


def test_who_has_waited_too_long_is_told_so_and_is_never_done(ask, gate, monkeypatch, caplog):
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    first, late = ask("0", "1")
    error = outcome(late)
    assert (type(error), error.code) == (PortalError, "unavailable")
    assert "no turn within 0.05 seconds" in caplog.text
    gate.open.set()
    assert (outcome(first), gate.done) == ("0 done", [["0"]])


def test_what_is_being_done_is_waited_for(gate, monkeypatch):
    """The second batch is led by the one that waited longest; the other one's time runs out while it is done."""
    first, second, batches = gate, Gate(), Batches()
    with ThreadPoolExecutor(3) as threads:
        futures = [threads.submit(batches.ask, "0", first)]
        assert first.begun.wait(20)
        futures.append(threads.submit(batches.ask, "1", second))
        wait_until(lambda: len(batches._waiting) == 1)
        monkeypatch.setattr(module, "PATIENCE", 0.3)
        futures.append(threads.submit(batches.ask, "2", second))
        wait_until(lambda: len(batches._waiting) == 2)
        first.open.set()
        assert second.begun.wait(20)
        assert not second.open.wait(0.4)
        second.open.set()
        assert [outcome(each) for each in futures] == ["0 done", "1 done", "2 done"]
    assert second.done == [["1", "2"]]
