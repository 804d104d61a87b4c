"""What becomes of a PIN that was typed when nobody wants it any more."""

import pytest

from reader_bridge.window.ui import WindowUI
from tests.bridge.window.gallery import ORIGIN, consent


@pytest.fixture
def ui(qapp):  # noqa: ARG001 (signals need it)
    return WindowUI()


def test_a_pin_that_waits_when_the_person_stops_is_wiped_and_not_handed_on(ui):
    pin = bytearray(b"4071")
    ui.shown.connect(lambda _: (ui.answer(pin), ui.stop()))
    assert ui.ask_pin(consent()) is None
    assert pin == bytes(4)


def test_a_second_click_on_one_question_is_wiped(ui):
    pin, again = bytearray(b"4071"), bytearray(b"4071")
    ui.shown.connect(lambda shown: [ui.answer(each) for each in (pin, again) if shown.state == "pin-prompt"])
    assert ui.ask_pin(consent()) == "4071"
    assert (pin, again) == (bytes(4), bytes(4))


def test_a_click_after_the_question_was_taken_back_is_wiped(ui):
    ui.shown.connect(lambda _: ui.answer(word=True))
    assert ui.confirm_new_origin(ORIGIN)
    pin = bytearray(b"4071")
    ui.answer(pin)
    assert pin == bytes(4)
