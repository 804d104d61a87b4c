import pytest

from portal.domain.common_name import parse_common_name

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
    with pytest.raises(ValueError, match="14 \\+ 9"):
        parse_common_name(COMMON_NAME[:place] + character + COMMON_NAME[place + 1 :])


@pytest.mark.parametrize("value", ["", COMMON_NAME + "A", COMMON_NAME + "\n", "\n" + COMMON_NAME])
def test_common_name_of_another_length_is_refused(value):
    with pytest.raises(ValueError, match="14 \\+ 9"):
        parse_common_name(value)
