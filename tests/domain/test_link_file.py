"""A file of links, as spreadsheets write it, and as they do not."""

import pytest

from portal.domain.formats.link_file import LinkFileMalformed, LinkLine, Refused, read_lines
from portal.domain.formats.spreadsheet import csv_text, guarded, unguarded

HEADER = "マイキーID,サービスID"
ID = "1C2410DF79DGEL"


def read(*lines, encoding="utf-8", end="\r\n"):
    return list(read_lines(end.join((HEADER, *lines, "")).encode(encoding)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_file_is_read_as_spreadsheets_write_it(encoding, end):
    wanted = [LinkLine(2, ID, "0012"), LinkLine(4, ID, "あ、い")]
    assert read(f"{ID},0012", "", f'"{ID}","あ、い"', encoding=encoding, end=end) == wanted


def test_the_header_may_stand_in_quotes_and_a_mykey_id_is_folded():
    content = '"マイキーID","サービスID"\n １c24 10df79dgel,"a ""b"""'.encode()
    assert list(read_lines(content)) == [LinkLine(2, ID, 'a "b"')]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        f"{ID},0012\n".encode(),
        "サービスID,マイキーID\n".encode(),
        f"{HEADER},x\n".encode(),
        HEADER.encode("utf-16"),
        HEADER.encode("euc_jp"),
        f"{HEADER}\r{ID},1\r".encode(),
        b"x" * 1_000_000,
    ],
)
def test_a_file_with_another_header_is_none(content):
    with pytest.raises(LinkFileMalformed):
        list(read_lines(content))


@pytest.mark.parametrize(
    "line",
    [ID, f"{ID},1,2", f'{ID},"1', f'{ID},"1"2', "x" * 2000, f"{ID},{'1' * 2000}", f"{ID},1\r2"],
)
def test_a_line_that_is_not_two_cells_is_refused_with_its_number(line):
    wanted = [LinkLine(2, ID, "1"), Refused(3, "link-line-malformed"), LinkLine(4, ID, "2")]
    assert read(f"{ID},1", line, f"{ID},2") == wanted


def test_bytes_that_are_no_text_refuse_their_line_alone():
    content = f"{HEADER}\n{ID},".encode() + b"\xff\n" + f"{ID},2\n".encode()
    assert list(read_lines(content)) == [Refused(2, "link-line-malformed"), LinkLine(3, ID, "2")]


WOULD_RUN = ["=1+1", "+81", "-1", "@x", "\tx", "\rx", "＝1", "＋1", "－1", "＠x", "'=1", "''=1"]


@pytest.mark.parametrize("text", WOULD_RUN)
def test_what_a_spreadsheet_would_run_is_written_as_text(text):
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", [*WOULD_RUN, "", "0012", "'", "''", "'a", "a=1", "1-2", "あ"])
def test_what_was_guarded_is_read_back_as_it_was(text):
    assert unguarded(guarded(text)) == text
    assert text in WOULD_RUN or guarded(text) == text


def test_csv_has_quotes_where_they_are_needed_and_ends_lines_as_windows_does():
    assert csv_text([("=1", 'a"b', "c,d", 7)]) == '\'=1,"a""b","c,d",7\r\n'
