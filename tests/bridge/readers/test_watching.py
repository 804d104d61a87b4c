"""What PC/SC tells of readers and cards that come and go; the real daemon is in tests/pcsc."""

# ruff: noqa: ARG002, N802 - the fake has the names and arguments of pyscard

import pytest

from reader_bridge.errors import NoReader, NoService
from reader_bridge.readers import Listed
from reader_bridge.readers.pcsc import PcscReaders

from .test_pcsc_readers import FakePcsc

EMPTY, PRESENT, MUTE, IN_USE, UNKNOWN = 0x10, 0x20, 0x200, 0x100, 0x04
NEW_READERS = r"\\?PnP?\Notification"
READERS_CHANGED = {NEW_READERS: 0x2}
TIMEOUT = 0x8010000A
ATR = [0x3B, 0x8F]


def counted(cards, state):
    """Put the count of cards that came and went into the upper half of a state."""
    return cards << 16 | state


class TellingPcsc(FakePcsc):
    """Tells one prepared answer after the other: states by reader, or a code."""

    def __init__(self, *answers, names=("a reader",)):
        super().__init__()
        self.names = list(names)
        self.answers = list(answers)
        self.known = []

    def SCardGetStatusChange(self, context, patience, states):
        self.known.append(states)
        answer = self.answers.pop(0)
        if callable(answer):
            answer = answer()
        return [answer, []] if isinstance(answer, int) else [0, [(*each, ATR) for each in answer.items()]]


def told(pcsc):
    """Watch until the prepared answers are used up, or the watching ends; return what was told."""
    seen = []
    try:
        events = PcscReaders(scard=pcsc, sleep=lambda _: None).watch()
        seen.extend(each.names if isinstance(each, Listed) else (each.reader.name, each.just_now) for each in events)
    except IndexError:
        pass
    assert pcsc.contexts == 0
    return seen


def test_each_card_is_told_once_as_it_comes():
    states = [
        {"a reader": state} for state in (EMPTY, counted(1, PRESENT), counted(1, PRESENT | IN_USE), counted(2, EMPTY))
    ]
    pcsc = TellingPcsc(*states, TIMEOUT, {"a reader": counted(3, PRESENT | MUTE)})
    assert told(pcsc) == [["a reader"], ("a reader", True), ("a reader", True)]
    one_reader = (NEW_READERS, counted(1, 0))
    assert pcsc.known[0] == [("a reader", 0), one_reader]
    assert pcsc.known[-1] == [("a reader", counted(3, PRESENT | MUTE)), one_reader]


def test_the_atr_comes_with_the_card():
    events = PcscReaders(scard=TellingPcsc({"a reader": EMPTY}, {"a reader": PRESENT})).watch()
    next(events)
    assert next(events).atr == bytes(ATR)


def test_a_card_that_lay_there_before_is_told_apart():
    assert told(TellingPcsc({"a reader": PRESENT}, TIMEOUT)) == [["a reader"], ("a reader", False)]


def test_a_card_changed_too_quickly_to_see_the_empty_reader_is_a_new_one():
    states = [{"a reader": state} for state in (EMPTY, counted(1, PRESENT), counted(3, PRESENT))]
    assert told(TellingPcsc(*states)) == [["a reader"], ("a reader", True), ("a reader", True)]


def test_every_reader_is_watched():
    both = {"one": EMPTY, "two": EMPTY}
    pcsc = TellingPcsc(both, both | {"two": PRESENT}, {"one": PRESENT, "two": PRESENT}, names=("one", "two"))
    assert told(pcsc) == [["one", "two"], ("two", True), ("one", True)]


def test_a_reader_that_comes_ends_the_watching_so_that_it_begins_anew():
    pcsc = TellingPcsc({"a reader": EMPTY})

    def plug_in():
        pcsc.names = ["a reader", "another"]
        return READERS_CHANGED

    pcsc.answers.append(plug_in)
    assert told(pcsc) == [["a reader"]]
    assert pcsc.answers == []


def test_a_reader_that_is_unplugged_ends_the_watching():
    pcsc = TellingPcsc({"a reader": EMPTY}, {"a reader": UNKNOWN}, {"a reader": PRESENT})
    assert told(pcsc) == [["a reader"]]
    assert len(pcsc.answers) == 1


@pytest.mark.parametrize(
    ("code", "problem"),
    [(0x80100009, NoReader), (0x8010001D, NoService), (0x8010001E, NoService), (0x80100013, NoService), (6, NoService)],
)
def test_a_service_or_reader_that_goes_is_told_and_no_context_stays(code, problem):
    pcsc = TellingPcsc({"a reader": EMPTY}, code)
    with pytest.raises(problem):
        told(pcsc)
    assert pcsc.contexts == 0


def test_without_a_reader_the_first_one_is_waited_for():
    pcsc = TellingPcsc({}, TIMEOUT, names=())

    def plug_in():
        pcsc.names = ["a reader"]
        return READERS_CHANGED

    pcsc.answers.append(plug_in)
    assert told(pcsc) == [[]]
    assert pcsc.answers == []


def test_a_notice_of_readers_that_are_the_same_ones_ends_nothing():
    answers = ({"a reader": EMPTY}, READERS_CHANGED, {"a reader": PRESENT})
    assert told(TellingPcsc(*answers)) == [["a reader"], ("a reader", True)]


def waited(*answers, seconds=10, stopped=lambda: False):
    """List the readers and wait; return what was answered to in vain, for the waiting had ended."""
    pcsc = TellingPcsc({"a reader": EMPTY}, *answers)
    readers = PcscReaders(scard=pcsc, sleep=lambda _: None)
    readers.list()
    readers.wait(seconds, stopped)
    return pcsc.answers


@pytest.mark.parametrize("change", [{"a reader": PRESENT}, READERS_CHANGED, 0x8010001D], ids=str)
def test_the_wait_ends_with_a_card_a_reader_or_the_service(change):
    assert waited(TIMEOUT, {"a reader": EMPTY | IN_USE}, change, "not asked for") == ["not asked for"]


def test_the_wait_ends_when_it_is_stopped():
    assert waited("not asked for", stopped=lambda: True) == ["not asked for"]


def test_a_card_that_is_let_go_keeps_its_power():
    pcsc = TellingPcsc({"a reader": EMPTY}, {"a reader": PRESENT})
    events = PcscReaders(scard=pcsc).watch()
    next(events)
    connection = next(events).reader.connect()
    connection.let_go()
    connection.let_go()
    assert pcsc.calls[1:] == [("disconnect", FakePcsc.SCARD_LEAVE_CARD)]
    events.close()
    assert pcsc.contexts == 0
