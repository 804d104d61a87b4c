"""The check character of a 停止コード: it finds each wrong character and each swap of two."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.codes import Code
from portal.domain.errors import AskAgain
from portal.domain.formats.stop_code import LENGTH, read_stop_code, with_check
from portal.domain.formats.typed_code import ALPHABET, grouped

CODES = st.text(ALPHABET, min_size=LENGTH - 1, max_size=LENGTH - 1).map(with_check)


def is_right(typed):
    try:
        return bool(read_stop_code(typed))
    except AskAgain:
        return False


@given(CODES)
def test_a_code_is_read_as_people_write_it(code):
    wide = "".join(chr(ord(each) + 0xFEE0) for each in code)
    for typed in (code, code.lower(), grouped(code), f"　{grouped(code.lower())} ", wide, " ".join(code)):
        assert read_stop_code(typed) == code


@given(CODES, st.data())
def test_a_wrong_character_is_found_at_every_place(code, data):
    place = data.draw(st.integers(0, LENGTH - 1))
    wrong = {f"{code[:place]}{each}{code[place + 1 :]}" for each in f"{ALPHABET}U01ILO"} - {code}
    assert not any(map(is_right, wrong))


@given(CODES)
def test_a_swap_of_two_characters_is_found_wherever_they_stand(code):
    for first, second in combinations(range(LENGTH), 2):
        swapped = list(code)
        swapped[first], swapped[second] = code[second], code[first]
        assert code[first] == code[second] or not is_right("".join(swapped))


@given(CODES)
def test_a_character_too_few_or_too_many_is_found(code):
    assert not any(is_right(code[:place] + code[place + 1 :]) for place in range(LENGTH))
    assert not any(is_right(code[:place] + code[place] + code[place:]) for place in range(LENGTH))


@pytest.mark.parametrize("typed", ["", "2" * LENGTH, "U" * LENGTH, "x" * 5000, "1C2410DF79DGEL", "停止コード"])
def test_what_is_no_code_is_none(typed):
    with pytest.raises(AskAgain) as refused:
        read_stop_code(typed)
    assert refused.value.code is Code.STOP_CODE_MISTYPED
