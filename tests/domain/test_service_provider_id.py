"""A service provider ID: what an operator types, folded where only one ID can be meant, and refused otherwise."""

import pytest

from portal.domain.codes import Code
from portal.domain.errors import AskAgain
from portal.domain.formats.name import read_name
from portal.domain.ids.service_provider_id import folded_provider_id, read_provider_id


@pytest.mark.parametrize(
    "came",
    [
        "A-α1-0001",
        " A-α1-0001\t",
        "a-Α1-0001",  # lower case, and a capital alpha in the Greek place
        "Ａ－α１－０００１",
        "Aー\u03b11−0001",  # ー and a minus, as input methods write a hyphen
        "A‐α1‑0001",
        "A-α\u200b1-00\ufeff01",
        "A α1 0001",
        "Aα10001",
        "𝐀-𝛂1-0001",
    ],
)
def test_one_id_can_be_meant(came):
    assert read_provider_id(came) == "A-α1-0001"
    assert read_provider_id(read_provider_id(came)) == "A-α1-0001"


@pytest.mark.parametrize(
    ("came", "code"),
    [
        ("A-a1-0001", "service-provider-id-not-greek"),
        ("ａ－ａ１－０００１", "service-provider-id-not-greek"),
        ("Α-α1-0001", "service-provider-id-malformed"),  # a Greek capital, which looks like A
        ("А-α1-0001", "service-provider-id-malformed"),  # Cyrillic
        ("A-а1-0001", "service-provider-id-malformed"),
        ("A-ά1-0001", "service-provider-id-malformed"),
        ("A-α\u03011-0001", "service-provider-id-malformed"),
        ("A-ς1-0001", "service-provider-id-malformed"),
        ("A-ｱ1-0001", "service-provider-id-malformed"),
        ("A-α1-001", "service-provider-id-malformed"),
        ("A-α1-00010", "service-provider-id-malformed"),
        ("AB-α1-0001", "service-provider-id-malformed"),
        ("A-α1/0001", "service-provider-id-malformed"),
        ("", "service-provider-id-malformed"),
        ("A-α1-0001\0", "service-provider-id-malformed"),
        ("\u0301" * 100_000, "service-provider-id-malformed"),
    ],
)
def test_no_id_is_guessed(came, code):
    with pytest.raises(AskAgain, match=code):
        read_provider_id(came)


def test_what_was_read_is_shown_where_it_is_refused():
    assert folded_provider_id(" Ａ―Ａ１ー０００１") == "A-A1-0001"


@pytest.mark.parametrize("name", ["中央図書館", "ＡＢＣ書店", "ﾏｲｷｰ", "花" * 64, "O’Brien & Söhne"])
def test_a_name_stays_as_it_is_written(name):
    assert read_name(f" {name}\u3000", Code.TERMINAL_MALFORMED) == name


@pytest.mark.parametrize("name", ["", " \u3000", "花" * 65, "a\nb", "a\u200bb", "a\u202eb", "\ufeff", "e\u0301" * 200])
def test_what_cannot_be_read_aloud_is_no_name(name):
    with pytest.raises(AskAgain, match="terminal-malformed"):
        read_name(name, Code.TERMINAL_MALFORMED)
