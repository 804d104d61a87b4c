"""The PIN typed into the window is in no memory of the program once the card has it."""

from pathlib import Path

import pytest

from tests.pcsc.desk.conversations import Silent, children
from tests.pcsc.test_pin_stays_hidden import OUR_NAMESPACE, SEARCHED, memory, remembered

PIN, ANOTHER = "8642", "9753"
TYPED_BY_QT = "utf-16-le"  # as Qt keeps text


@pytest.fixture
def held(pcsc, show, link, issued):
    """Hold a conversation; return the forms in which its memory has the PIN while the card signs."""

    def converse(pin):
        silent = Silent(pcsc.insert(issued.card(pin=pin)), "802A")
        window = show(link, daemon=pcsc, under=OUR_NAMESPACE)
        window.says("pin-prompt")
        window.types(pin)
        window.keys("Return")
        assert silent.reached.wait(20)
        copies = [list(memory(each)) for each in (Path("/proc", str(window.pid)), *children(window))]
        silent.go_on.set()
        window.says("completion-url")
        assert window.end_by(15) == ("", 0)
        assert all(any(SEARCHED in part for part in each) for each in copies)
        wide = {"wide" for each in copies for part in each if pin.encode(TYPED_BY_QT) in part}
        return wide.union(*(remembered(each, pin.encode()) for each in copies))

    return converse


def test_while_the_card_signs_no_memory_of_the_window_holds_the_pin(held):
    by_chance = held(PIN)
    assert by_chance <= {"typed"}  # four digits may be a number that happens to be there, but not two times
    assert not by_chance or held(ANOTHER) == set()
