"""A file of links, as spreadsheets write it, and as they do not."""

from time import process_time

import pytest

from portal.domain.formats.link_file import LinkFileMalformed, is_blank, lines_of, read_lines
from portal.domain.formats.spreadsheet import csv_text, guarded, is_rewritten, undressed

HEADER = "マイキーID,サービスID"
ID = "1C2410DF79DGEL"


def cells(content):
    """Return number, both cells and the code of each line."""
    return [(line.number, line.mykey_id, line.service_id, line.code) for line in read_lines(content)]


def read(*lines, encoding="utf-8", end="\r\n", header=HEADER):
    return cells(end.join((header, *lines, "")).encode(encoding))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_file_is_read_as_spreadsheets_write_it(encoding, end):
    wanted = [(2, ID, "0012", None), (4, ID, "表、ソ", None)]
    assert read(f"{ID},0012", "", f'"{ID}","表、ソ"', encoding=encoding, end=end) == wanted


@pytest.mark.parametrize(
    "header",
    [
        '"マイキーID","サービスID"',
        "マイキーＩＤ，サービスＩＤ".replace("，", ","),
        "ﾏｲｷｰID,ｻｰﾋﾞｽid",
        " マイキーID , サービスID\u00a0",
        "マイキー ID,サーヒ\u3099スID",
        "マイキーID,サービスID,",
        "マイキーID;サービスID",
        f"sep=,\r\n{HEADER}",
        "sep=;\r\nマイキーID;サービスID",
        f"\ufeff{HEADER}",
        f"\r\n,\r\n{HEADER}",
    ],
)
def test_the_header_is_taken_as_it_is_typed(header):
    delimiter = ";" if ";" in header.splitlines()[-1] else ","
    [line] = read(f"{ID}{delimiter}0012", header=header)
    assert line[1:] == (ID, "0012", None)


def test_a_mykey_id_is_folded_and_a_service_id_is_left_to_the_reading():
    content = f'{HEADER}\n １c24 10df79dgel,"a ""b"""\n="{ID}",="0012"\n\'{ID}, \'0012'.encode()
    assert cells(content) == [(2, ID, 'a "b"', None), (3, ID, '="0012"', None), (4, ID, "'0012", None)]


def test_what_is_shown_of_a_line_is_what_came():
    first, second = read_lines(f'{HEADER}\n{ID.lower()},="1"\n{ID},1\n'.encode())
    assert (first.came, first.is_folded, second.is_folded) == (f'{ID.lower()},="1"', True, False)


@pytest.mark.parametrize(
    "line", ["", ",", " , ", ",,,,", '"",""', "\u3000,\u00a0", HEADER, "マイキーＩＤ,サービスＩＤ", ";"]
)
def test_blank_rows_and_the_header_again_are_passed_over(line):
    assert read(f"{ID},1", line, f"{ID},2", line, line) == [(2, ID, "1", None), (4, ID, "2", None)]


def test_blank_rows_are_told_from_rows():
    lines = lines_of(f"{HEADER}\r\n{ID},1\r\n,\r\n\r\n,,\r\n\x1a".encode())
    assert list(map(is_blank, lines)) == [False, False, True, True, True]


def test_empty_cells_after_the_second_are_passed_over():
    assert read(f"{ID},1,", f"{ID},2, ,,") == [(2, ID, "1", None), (3, ID, "2", None)]


def test_a_cell_in_quotes_may_hold_line_ends():
    assert read(f'{ID},"0012\r\n"', f"{ID},2") == [(2, ID, "0012\r\n", None), (4, ID, "2", None)]


@pytest.mark.parametrize("end", ["\x1a", "\r\n\x1a", "\x1a\0\0"])
def test_the_end_mark_of_dos_is_no_line(end):
    assert cells(f"{HEADER}\r\n{ID},1{end}".encode()) == [(2, ID, "1", None)]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"PK\x03\x04" + bytes(range(256)) * 4,
        f"{ID},0012\n".encode(),
        "サービスID,マイキーID\n".encode(),
        f"{HEADER},x\n".encode(),
        f"{HEADER},サービスID\n".encode(),
        f"利用者一覧\n{HEADER}\n".encode(),
        HEADER.encode("utf-16"),
        HEADER.encode("utf-16-be"),
        HEADER.encode("euc_jp"),
        HEADER.replace(",", "\t").encode("cp932"),
        HEADER.replace(",", "\t").encode("utf-16"),
        f"<table><tr><td>{HEADER}".encode(),
        b"x" * 1_000_000,
    ],
)
def test_a_file_with_another_header_is_none(content):
    with pytest.raises(LinkFileMalformed):
        list(read_lines(content))


def test_a_file_of_blank_rows_alone_is_refused_as_fast_as_it_is_read():
    began = process_time()
    with pytest.raises(LinkFileMalformed):
        list(read_lines(b",\n" * 500_000))
    assert process_time() - began < 5


@pytest.mark.parametrize(
    "line",
    [ID, f"{ID},1,2", f'{ID},"1', f'{ID},"1"2', "x" * 2000, f"{ID},{'1' * 2000}", f"{ID},1\r2", f"{ID}\t1", f"{ID};1"],
)
def test_a_line_that_is_not_two_cells_is_refused_with_its_number(line):
    wanted = [(2, ID, "1", None), (3, "", "", "link-line-malformed"), (4, ID, "2", None)]
    assert read(f"{ID},1", line, f"{ID},2") == wanted


def test_bytes_that_are_no_text_refuse_their_line_alone():
    content = f"{HEADER}\n{ID},".encode() + b"\xff\n" + f"{ID},2\n".encode()
    assert cells(content) == [(2, "", "", "link-line-malformed"), (3, ID, "2", None)]


def test_a_mykey_id_that_a_spreadsheet_shortened_is_refused():
    assert read("1.23457E+13,1")[0][3] == "service-id-rewritten"


WOULD_RUN = ["=1+1", "+81", "-1", "@x", "\tx", "\rx", "\nx", "＝1", "＋1", "－1", "＠x", "'=1", "''=1"]
WOULD_RUN += [";=1", "；1", " =1", "\u3000＝1", "\u00a0-1", " '=1", "\t=1", "−1", "﹦1"]


@pytest.mark.parametrize("text", WOULD_RUN)
def test_what_a_spreadsheet_would_run_is_written_as_text(text):
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", ["=1+1", "+81", "-1", "@x", "＝1", ";x", "0012", "a=1", "1-2", "あ", "a'b", "12;=1"])
def test_what_was_guarded_is_read_back_as_it_was(text):
    assert undressed(guarded(text)) == text
    assert text in WOULD_RUN or text[0] == ";" or guarded(text) == text


@pytest.mark.parametrize(
    "text", ["", "0012", "12E34", "1E5", "1-2", "1/2", "2020-01-02", "13月1日", "#1", "A1E+05", "12:30"]
)
def test_what_no_spreadsheet_makes_of_a_number(text):
    assert not is_rewritten(text)


def test_csv_has_quotes_where_they_are_needed_and_ends_lines_as_windows_does():
    assert csv_text([("=1", 'a"b', "c,d", 7)]) == '\'=1,"a""b","c,d",7\r\n'
