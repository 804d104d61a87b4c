"""The form of a service ID, its check digit, and how it is read."""

import unicodedata

import pytest

from portal.domain.formats.typed_code import LONGEST_TYPED, fold_code
from portal.domain.service_id import CHECK_DIGITS, example, fits, has_check_digit, is_sound, is_uid, scanned


@pytest.mark.parametrize("text", ["0", "000123", "ABCDEFGHI", "図書-α 1", "x" * 64])
def test_a_service_id_is_free_text(text):
    assert is_sound(text)


@pytest.mark.parametrize(
    "text", ["", " 1", "1 ", "x" * 65, "a\nb", "a\u2028b", "か\u3099", "a\u200bb", "\ud800", "\U0010ffff1"]
)
def test_what_is_no_service_id(text):
    assert not is_sound(text)


@pytest.mark.parametrize(
    ("read", "folded"),
    [
        ("Ａ１２３", "A123"),
        (" 000123\t", "000123"),
        ("a0001234b", "0001234"),
        ("A0001234A", "0001234"),
        ("AB", "AB"),
        ("E123E", "E123E"),
    ],
)
def test_what_a_scanner_writes_is_folded_and_keeps_its_zeros(read, folded):
    assert scanned(read) == folded


def test_a_long_row_of_accents_is_cut_before_it_is_normalised(monkeypatch):
    seen = []
    monkeypatch.setattr(unicodedata, "normalize", lambda _, text: seen.append(len(text)) or text)
    for fold in (scanned, fold_code):
        fold("\u0300\u0316" * 100_000)
    assert seen == [LONGEST_TYPED] * 2


@pytest.mark.parametrize(("picture", "read"), [("A999A", "A123B"), ("999", "123"), (None, "123")])
def test_what_a_picture_lets_pass_keeps_its_ends(picture, read):
    assert scanned("Ａ123B", picture) == read


@pytest.mark.parametrize("uid", ["04A1B2C3", "04A1B2C3D4E5F6", "0114B3C2D4E5F607", "04A1B2C3D4E5F6A7B8C9"])
def test_a_uid_of_a_service_card(uid):
    assert is_uid(uid)


@pytest.mark.parametrize("uid", ["08A1B2C3", "04a1b2c3", "04A1B2", "", "04A1B2C3D4", "04A1B2C3\n"])
def test_a_random_or_odd_uid_is_none(uid):
    assert not is_uid(uid)


def test_a_picture_names_digits_letters_and_the_rest_as_it_is():
    assert fits("999999|A-99X", "000123")
    assert fits("999999|A-99X", "B-12Z")
    assert not fits("999999|A-99X", "00012")
    assert not fits("99.9", "9919")


@pytest.mark.parametrize(
    ("kind", "good"),
    [("m10w3", "4901234567894"), ("luhn", "79927398713"), ("7dr", "1234564"), ("m11", "1234560")],
)
def test_a_check_digit_holds_and_every_other_one_does_not(kind, good):
    wrong = [good[:-1] + digit for digit in "0123456789" if digit != good[-1]]
    assert (has_check_digit(kind, good), any(has_check_digit(kind, each) for each in wrong)) == (True, False)


@pytest.mark.parametrize("kind", CHECK_DIGITS)
@pytest.mark.parametrize("text", ["", "7", "ABC"])
def test_without_digits_there_is_no_check_digit(kind, text):
    assert not has_check_digit(kind, text)


@pytest.mark.parametrize("picture", ["99999999", "A-999999", "X9X", "図書-9", "BOOK9|9999", "9"])
@pytest.mark.parametrize("check_digit", [None, *CHECK_DIGITS])
def test_an_example_fits_its_picture_and_its_check_digit(picture, check_digit):
    made = example(picture, check_digit)
    if picture == "9" and check_digit in ("m10w3", "luhn", "m11", "7dr"):
        assert made is None  # a check digit checks others
    elif check_digit is None or made is not None:
        assert fits(picture, made)
        assert check_digit is None or has_check_digit(check_digit, made)


@pytest.mark.parametrize("picture", ["", "9||9", " 9", "9" * 65, "|", "9\n", "9|" * 120 + "9"])
def test_a_picture_that_no_service_id_could_have_has_no_example(picture):
    assert example(picture, None) is None


def test_a_picture_without_digits_has_no_check_digit():
    assert example("AAA", "luhn") is None
