"""`mykey setup` at a real terminal: it asks, checks, keeps what was answered, and goes on where it was broken off."""

import os
import re
import select
import subprocess
import sys
import time
import tomllib
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.hashes import SHA256

from portal.commands.setup.questions import QUESTIONS

MYKEY = (sys.executable, "-W", "error", "-c", "from portal.cli import main; main(prog_name='mykey')", "setup")
PROMPT = re.compile(r"(?:^|\n)> $|\] $")
CTRL_C = "\x03"
SECONDS = 30


class Terminal:
    """A terminal of its own with `mykey setup` in it."""

    def __init__(self, environment, *words):
        self.ours, theirs = os.openpty()
        self.process = subprocess.Popen(
            ["env", "--default-signal=INT", "setsid", "--ctty", "--wait", *MYKEY, *map(str, words)],
            stdin=theirs, stdout=theirs, stderr=theirs, env=environment,
        )  # fmt: skip
        os.close(theirs)
        self.said = ""

    def reads(self):
        """Read until it asks or ends; return what it said."""
        said, until = b"", time.monotonic() + SECONDS
        while time.monotonic() < until:
            if select.select([self.ours], [], [], 0.1)[0]:
                try:
                    came = os.read(self.ours, 4096)
                except OSError:  # everything at the other end is closed
                    came = b""
                if not came:
                    break
                said += came
            elif PROMPT.search(said.decode(errors="replace").replace("\r", "")):
                break
        else:
            pytest.fail(f"It neither asks nor ends: {said.decode(errors='replace')}")
        self.said = said.decode(errors="replace").replace("\r", "")
        return self.said

    def types(self, text):
        os.write(self.ours, f"{text}\n".encode() if text != CTRL_C else text.encode())
        return self.reads()

    def ends(self):
        """Return the status."""
        try:
            return self.process.wait(SECONDS)
        finally:
            os.close(self.ours)


@pytest.fixture
def place(tmp_path):
    return tmp_path / "etc" / "portal.toml"


@pytest.fixture
def terminal(tmp_path, place):
    """Open a terminal in which it was typed."""

    def opened(*words, **changes):
        rest = {name: value for name, value in os.environ.items() if not name.startswith(("MYKEY_", "LC_", "LANG"))}
        rest |= {"MYKEY_CONFIG": str(place), "LANG": "C.UTF-8", "HOME": str(tmp_path)} | changes
        made.append(Terminal(rest, *words))
        made[-1].reads()
        return made[-1]

    made = []
    yield opened
    for each in made:
        if each.process.poll() is None:
            each.process.kill()
            each.process.wait(SECONDS)


@pytest.fixture
def authority(authority_of_today, tmp_path):
    made = authority_of_today()
    (tmp_path / "authca.pem").write_bytes(made.pem())
    digits = made.certificate.fingerprint(SHA256()).hex().upper()
    return SimpleNamespace(file=tmp_path / "authca.pem", digits=digits)


@pytest.fixture
def answers(tmp_path, authority):
    """Give what is typed from the first question to the last."""
    values = {
        "instance": tmp_path / "kept",
        "origin": "ＬＯＣＡＬＨＯＳＴ：8443／",
        "database_url": "",
        "trusted_proxies": "１",
        "revocation": "なし",
        "operator": "例示市",
        "operator_telephone": "03-1234-5678",
        "operator_mail": "",
    }
    assert list(values) == [each.setting for each in QUESTIONS]
    return [*map(str, values.values()), str(authority.file), authority.digits[-8:], ""]


WRITTEN = {
    "origin": "https://localhost:8443",
    "database_url": "",
    "trusted_proxies": 1,
    "revocation": "none",
    "operator": "例示市",
    "operator_telephone": "03-1234-5678",
    "operator_mail": "",
}


def toml(place):
    return tomllib.loads(place.read_text(encoding="utf-8"))


def test_from_nothing_to_the_link_and_the_second_time_nothing_is_asked(terminal, place, answers, tmp_path, authority):
    at = terminal()
    for question, answer in zip(QUESTIONS, answers, strict=False):
        assert question.title in at.said
        at.types(answer)
    for answer in answers[len(QUESTIONS) :]:
        at.types(answer)
    assert at.ends() == 0
    assert "https://localhost:8443/staff/enrol#" in at.said
    assert toml(place) == WRITTEN | {"instance": str(tmp_path / "kept")}
    assert place.stat().st_mode & 0o077 == 0
    assert (tmp_path / "kept" / "portal.sqlite3").is_file()
    assert len(list((tmp_path / "kept" / "trust").iterdir())) == 1
    before = place.read_bytes()
    again = terminal()
    assert again.ends() == 0
    assert again.said.count("○ done") == len(QUESTIONS) + 1
    assert "SHA-256 " + ":".join(re.findall("..", authority.digits)) in again.said
    assert "/staff/enrol#" in again.said
    assert place.read_bytes() == before


@pytest.mark.timeout(300)  # eight programs, one after the other
def test_broken_off_at_each_question_it_goes_on_there(terminal, place, answers):
    for number, question in enumerate(QUESTIONS):
        at = terminal()
        assert (at.said.count("○ done"), f"■ {question.title}" in at.said) == (number, True)
        at.types(answers[number])
        at.types(CTRL_C)
        assert at.ends() == 1
        assert "What was answered is kept" in at.said
        assert "答えたことは残っています" in at.said
        assert list(toml(place)) == [each.setting for each in QUESTIONS[: number + 1]]
    assert toml(place).items() >= WRITTEN.items()


def test_broken_off_at_an_authority_nothing_is_trusted_that_was_not_compared(terminal, place, answers, tmp_path):
    at = terminal()
    for answer in answers[:9]:
        at.types(answer)
    assert "SHA-256" in at.said
    at.types(CTRL_C)
    assert at.ends() == 1
    assert list((tmp_path / "kept" / "trust").iterdir()) == []
    at = terminal()
    at.types(answers[8])
    assert "The fingerprint differs, and nothing was added" in at.types("00000000")
    assert "no readable certificate" in at.types(str(place))
    assert "no such user" in at.types("~no such user/authca.pem")
    at.types(f"'{answers[8]}' ")  # as a terminal writes a file that was dragged into it
    at.types("はい")
    at.types("")
    assert at.ends() == 0
    assert "/staff/enrol#" in at.said
    assert len(list((tmp_path / "kept" / "trust").iterdir())) == 1


WRONG = (
    ("instance", "{tmp}/authca.pem", "authca.pem"),
    ("instance", "~no such user/mykey", "no such user"),
    ("origin", "http://localhost", "The address is https://"),
    ("origin", "https://192.0.2.1", "no IP address"),
    ("origin", "https://localhost/portal", "nothing after it"),
    ("database_url", "mysql://x/y", "The database does not answer"),
    ("database_url", "postgresql://mykey:geheim@127.0.0.1:1/mykey", "The database does not answer"),
    ("database_url", "postgresql://mykey:geheim@127.0.0.1:54e2/mykey", "Is no address of a database"),
    ("trusted_proxies", "many", "Input should be a valid integer"),
    ("trusted_proxies", "-1", "greater than or equal to 0"),
    ("revocation", "はい", "「なし」かcrlと入れてください"),
    ("operator", "a\u200bb", "cannot be seen"),
    ("operator_telephone", "電話", "String should match pattern"),
    ("operator_mail", "mykey", "String should match pattern"),
)


def test_a_wrong_answer_is_told_and_asked_again_and_nothing_of_it_is_kept(terminal, place, answers, tmp_path):
    at = terminal()
    for question, answer in zip(QUESTIONS, answers, strict=False):
        before = place.read_bytes() if place.exists() else b""
        for _, typed, told in (row for row in WRONG if row[0] == question.setting):
            said = at.types(typed.format(tmp=tmp_path))
            assert told in said, said
            assert "geheim" not in said.partition("×")[2]
            assert (place.read_bytes() if place.exists() else b"") == before
        at.types(answer)
    at.types("")
    assert at.ends() == 0
    assert "It does not start without one" in at.said
    assert toml(place).items() >= WRITTEN.items()


def test_again_asks_with_what_was_answered_and_keeps_the_rest_of_the_file(terminal, place, answers):
    at = terminal()
    for answer in answers:
        at.types(answer)
    assert at.ends() == 0
    place.write_text(f"# ours\nuses_days = 30\n{place.read_text('utf-8')}", encoding="utf-8")
    at = terminal("--again")
    for question in QUESTIONS:
        at.types("見本市" if question.setting == "operator" else "")
    at.types("")
    assert at.ends() == 0
    assert toml(place).items() >= (WRITTEN | {"operator": "見本市", "uses_days": 30}).items()
    assert place.read_text("utf-8").startswith("# ours\nuses_days = 30\n")


def test_a_terminal_without_japanese_asks_in_english(terminal, answers):
    at = terminal(PYTHONIOENCODING="latin-1")
    assert "The folder of the database, the secret key and the authorities." in at.said
    assert at.said.isascii()
    at.types(answers[0])
    at.types(answers[1].replace("ＬＯＣＡＬＨＯＳＴ：8443／", "localhost"))
    assert "Enter for SQLite in the folder" in at.said
    at.types(CTRL_C)
    assert at.ends() == 1


def test_a_file_that_cannot_be_written_is_told_before_anything_is_asked(terminal, tmp_path, authority):
    at = terminal(MYKEY_CONFIG=str(authority.file / "portal.toml"), MYKEY_INSTANCE=str(tmp_path / "kept"))
    assert at.ends() == 1
    assert "authca.pem/portal.toml cannot be written by who types this" in at.said
    assert "■" not in at.said
