"""The reason of a member of staff: one line, bounded, nothing in it that cannot be seen."""

import pytest

from portal.domain.errors import AskAgain
from portal.domain.reason import LONGEST, read_reason


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        (" 本人が\r\n来た\t", "本人が 来た"),
        ("\u3000理由\u3000", "理由"),
        ("あ" * LONGEST, "あ" * LONGEST),
        ("𠮷" * LONGEST, "𠮷" * LONGEST),
        ("理 " + 3 * LONGEST * " " + "由", "理 由"),
    ],
)
def test_it_is_one_line(typed, reason):
    assert read_reason(typed) == reason


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "reason-missing"),
        (" \t\r\n\u3000", "reason-missing"),
        ("あ" * (LONGEST + 1), "reason-malformed"),
        (400_000 * "a", "reason-malformed"),
        (LONGEST * "a" + 3 * LONGEST * " " + "b", "reason-malformed"),
        ("a\0b", "reason-malformed"),
        ("a\x1b[2Jb", "reason-malformed"),
        ("a\u202eb", "reason-malformed"),
        ("a\ud800b", "reason-malformed"),
    ],
)
def test_what_is_none_is_asked_for_again(typed, code):
    with pytest.raises(AskAgain) as refused:
        read_reason(typed)
    assert refused.value.code == code
