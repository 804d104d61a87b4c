"""Correspondence files by themselves: how they are read, and which lines are tangled."""

import pytest

from portal.domain.formats.correspondence import HEADER, IssuerAndSerial, LineMalformed, read_lines, tangled

ISSUER, NEXT_ISSUER = "a" * 64, "b" * 64


def row(old, new, issuer=ISSUER, next_issuer=NEXT_ISSUER):
    return f"{issuer},{old},{next_issuer},{new}"


def file(*rows, end="\n"):
    return (end.join((HEADER, *rows)) + end).encode()


def numbers_of_tangled(*rows):
    return [line.number for line in tangled(read_lines(file(*rows)))]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_file_is_read_with_or_without_a_byte_order_mark_and_with_either_line_end(mark, end):
    [line] = read_lines(mark + file(row("1f", "2f"), end=end))
    assert line == (2, IssuerAndSerial(ISSUER, "1f"), IssuerAndSerial(NEXT_ISSUER, "2f"))


def test_the_last_line_need_not_end_and_a_file_may_have_no_lines():
    assert len(read_lines(file(row("1", "2")).rstrip())) == 1
    assert read_lines(file()) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        row("1", "2") + ",",
        row("1", "2") + " ",
        row("0", "2"),
        row("01", "2"),
        row("1F", "2"),
        row("", "2"),
        row("1" * 41, "2"),
        row("-1", "2"),
        row("1", "2", issuer="a" * 63),
        row("1", "2", issuer="A" * 64),
        row("１", "2"),
        '"1","2","3","4"',
        "=1+1,2,3,4",
        row("1", "2").replace(",", ";"),
        row("1", "2") + "\x00",
    ],
)
def test_a_line_of_another_form_refuses_the_whole_file_with_its_number(text):
    with pytest.raises(LineMalformed) as refused:
        read_lines(file(row("a1", "a2"), text, row("b1", "b2")))
    assert refused.value.number == 3


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"old,new\n", row("1", "2").encode(), b"\xff\xfe\x00", HEADER.upper().encode()]
)
def test_a_file_without_its_header_is_refused_at_line_1(content):
    with pytest.raises(LineMalformed) as refused:
        read_lines(content)
    assert refused.value.number == 1


def test_bytes_that_are_no_utf_8_are_refused_at_their_line():
    with pytest.raises(LineMalformed) as refused:
        read_lines(file(row("1", "2")) + b"\xff\n")
    assert refused.value.number == 3


def test_a_certificate_with_two_successors_or_two_predecessors_is_tangled():
    assert numbers_of_tangled(row("1", "2"), row("1", "3"), row("5", "6")) == [2, 3]
    assert numbers_of_tangled(row("1", "3"), row("2", "3"), row("5", "6")) == [2, 3]


def test_chains_cycles_and_a_certificate_that_replaces_itself_are_tangled():
    assert numbers_of_tangled(row("1", "2", next_issuer=ISSUER), row("2", "3"), row("5", "6")) == [2, 3]
    same = {"next_issuer": ISSUER}
    assert numbers_of_tangled(row("1", "2", **same), row("2", "1", **same), row("5", "6")) == [2, 3]
    assert numbers_of_tangled(row("1", "1", **same), row("5", "6")) == [2]


def test_the_same_line_twice_is_tangled():
    assert numbers_of_tangled(row("1", "2"), row("1", "2")) == [2, 3]


def test_a_serial_number_that_two_generations_share_is_two_certificates():
    assert numbers_of_tangled(row("1", "1"), row("2", "2")) == []
