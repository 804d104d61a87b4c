import pytest

from portal.domain.mykey_id import CommonNameMalformed, MyKeyId, MyKeyIdMalformed, parse_common_name

COMMON_NAME = "1C2410DF79DGEL07202002B"
BAD_CHARACTERS = [
    "a",
    "Ａ",
    "１",
    "\N{ARABIC-INDIC DIGIT ONE}",
    "\N{CYRILLIC CAPITAL LETTER ES}",
    " ",
    "-",
    "\0",
    "\n",
    "",
]


def test_common_name_is_a_random_string_and_a_terminal_code():
    parts = parse_common_name(COMMON_NAME)
    assert (parts.random_string, parts.terminal_code) == ("1C2410DF79DGEL", "07202002B")


@pytest.mark.parametrize("character", BAD_CHARACTERS)
@pytest.mark.parametrize("place", [0, 13, 14, 22])
def test_common_name_with_another_character_is_refused(place, character):
    with pytest.raises(CommonNameMalformed):
        parse_common_name(COMMON_NAME[:place] + character + COMMON_NAME[place + 1 :])


@pytest.mark.parametrize("value", ["", COMMON_NAME + "A", COMMON_NAME + "\n", "\n" + COMMON_NAME])
def test_common_name_of_another_length_is_refused(value):
    with pytest.raises(CommonNameMalformed):
        parse_common_name(value)


def test_mykey_id_is_its_14_characters():
    assert str(MyKeyId("1C2410DF79DGEL")) == "1C2410DF79DGEL"
    assert MyKeyId("1C2410DF79DGEL") == MyKeyId("1C2410DF79DGEL")


@pytest.mark.parametrize("character", [*BAD_CHARACTERS, "AA"])
def test_mykey_id_with_another_character_is_refused(character):
    with pytest.raises(MyKeyIdMalformed):
        MyKeyId("1C2410DF79DGE" + character)
