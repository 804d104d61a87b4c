"""The form of a service ID, its check digit, and the one reading of it."""

import unicodedata

import pytest
from hypothesis import example as also
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.formats.check_digit import CHECK_DIGITS
from portal.domain.formats.typed_code import LONGEST_TYPED, fold_code
from portal.domain.ids.service_id import UNREADABLE, accepts, example, fits, is_sound, is_uid, read


@pytest.mark.parametrize("text", ["0", "000123", "ABCDEFGHI", "図書-α 1", "x" * 64])
def test_a_service_id_is_free_text(text):
    assert is_sound(text)


@pytest.mark.parametrize(
    "text", ["", " 1", "1 ", "x" * 65, "a\nb", "a\u2028b", "か\u3099", "a\u200bb", "\ud800", "\U0010ffff1"]
)
def test_what_is_no_service_id(text):
    assert not is_sound(text)


@pytest.mark.parametrize(
    ("came", "kept", "folds"),
    [
        ("000123", "000123", ""),
        ("Ａ１２３", "A123", "width"),
        (" 000123\t\r\n", "000123", "blanks"),
        ("\u00a00000501\u3000", "0000501", "blanks"),
        ("\ufeff00\u200b01\u200e", "0001", "blanks"),
        ("a0001234b", "0001234", "letters"),
        ("Ａ０００１２３４Ａ", "0001234", "width letters"),
        ("A-12/3:4.5+$A", "-12/3:4.5+$", "letters"),
        ("AB", "AB", ""),
        ("E123E", "E123E", ""),
        ('="0001234"', "0001234", "spreadsheet"),
        ('= "0001234 "', "0001234", "spreadsheet"),
        ("＝＂A0001234A＂", "0001234", "width spreadsheet letters"),
        ("'0001234", "0001234", "spreadsheet"),
        ("''=1+1", "=1+1", "spreadsheet"),
        ('"0001234"', "0001234", "spreadsheet"),
        ("=“0001234”", "0001234", "spreadsheet"),
        ("’0001234", "0001234", "spreadsheet"),
        ("12E34", "12E34", ""),
        ("1/2", "1/2", ""),
        ("図書1", "図書1", ""),
        *((f"12{hyphen}34", "12-34", "hyphens") for hyphen in "ー−‐‒–—―─━⁃➖"),
        *((f"12{hyphen}34", "12-34", "width") for hyphen in "－﹣"),
        *((f"12{hyphen}34", "12-34", "width hyphens") for hyphen in "ｰ‑⁻﹘"),
        ("Ａー１２ーー３", "A-12--3", "width hyphens"),
    ],
)
def test_what_a_scanner_a_keyboard_or_a_spreadsheet_writes_is_folded_and_said(came, kept, folds):
    reading = read(None, None, came)
    assert (reading.text, " ".join(reading.folds), reading.code) == (kept, folds, None)


@pytest.mark.parametrize(
    ("picture", "came", "kept"),
    [
        ("A999A", "Ａ123B", "A123B"),
        ("A999A", "a123b", "A123B"),
        ("999", "a123b", "123"),
        ("9999999", "A0001234A", "0001234"),
        ("9999999", "000-1234", "0001234"),
        ("9999999", "０００ー１２３４", "0001234"),
        ("9999999", "000 1234", "0001234"),
        ("A-999999", "b000001", "B-000001"),
        ("A-999999", "Ｂ−００−０００１", "B-000001"),
        ("9-99|99-9", "12−3", "12-3"),
        ("lib9999", "LIB0012", "lib0012"),
        ("図書-9", "図書ー1", "図書-1"),
        ("カード9", "カード１", "カード1"),
        ("9/9", "1/2", "1/2"),
        ("2099/9/9", "2020/1/2", "2020/1/2"),
        ("XXXXXXXX", "A123456B", "A123456B"),
    ],
)
def test_what_the_picture_says_is_kept(picture, came, kept):
    assert read(picture, None, came)[1::2] == (kept, None)


@pytest.mark.parametrize(
    ("picture", "came", "code"),
    [
        (None, "", "service-id-malformed"),
        (None, "'", "service-id-malformed"),
        (None, "12\0", "service-id-malformed"),
        (None, "12\x1a", "service-id-malformed"),
        (None, "1\n2", "service-id-malformed"),
        ("99999999", "ABC", "service-id-malformed"),
        ("9-99|99-9", "123", "service-id-malformed"),  # either would be a guess
        ("999", "ı23", "service-id-malformed"),
        ("A99", "ı23", "service-id-malformed"),
        (None, "1" * 65, "service-id-too-long"),
        (None, "https://example.jp/member?" + "1" * 44, "service-id-too-long"),
        ("9999999", "1" * 300, "service-id-too-long"),
        (None, "あ０００１２３４あ", "service-id-in-kana"),
        ("9999999", "あ０００１２３４あ", "service-id-in-kana"),
        (None, "ｱ0001", "service-id-in-kana"),
        (None, "１２・３４", "service-id-in-kana"),
        *((None, text, "service-id-in-kana") for text in ("１。２", "カード12", "1ーい")),
        *((None, text, "service-id-rewritten") for text in ("2.80212E+12", "2,8e+12", "1E+05", "28.0E+09", "'2.8E+12")),
        *(
            (None, text, "service-id-rewritten")
            for text in ("1月2日", "１月２日", "2020年1月", "2020/1/2", "2020/1/2 0:00")
        ),
        *((None, text, "service-id-rewritten") for text in ("2-Jan", "Jan-02", "02-Jan-2026", "01/02/26", "1/2/2026")),
        *((None, text, "service-id-rewritten") for text in ("令和8年1月2日", "2026-01-02 00:00:00", '=TEXT(1,"00")')),
        *((None, text, "service-id-rewritten") for text in ("1234567.0", "2,802,121,234", "Err:502")),
        *((None, text, "service-id-rewritten") for text in ("####", "#NAME?", "#N/A", "#VALUE!", "#DIV/0!")),
        ("9999999", "2.80212E+12", "service-id-rewritten"),
        ("99999999", "1234", "service-id-zeros-missing"),
        ("A-9999|9999999", "123456", "service-id-zeros-missing"),
    ],
)
def test_what_is_refused_says_why_and_shows_what_came(picture, came, code):
    reading = read(picture, None, came)
    assert (reading.code, reading.came.rstrip("…")) == (code, came.translate({0: "�", 10: "�", 26: "�"})[:256])


FORMS = [(None, None), ("9999999", None), ("9999999", "7dr"), ("A9999999A", None), ("A-999999|9999999", None)]
FORMS += [(None, "m16"), (None, "luhn"), ("XXXXXXXX", None)]
UGLY = st.text(
    st.sampled_from("0123456789ABabXあァ。ー−-－ 　\u00a0\t'\"=＝＋+$:/.¨´①½Ⅷ\u200b\0\ufdfa月日E年#|"), max_size=12
)


@given(st.sampled_from(FORMS), st.one_of(UGLY, st.text(max_size=12), st.from_regex(r"\A[ABあ]?[0-9]{6,8}[ABあ]?\Z")))
@also((None, None), "A1/2/2020A")
@also((None, None), "¨1")
def test_what_was_read_is_sound_and_read_again_as_the_same(form, came):
    reading = read(*form, came)
    if reading.code is None:
        assert accepts(*form, reading.text)
        assert read(*form, reading.text)[1:] == (reading.text, (), None)
        assert bool(reading.folds) == (reading.text != came)
    else:
        assert reading.code in UNREADABLE


def test_a_long_row_of_accents_is_refused_before_it_is_normalised(monkeypatch):
    long, seen = "\u0300\u0316" * LONGEST_TYPED, []
    with monkeypatch.context() as patch:
        patch.setattr(unicodedata, "normalize", lambda _, text: seen.append(text) or text)
        codes = fold_code(long), fold_code("K7QF4PXW" + " " * LONGEST_TYPED), read(None, None, long).code
    assert (codes, seen) == (("", "", "service-id-too-long"), [])


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
    assert not fits("999999|A-99X", "B12Z")
    assert not fits("99.9", "9919")


@pytest.mark.parametrize(
    ("kind", "good"),
    [
        ("m10w3", "4901234567894"),
        ("luhn", "79927398713"),
        ("7dr", "1234564"),
        ("m11", "1234560"),
        ("m16", "A12346A"),
        ("m16", "B12344B"),
        ("m16", "A1239+C"),
    ],
)
def test_a_check_digit_holds_and_every_other_one_does_not(kind, good):
    place = -2 if good[-1].isalpha() else -1
    wrong = [good[:place] + each + good[place:][1:] for each in "0123456789" if each != good[place]]
    assert (CHECK_DIGITS[kind](good), any(CHECK_DIGITS[kind](each) for each in wrong)) == (True, False)


def test_modulus_16_counts_start_and_stop_letters_though_they_are_not_kept():
    assert read(None, "m16", "b12344b")[1::2] == ("12344", None)
    assert read(None, "m16", "B12345B").code == "service-id-malformed"
    assert read(None, "m16", "A.c").code == "service-id-malformed"  # the letters are right, but check nothing
    assert read("A99999A", "m16", "b12344b")[1::2] == ("B12344B", None)
    without = [f"1234{each}" for each in "0123456789-$:/.+" if CHECK_DIGITS["m16"](f"1234{each}")]
    assert len(without) == 7  # the sums of two letters


@pytest.mark.parametrize("kind", CHECK_DIGITS)
@pytest.mark.parametrize("text", ["", "7", "ABC"])
def test_without_digits_there_is_no_check_digit(kind, text):
    assert not CHECK_DIGITS[kind](text)


@pytest.mark.parametrize("picture", ["99999999", "A-999999", "X9X", "図書-9", "BOOK9|9999", "9", "A9999A"])
@pytest.mark.parametrize("check_digit", [None, *CHECK_DIGITS])
def test_an_example_fits_its_picture_and_its_check_digit(picture, check_digit):
    made = example(picture, check_digit)
    if picture in ("9", "図書-9") and check_digit:
        assert made is None  # a check digit checks others
    else:
        assert accepts(picture, check_digit, made)


@pytest.mark.parametrize("picture", ["", "9||9", " 9", "9" * 65, "|", "9\n", "9|" * 120 + "9", "ー99", "'9", "Ａ9"])
def test_a_picture_that_no_service_id_could_have_has_no_example(picture):
    assert example(picture, None) is None


def test_a_picture_without_digits_has_no_check_digit():
    assert example("AAA", "luhn") is None
