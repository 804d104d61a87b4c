import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.ids.mykey_id import ALPHABET, LENGTH, fold_id, problem_of_id, reserved_words

CHOSEN = "YAMADAHANA1122"


@pytest.mark.parametrize(
    "typed",
    [
        CHOSEN,
        "yamadahana1122",
        "ＹＡＭＡＤＡＨＡＮＡ１１２２",
        " YAMA DAHA NA11 22 ",
        "\tYAMADA\u3000HANA\u00a01122\r\n",
    ],
)
def test_case_width_and_blanks_are_folded(typed):
    assert fold_id(typed) == CHOSEN
    assert problem_of_id(fold_id(typed)) is None


@pytest.mark.parametrize(
    "letter", ["\u0661", "\u0967", "②", "Ⅷ", "\u0391", "\u0410", "É", "ı", "ß", "\u200b", "\u0000", "-", "_", "ア", "ｱ"]
)
def test_57_what_is_no_ascii_letter_or_digit_stays_and_is_refused(letter):
    assert problem_of_id(fold_id(CHOSEN[1:] + letter)) == "mykey-id-alphabet"


@pytest.mark.parametrize("mykey_id", ["", "A", CHOSEN[1:], CHOSEN + "X"])
def test_57_fourteen_characters_no_more_no_less(mykey_id):
    assert problem_of_id(mykey_id) == "mykey-id-length"


@pytest.mark.parametrize("word", reserved_words())
@pytest.mark.parametrize("at", [0, 1])
def test_57_a_reserved_word_is_refused_wherever_it_stands(word, at):
    assert problem_of_id(("7" * at + word + "0123456789")[:LENGTH]) == "mykey-id-reserved-word"


@pytest.mark.parametrize("character", ["0", "A", "Z"])
def test_57_one_character_fourteen_times_is_refused(character):
    assert problem_of_id(character * LENGTH) == "mykey-id-reserved-word"


def test_57_an_o_is_no_zero():
    assert fold_id("KOBAYASHIO0001") != fold_id("KOBAYASHI00001")


@given(st.text(max_size=40))
def test_folding_twice_is_folding_once_and_a_good_id_has_the_alphabet(typed):
    folded = fold_id(typed)
    assert fold_id(folded) == folded
    if problem_of_id(folded) is None:
        assert len(folded) == LENGTH
        assert set(folded) <= ALPHABET
