from math import ceil

import pytest

from demo.virtual_card import Quirks
from reader_bridge.card.files import CardFiles, der_length
from reader_bridge.card.jpki import Jpki
from reader_bridge.errors import CardUnreadable

from .scripted import ScriptedCard

SELECTED = "9000"


def read(*answers):
    return CardFiles(ScriptedCard(SELECTED, *answers)).read_der(0x000A)


@pytest.mark.parametrize(
    "quirks",
    [
        Quirks(),
        Quirks(get_response=True),
        Quirks(exact_length=True),
        Quirks(get_response=True, exact_length=True),
        Quirks(longest_read=100),
        Quirks(longest_read=16),
        Quirks(filler=0),
        Quirks(filler=3000),
        Quirks(first_command_fails=True),
    ],
    ids=str,
)
def test_the_certificate_is_the_same_however_the_card_hands_it_over(issued, connect, quirks):
    jpki = Jpki(connect(issued.card(quirks=quirks)))
    jpki.select()
    assert jpki.certificate() == issued.certificate
    assert jpki.authority_certificate() == issued.authority


def test_reading_costs_two_selects_and_as_few_reads_as_can_be(issued, connect):
    card = issued.card()
    jpki = Jpki(connect(card))
    jpki.select()
    jpki.certificate()
    assert [command[1] for command, _ in card.trace] == [0xA4, 0xA4] + [0xB0] * ceil(len(issued.certificate) / 256)


def test_filler_after_the_der_is_cut_off():
    assert read("3003020105" + "FF" * 251 + "9000").hex() == "3003020105"


def test_a_short_read_goes_on_where_it_stopped():
    card = ScriptedCard(SELECTED, "300302" + "9000", "01" + "6282", "05" + "9000")
    assert CardFiles(card).read_der(0x000A).hex() == "3003020105"
    assert card.heard[1:] == ["00B0000000", "00B0000302", "00B0000401"]


@pytest.mark.parametrize("nothing", ["9000", "6B00", "6282", "0000009000", "FF" * 256 + "9000"])
def test_an_empty_file_is_nothing(nothing):
    assert read(nothing) == b""


@pytest.mark.parametrize("ending", ["9000", "6B00", "6282"])
def test_a_file_that_ends_before_its_der_is_unreadable(ending):
    with pytest.raises(CardUnreadable, match="ends after 4 of 1028"):
        read("308204009000", ending)


def test_after_a_select_that_failed_a_file_is_selected_again():
    card = ScriptedCard("9000", "6A82", "9000")
    files = CardFiles(card)
    files.select(0x0018)
    with pytest.raises(CardUnreadable, match="6A82 FILE_NOT_FOUND"):
        files.select(0x0017)
    files.select(0x0018)
    assert card.heard == ["00A4020C020018", "00A4020C020017", "00A4020C020018"]


def test_a_file_handed_over_byte_by_byte_is_left():
    card = ScriptedCard(SELECTED, "30821FFC" + "9000", *["AA9000"] * 8192)
    with pytest.raises(CardUnreadable, match="after 128 reads"):
        CardFiles(card).read_der(0x000A)
    assert len(card.heard) == 129


def test_more_than_the_rest_is_unreadable():
    with pytest.raises(CardUnreadable, match="3 bytes where 2"):
        read("3003029000", "0105AA9000")


def test_more_than_was_asked_for_is_unreadable():
    with pytest.raises(CardUnreadable, match="257 bytes where 256"):
        read("30820400" + "AA" * 253 + "9000")


@pytest.mark.parametrize("status", ["6400", "6401", "6403", "6404", "6983", "6984", "6F00", "6D00", "1234"])
def test_any_other_answer_is_unreadable_and_says_which(status):
    with pytest.raises(CardUnreadable, match=status):
        read(status)


@pytest.mark.parametrize(
    "beginning",
    ["31030201", "04820400", "30", "3080", "3082", "308204", "3081", "308220000102", "30847FFFFFFF", "30FF"],
)
def test_a_false_beginning_is_unreadable(beginning):
    with pytest.raises(CardUnreadable):
        der_length(bytes.fromhex(beginning))


@pytest.mark.parametrize(
    ("beginning", "length"), [("3003", 5), ("307F", 129), ("308180", 131), ("30820400", 1028), ("30821FFC", 8192)]
)
def test_a_length_is_read_in_each_form(beginning, length):
    assert der_length(bytes.fromhex(beginning)) == length


def test_a_file_beyond_the_cap_costs_one_read():
    card = ScriptedCard(SELECTED, "3082FFFF" + "AA" * 252 + "9000")
    with pytest.raises(CardUnreadable, match="65539"):
        CardFiles(card).read_der(0x000A)
    assert len(card.heard) == 2


def test_a_card_that_refuses_long_reads_is_read_in_smaller_pieces():
    body = "30" + "81C0" + "AA" * 0xC0
    card = ScriptedCard("9000", "6700", "6700", body[: 0x80 * 2] + "9000", body[0x80 * 2 :] + "9000")
    assert CardFiles(card).read_der(0x000A).hex().upper() == body
    assert [command[-2:] for command in card.heard[1:4]] == ["00", "E0", "80"]
