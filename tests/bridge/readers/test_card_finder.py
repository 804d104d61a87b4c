"""A card is looked at once, and again when it was changed or its silence may be over."""

from contextlib import suppress

import pytest

from reader_bridge.errors import CardNotSupported, CardSilent
from reader_bridge.readers.card_finder import _LOOK_AGAIN, PASSING, CardFinder


class FakeReader:
    """Its card fails with a problem; `opened` counts how often it was asked."""

    name, seen, opened = "a reader", 1, 0

    def __init__(self, problem):
        self.problem, self.time = problem, 0.0
        self.finder = CardFinder(self, now=lambda: self.time)

    def list(self):
        return [self]

    def connect(self):
        self.opened += 1
        raise self.problem

    def look(self):
        with suppress(*PASSING), self.finder.found():
            pass
        return self.opened


@pytest.mark.parametrize("problem", [CardNotSupported, CardSilent])
def test_a_settled_card_is_left_alone_until_what_is_seen_changes(problem):
    reader = FakeReader(problem())
    assert [reader.look() for _ in range(3)] == [1, 1, 1]
    reader.seen = 2
    assert [reader.look() for _ in range(3)] == [2, 2, 2]


def test_a_card_that_nobody_can_watch_is_looked_at_each_time():
    reader = FakeReader(CardNotSupported())
    reader.seen = None
    assert [reader.look() for _ in range(3)] == [1, 2, 3]


def test_a_card_settled_by_the_conversation_is_left_alone_and_its_problem_told():
    reader = FakeReader(AssertionError("it was opened"))
    reader.finder.settle(reader.name, CardNotSupported("as it was settled"))
    with pytest.raises(CardNotSupported, match="as it was settled"), reader.finder.found():
        pass


@pytest.mark.parametrize(("problem", "again"), [(CardSilent, True), (CardNotSupported, False)])
def test_only_a_card_that_did_not_answer_is_asked_once_more_in_time(problem, again):
    reader = FakeReader(problem())
    reader.look()
    reader.time = _LOOK_AGAIN - 0.1
    assert reader.look() == 1
    reader.time = _LOOK_AGAIN
    assert [reader.look() for _ in range(2)] == [1 + again] * 2
