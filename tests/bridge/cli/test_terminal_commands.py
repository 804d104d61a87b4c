"""`reader-bridge terminal`, with a portal of our own making."""

import json
import os
import signal

import pytest
from click.testing import CliRunner

from reader_bridge import cli
from reader_bridge.cli import context
from reader_bridge.cli.context import Bridge
from reader_bridge.conversation.one_conversation import one_conversation
from reader_bridge.errors import NotEnrolled
from reader_bridge.readers import Listed
from reader_bridge.terminal.enrolment import kept_enrolment
from tests.bridge.fake_portal import json_reply, problem
from tests.bridge.terminal.test_taps import TOKEN

ENROL = "/api/v1/terminals"
PROVIDER = "A-α1-0001"


class EndingReaders:
    """Readers that are watched until somebody ends the program."""

    def __init__(self, by=signal.SIGTERM):
        self.by = by

    def close(self):
        pass

    def watch(self):
        yield Listed(["A\x1b[2J reader"])
        os.kill(os.getpid(), self.by)
        yield Listed(["never reached"])


@pytest.fixture
def place(tmp_path):
    return tmp_path / "mykey"


@pytest.fixture
def run(monkeypatch, tmp_path, place):
    monkeypatch.setenv("MYKEY_BRIDGE_SETTINGS", str(place / "bridge.toml"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setattr(context, "administrator_path", lambda: tmp_path / "administrator.toml")
    monkeypatch.setattr(Bridge, "readers", lambda _: EndingReaders())
    return lambda *arguments, typed="y\n": CliRunner().invoke(cli.main, ["--lang", "en", *arguments], input=typed)


@pytest.fixture
def enrol(run, portal):
    portal.replies[ENROL] = json_reply(201, {"token": TOKEN, "service_provider_id": PROVIDER})
    return lambda **typed: run("terminal", "enrol", "--portal", portal.origin, "k7qf-4pxw-abcd", **typed)


def test_the_code_is_folded_and_the_token_kept_for_the_owner_alone(enrol, portal, place):
    said = enrol()
    assert said.exit_code == 0
    assert json.loads(portal.calls[0][2]) == {"enrolment_code": "K7QF4PXWABCD"}
    assert "Authorization" not in portal.calls[0][1]
    origin, enrolment = kept_enrolment(place / "terminal.json")
    assert (str(origin), enrolment.token, enrolment.service_provider_id) == (portal.origin, TOKEN, PROVIDER)
    assert TOKEN not in said.output + repr(enrolment)
    assert ((place / "terminal.json").stat().st_mode & 0o777, place.stat().st_mode & 0o777) == (0o600, 0o700)
    assert {each.name for each in place.iterdir()} == {"known-portals.json", "terminal.json"}


@pytest.mark.parametrize("lines", ["y\nk7qf-4pxw-abcd\n", "y\n k7qf 4pxw abcd \r\n", "y\nK7QF4PXWABCD"])
@pytest.mark.usefixtures("enrol")
def test_without_a_code_it_is_read_from_standard_input(run, portal, lines):
    said = run("terminal", "enrol", "--portal", portal.origin, typed=lines)
    assert (said.exit_code, json.loads(portal.calls[0][2])) == (0, {"enrolment_code": "K7QF4PXWABCD"})
    assert ("Enrolment code" in said.stderr, "command line" in said.stderr) == (True, False)


@pytest.mark.usefixtures("enrol")
def test_where_no_code_comes_nothing_is_enrolled(run, portal, place):
    for lines in ("y\n", "\n\n", ""):
        assert run("terminal", "enrol", "--portal", portal.origin, typed=lines).exit_code == 1
    assert (portal.calls, (place / "terminal.json").exists()) == ([], False)


def test_a_code_on_the_command_line_is_warned_about(enrol, run, portal):
    said = enrol()
    assert (said.exit_code, "can read a code on the command line" in said.stderr) == (0, True)
    arguments = ("--lang", "ja", "terminal", "enrol", "--portal", portal.origin, "k7qf-4pxw-abcd")
    assert "ほかの利用者にも見えます" in run(*arguments).stderr


def test_a_new_portal_is_asked_about_and_an_administrators_lock_holds(enrol, portal, tmp_path):
    assert (enrol(typed="\n").exit_code, portal.calls) == (130, [])
    (tmp_path / "administrator.toml").write_text('locked = true\nknown_origins = ["https://id.example.jp"]\n')
    assert (enrol().exit_code, portal.calls) == (1, [])


@pytest.mark.parametrize("origin", ["http://id.example.jp", "https://ID.example.jp", "https://id.example.jp/"])
def test_another_form_of_origin_is_used_wrongly(run, origin):
    assert run("terminal", "enrol", "--portal", origin, "K7QF-4PXW-ABCD").exit_code == 2


def test_a_refused_code_leaves_the_enrolment_that_was_there(enrol, portal, place):
    enrol()
    before = (place / "terminal.json").read_text()
    portal.replies[ENROL] = problem(404, "enrolment-code-not-found")
    said = enrol()
    assert (said.exit_code, "older than 24 hours" in said.stderr) == (1, True)
    assert (place / "terminal.json").read_text() == before
    assert {each.name for each in place.iterdir()} == {"known-portals.json", "terminal.json"}


@pytest.mark.parametrize("fields", [{}, {"token": TOKEN}, {"token": "two words", "service_provider_id": PROVIDER}])
def test_a_reply_of_another_shape_is_not_kept(enrol, portal, place, fields):
    portal.replies[ENROL] = json_reply(201, fields)
    assert enrol().exit_code == 1
    assert not (place / "terminal.json").exists()


def test_where_nothing_can_be_written_no_code_is_spent(enrol, portal, place):
    (place / "terminal.json.new").mkdir(parents=True)
    said = enrol()
    assert (said.exit_code, "cannot be written" in said.stderr, portal.calls) == (1, True, [])


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_run_says_what_it_watches_and_ends_when_it_is_told_to(enrol, run, monkeypatch, portal, by):
    enrol()
    monkeypatch.setattr(Bridge, "readers", lambda _: EndingReaders(by))
    before = signal.getsignal(signal.SIGTERM)
    said = run("terminal", "run")
    assert said.exit_code == 0
    lines = said.stdout.splitlines()
    assert lines[0] == f"{portal.origin} {PROVIDER}"
    assert lines[1].endswith(" A[2J reader: Waiting for cards (Ctrl+C ends).")
    assert lines[2].endswith(" Ended.")
    assert (len(lines), signal.getsignal(signal.SIGTERM)) == (3, before)


@pytest.mark.parametrize("kept", [None, "", "{}", '{"origin": "https://id.example.jp", "token": 7}', "\xff"])
def test_without_an_enrolment_run_says_how_to_get_one(run, place, kept):
    if kept is not None:
        place.mkdir()
        (place / "terminal.json").write_text(kept, "latin-1")
    said = run("terminal", "run")
    assert (said.exit_code, "terminal enrol" in said.stderr) == (3, True)
    with pytest.raises(NotEnrolled):
        kept_enrolment(place / "terminal.json")


def test_a_second_run_is_told_so(enrol, run, tmp_path):
    enrol()
    with one_conversation("another process", tmp_path / "mykey-terminal.lock"):
        said = run("terminal", "run")
    assert (said.exit_code, "open already" in said.stderr) == (1, True)


def test_a_lock_laid_down_after_the_enrolment_holds(enrol, run, tmp_path):
    enrol()
    (tmp_path / "administrator.toml").write_text("locked = true\n")
    assert run("terminal", "run").exit_code == 1
