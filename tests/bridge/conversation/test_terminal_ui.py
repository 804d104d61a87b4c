"""The conversation UI of a terminal, over a real pseudo-terminal, and what it says."""

import codecs
import io
import os
import pty
import select
import subprocess
import sys
import time

import pytest

from reader_bridge.conversation.terminal_ui import TerminalAbsent, TerminalUI, need_terminal
from reader_bridge.conversation.ui import Consent
from reader_bridge.words.language import Words
from tests.bridge.fake_portal import DIGITS

PATIENCE = 25.0  # seconds without a word


class Terminal:
    """A program that believes it has a terminal."""

    def __init__(self, *command, environment=None):
        self._ours, theirs = pty.openpty()
        streams = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
        self._process = subprocess.Popen(command, **streams, start_new_session=True, env=environment)
        self.pid = self._process.pid
        os.close(theirs)
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._read_to = 0
        self.shown = ""

    def answer(self, prompt, typed):
        """Wait until the prompt stands there, then type a line."""
        self.wait(prompt)
        self.type(typed)

    def wait(self, words):
        """Wait until the words stand there, after those waited for before."""
        while words not in self.shown[self._read_to :]:
            said, _, _ = select.select([self._ours], [], [], PATIENCE)
            assert said, f"{words!r} is not said; shown is {self.shown!r}"
            self.shown += self._decoder.decode(os.read(self._ours, 4096))
        self._read_to = self.shown.index(words, self._read_to) + len(words)

    def listen(self, seconds):
        """Take in what is said within so many seconds; return whether the program has not hung up."""
        end = time.monotonic() + seconds
        while select.select([self._ours], [], [], max(0.0, end - time.monotonic()))[0]:
            try:
                more = os.read(self._ours, 4096)
            except OSError:
                return False
            self.shown += self._decoder.decode(more)
        return True

    def type(self, line):
        os.write(self._ours, f"{line}\n".encode())

    def send(self, number):
        """Send a signal to the program, as a closed window or a shutdown does."""
        self._process.send_signal(number)

    def kill(self):
        """Leave nothing running after a test that failed."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def end(self):
        """Read on to the end and return the exit code."""
        try:
            while more := os.read(self._ours, 4096):
                self.shown += self._decoder.decode(more)
        except OSError:  # the other side has hung up
            pass
        os.close(self._ours)
        return self._process.wait(timeout=20)


@pytest.fixture
def conversation(portal):
    return Terminal(sys.executable, "-m", "tests.bridge.conversation.terminal_conversation", portal.origin, "K7QF-4PXW")


def test_a_whole_conversation_in_a_terminal_shows_no_pin(conversation, portal):
    conversation.answer("このポータルと通信しますか", "y")
    conversation.answer("暗証番号（数字4桁）", "1111")
    conversation.answer("暗証番号（数字4桁）", "４０７１")
    assert conversation.end() == 0
    for expected in (portal.origin, "マイキーIDを登録する", "47", "残り回数: 3", "残り回数: 2", "違います", DIGITS):
        assert expected in conversation.shown
    assert not [pin for pin in ("1111", "4071", "４０７１") if pin in conversation.shown.replace(portal.origin, "")]
    assert portal.signature_is_good(portal.tokens[0])


def test_enter_alone_says_no_to_a_new_portal(conversation, portal):
    conversation.answer("このポータルと通信しますか", "")
    assert conversation.end() != 0
    assert portal.calls == []


def consent(**differently):
    shown = {
        "origin": "https://id.example.jp",
        "purpose": "x",
        "parameters": {"a\x1b[1m": "b\x1b[2J"},
        "match_code": "47",
    }
    return Consent(**shown | {"reader": "R", "tries_left": 3, "last_problem": None} | differently)


def test_without_a_terminal_no_pin_is_read(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("4071\n"))
    monkeypatch.setattr(os, "open", _no_tty)
    with pytest.raises(TerminalAbsent):
        TerminalUI(Words("ja")).ask_pin(consent())
    with pytest.raises(TerminalAbsent):
        need_terminal()


@pytest.mark.parametrize(("language", "tries"), [("ja", "暗証番号の残り回数: 不明"), ("en", "PIN tries left: unknown")])
def test_the_consent_is_plain_text_in_both_languages(monkeypatch, capsys, language, tries):
    monkeypatch.setattr("reader_bridge.conversation.terminal_ui._read_hidden", lambda _: "4071")
    assert TerminalUI(Words(language)).ask_pin(consent(tries_left=None)) == "4071"
    shown = capsys.readouterr().out
    assert tries in shown
    assert "a[1m: b[2J" in shown
    assert "\x1b" not in shown


def test_the_origin_stands_just_above_the_pin_prompt_whatever_came_before(monkeypatch, capsys):
    monkeypatch.setattr("reader_bridge.conversation.terminal_ui._read_hidden", lambda _: "4071")
    many = {f"{number}": "x" * 14_000 for number in range(100)}
    for problem in (None, "pin-incorrect"):
        TerminalUI(Words("en")).ask_pin(consent(parameters=many, last_problem=problem))
        assert capsys.readouterr().out.splitlines()[-2] == "  Portal: https://id.example.jp"


def test_the_name_of_a_reader_cannot_steer_the_terminal(monkeypatch, capsys):
    monkeypatch.setattr("reader_bridge.conversation.terminal_ui._read_hidden", lambda _: "4071")
    monkeypatch.setattr(sys, "stdin", io.StringIO("1\n"))
    ui = TerminalUI(Words("en"))
    ui.ask_pin(consent(reader="A\x1b[2J\nB"))
    assert ui.choose_reader(["A\x1b[2J\nB"]) == "A\x1b[2J\nB"
    shown = capsys.readouterr().out
    assert "  Reader: A[2JB\n" in shown
    assert "  1. A[2JB\n" in shown


def test_one_of_several_readers_is_chosen_by_number(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.StringIO("0\n3\nx\n2\n\n"))
    ui = TerminalUI(Words("en"))
    assert ui.choose_reader(["A", "B"]) == "B"
    assert ui.choose_reader(["A", "B"]) is None
    assert "1. A" in capsys.readouterr().out


@pytest.mark.parametrize(("opens", "said"), [(True, "Go on in your browser"), (False, "No browser could be opened")])
def test_the_completion_page_is_opened_and_never_printed(monkeypatch, capsys, opens, said):
    opened = []
    monkeypatch.setattr("webbrowser.open", lambda url: opened.append(url) or opens)
    TerminalUI(Words("en")).completion_url("https://id.example.jp/completion#secret")
    assert opened == ["https://id.example.jp/completion#secret"]
    shown = capsys.readouterr().out
    assert said in shown
    assert "secret" not in shown


def test_a_problem_is_told_with_what_to_do_and_taken_back(capsys):
    ui = TerminalUI(Words("en"))
    ui.problem("no-card")
    ui.problem(None)
    ui.failed("internal")
    shown = capsys.readouterr()
    assert "Put your My Number card on the card reader." in shown.out
    assert "The card has been read." in shown.out
    assert "unexpected" in shown.err


def _no_tty(*_):
    raise OSError("no /dev/tty")
