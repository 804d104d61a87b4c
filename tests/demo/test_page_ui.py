from concurrent.futures import ThreadPoolExecutor

import pytest

from demo.page_ui import PageUI
from reader_bridge.conversation.ui import Consent
from reader_bridge.errors import CardRemoved

CONSENT = Consent("http://127.0.0.1:9", "register", {}, "47", "Demo reader", 3, None)


@pytest.fixture
def ui():
    return PageUI()


@pytest.fixture
def bridge():
    with ThreadPoolExecutor(1) as pool:
        yield pool


def test_a_question_gets_the_word_that_the_page_brings(ui, bridge):
    typed = bridge.submit(ui.ask_pin, CONSENT)
    ui.settle()
    ui.answer(ui.shown.number, "1234")
    assert typed.result(5) == "1234"


def test_a_double_click_spends_no_second_try(ui, bridge):
    typed = bridge.submit(ui.ask_pin, CONSENT)
    ui.settle()
    number = ui.shown.number
    ui.answer(number, "9999")
    assert typed.result(5) == "9999"
    again = bridge.submit(ui.ask_pin, CONSENT)
    ui.settle()
    ui.answer(number, "9999")
    assert not again.done()
    ui.stop()
    assert again.result(5) is None


def test_a_card_that_moves_makes_the_question_void(ui, bridge):
    for ask in (ui.ask_pin, ui.confirm_last_try):
        asked = bridge.submit(ask, CONSENT)
        ui.settle()
        ui.card_moved()
        with pytest.raises(CardRemoved):
            asked.result(5)


def test_a_card_that_moves_before_the_question_makes_it_void_too(ui):
    ui.card_moved()
    with pytest.raises(CardRemoved):
        ui.ask_pin(CONSENT)


def test_a_card_that_moves_ends_the_bridge_s_sleep(ui, bridge):
    asleep = bridge.submit(ui.sleep, 60)
    ui.settle()
    ui.card_moved()
    assert asleep.result(5) is None


def test_who_stops_is_heard_while_the_bridge_waits_and_while_it_asks(ui, bridge):
    asleep = bridge.submit(ui.sleep, 60)
    ui.settle()
    ui.stop()
    assert asleep.result(5) is None
    assert ui.stopped()
    assert ui.confirm_last_try(CONSENT) is False


def test_the_completion_is_handed_to_one_tab(ui):
    ui.completion_url("http://127.0.0.1:9/completion#code")
    assert ui.take_url() == "http://127.0.0.1:9/completion#code"
    assert ui.take_url() is None
