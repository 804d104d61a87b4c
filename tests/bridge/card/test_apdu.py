import logging
from contextlib import suppress

import pytest

from reader_bridge.card.apdu import SW, TRAFFIC, Command, sw_text, transmit
from reader_bridge.errors import CardUnreadable

from .scripted import ScriptedCard

READ = Command(0x00, 0xB0, 0x00, 0x00, le=256)


def test_an_answer_in_pieces_is_collected():
    card = ScriptedCard("AABB6102", "CCDD6101", "EE9000")
    assert transmit(card, READ).data.hex() == "aabbccddee"
    assert card.heard[1:] == ["00C0000002", "00C0000001"]


def test_6100_asks_for_256_bytes():
    card = ScriptedCard("6100", "AA" * 256 + "9000")
    assert len(transmit(card, READ).data) == 256
    assert card.heard[1] == "00C0000000"


def test_6c_asks_again_with_the_length_that_the_card_names():
    card = ScriptedCard("6C03", "AABBCC9000")
    assert transmit(card, READ).data.hex() == "aabbcc"
    assert card.heard == ["00B0000000", "00B0000003"]


def test_6c_twice_is_not_asked_a_third_time():
    card = ScriptedCard("6C03", "6C03")
    assert transmit(card, READ).sw == 0x6C03


def test_6c_to_a_verify_sends_nothing_again():
    card = ScriptedCard("6C04")
    assert transmit(card, Command(0x00, 0x20, 0x00, 0x80, b"1234")).sw == 0x6C04
    assert len(card.heard) == 1


def test_a_card_that_always_has_more_is_left():
    endless = ScriptedCard(*["AA" * 250 + "61FA"] * 100)
    assert transmit(endless, READ).sw == 0x61FA
    assert len(endless.heard) < 70


def test_a_card_that_gives_one_byte_at_a_time_is_left():
    miser = ScriptedCard(*["AA61FA"] * 100)
    assert transmit(miser, READ).sw == 0x61FA
    assert len(miser.heard) == 65


def test_a_card_that_has_more_but_gives_nothing_is_left():
    assert transmit(ScriptedCard("6110", "6110"), READ).sw == 0x6110


@pytest.mark.parametrize("answer", ["", "90"])
def test_less_than_a_status_word_is_no_answer(answer):
    with pytest.raises(CardUnreadable):
        transmit(ScriptedCard(answer), READ)


def test_traffic_shows_bytes_but_no_pin(caplog):
    caplog.set_level(TRAFFIC, "reader_bridge")
    transmit(ScriptedCard("63C2"), Command(0x00, 0x20, 0x00, 0x80, b"4711"))
    transmit(ScriptedCard("9000"), READ)
    assert caplog.messages == ["> 00 20 00 80 04 …", "< 63C2", "> 00 B0 00 00 00", "< 90 00"]


@pytest.mark.parametrize("echo", ["34373131 9000", "00200080 04 34373131 6F00", "4711", "34373131", "34"])
def test_a_pin_that_card_or_reader_echoes_is_not_logged(caplog, echo):
    caplog.set_level(TRAFFIC, "reader_bridge")
    with suppress(CardUnreadable):
        transmit(ScriptedCard(echo), Command(0x00, 0x20, 0x00, 0x80, b"4711"))
    logged = "".join(caplog.messages).replace(" ", "")
    assert "4711" not in logged
    assert "34373131" not in logged
    assert "3131" not in logged


def test_nothing_more_is_fetched_after_a_pin():
    card = ScriptedCard("6104")
    assert transmit(card, Command(0x00, 0x20, 0x00, 0x80, b"4711")).sw == 0x6104
    assert len(card.heard) == 1


def test_debug_level_shows_no_traffic(caplog):
    caplog.set_level(logging.DEBUG, "reader_bridge")
    transmit(ScriptedCard("9000"), READ)
    assert caplog.messages == []


def test_a_command_in_an_error_report_shows_no_pin():
    assert repr(Command(0x00, 0x20, 0x00, 0x80, b"4711")) == "00 20 00 80 04 …"


def test_status_words_have_names():
    assert sw_text(SW.FILE_NOT_FOUND) == "6A82 FILE_NOT_FOUND"
    assert sw_text(0x63C2) == "63C2"
