from concurrent.futures import ThreadPoolExecutor

import pytest

from demo.face import PageFace
from reader_bridge.errors import CardRemoved
from reader_bridge.face import Consent

CONSENT = Consent("http://127.0.0.1:9", "register", {}, "47", "Demo reader", 3, None)


@pytest.fixture
def face():
    return PageFace()


@pytest.fixture
def bridge():
    with ThreadPoolExecutor(1) as pool:
        yield pool


def test_a_question_gets_the_word_that_the_page_brings(face, bridge):
    typed = bridge.submit(face.ask_pin, CONSENT)
    face.settle()
    face.answer(face.shown.number, "1234")
    assert typed.result(5) == "1234"


def test_a_double_click_spends_no_second_try(face, bridge):
    typed = bridge.submit(face.ask_pin, CONSENT)
    face.settle()
    number = face.shown.number
    face.answer(number, "9999")
    assert typed.result(5) == "9999"
    again = bridge.submit(face.ask_pin, CONSENT)
    face.settle()
    face.answer(number, "9999")
    assert not again.done()
    face.stop()
    assert again.result(5) is None


def test_a_card_that_moves_makes_the_question_void(face, bridge):
    for ask in (face.ask_pin, face.confirm_last_try):
        asked = bridge.submit(ask, CONSENT)
        face.settle()
        face.card_moved()
        with pytest.raises(CardRemoved):
            asked.result(5)


def test_a_card_that_moves_before_the_question_makes_it_void_too(face):
    face.card_moved()
    with pytest.raises(CardRemoved):
        face.ask_pin(CONSENT)


def test_a_card_that_moves_ends_the_bridge_s_sleep(face, bridge):
    asleep = bridge.submit(face.sleep, 60)
    face.settle()
    face.card_moved()
    assert asleep.result(5) is None


def test_who_stops_is_heard_while_the_bridge_waits_and_while_it_asks(face, bridge):
    asleep = bridge.submit(face.sleep, 60)
    face.settle()
    face.stop()
    assert asleep.result(5) is None
    assert face.stopped()
    assert face.confirm_last_try(CONSENT) is False


def test_the_completion_is_handed_to_one_tab(face):
    face.completion_url("http://127.0.0.1:9/completion#code")
    assert face.take_url() == "http://127.0.0.1:9/completion#code"
    assert face.take_url() is None
