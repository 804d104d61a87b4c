"""Nothing hangs over the real daemon: a transaction, a silent card, a stopped service; each signal ends all."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.bridge.conversation.test_terminal_ui import Terminal
from tests.bridge.fake_portal import DIGITS, FakePortal
from tests.pcsc.daemon import Daemon, wait_until

COMMAND = (sys.executable, "-m", "reader_bridge", "--lang", "en")
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
PROMPT = "PIN of the user authentication certificate"
HOLDER = """
import sys, smartcard.scard as pcsc
_, context = pcsc.SCardEstablishContext(pcsc.SCARD_SCOPE_USER)
_, card, _ = pcsc.SCardConnect(context, sys.argv[1], pcsc.SCARD_SHARE_SHARED, pcsc.SCARD_PROTOCOL_T1)
pcsc.SCardBeginTransaction(card)
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def portal():
    portal = FakePortal()
    yield portal
    portal.close()


@pytest.fixture
def environment(pcsc, tmp_path):
    places = {"MYKEY_BRIDGE_SETTINGS": str(tmp_path / "bridge.toml"), "XDG_RUNTIME_DIR": str(tmp_path)}
    return pcsc.environment | places | {"PATH": "/usr/bin:/bin"}


@pytest.fixture
def hold(environment):
    """Have another program rest in a transaction on the card; return what lets it go."""
    started = []

    def begin(reader="Virtual PCD 00 00"):
        streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        other = subprocess.Popen([sys.executable, "-c", HOLDER, reader], **streams, env=environment)
        started.append(other)
        assert other.stdout.readline() == b"held\n"
        return other.communicate

    yield begin
    for other in started:
        other.kill()
        other.communicate()


@pytest.fixture
def pair_with(environment, portal):
    """Begin a conversation at a daemon's reader, as a citizen who has met the portal before."""
    command = (*COMMAND, "--allow-http", portal.origin, "pair", "--portal", portal.origin, "K7QF-4PXW")
    Path(environment["MYKEY_BRIDGE_SETTINGS"]).write_text(f'known_origins = ["{portal.origin}"]')
    return lambda daemon: Terminal(*command, environment=environment | daemon.environment)


@pytest.fixture
def pair(pair_with, pcsc):
    return lambda: pair_with(pcsc)


class Silent:
    """Makes a card say nothing to commands that begin so, until it is let go."""

    def __init__(self, card, beginning):
        self._respond, self._beginning = card.respond, bytes.fromhex(beginning)
        self.reached, self.go_on = threading.Event(), threading.Event()
        card.respond = self.respond

    def respond(self, command):
        if command.startswith(self._beginning) and not self.go_on.is_set():
            self.reached.set()
            self.go_on.wait(60)
        return self._respond(command)


def stopped_daemon(daemon):
    """Return the process id of the daemon, which is in a namespace of its own."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            ours = str(daemon.directory).encode() in (process / "cmdline").read_bytes()
            if ours and (process / "comm").read_text() == "pcscd\n":
                return int(process.name)
        except OSError:
            continue
    raise AssertionError("no daemon of ours runs")


def timed(terminal, words):
    begin = time.monotonic()
    terminal.wait(words)
    return time.monotonic() - begin


def ended(terminal, number):
    """Send a signal; return the seconds until the program has ended, and its exit code."""
    terminal.send(number)
    begin = time.monotonic()
    code = terminal.end()
    return time.monotonic() - begin, code


def children(terminal):
    """Return the processes that speak to PC/SC for a bridge."""
    found = subprocess.run(["pgrep", "-P", str(terminal.pid)], capture_output=True, check=True, text=True).stdout
    return [Path("/proc") / each for each in found.split()]


def test_a_card_in_another_program_s_transaction_is_told_and_goes_on_when_it_is_free(pcsc, pair, portal, hold, issued):
    pcsc.insert(issued.card())
    let_go = hold()
    terminal = pair()
    assert timed(terminal, "Another program is using the card.") < 3.5
    let_go()
    terminal.answer(PROMPT, "1234")
    assert terminal.end() == 0
    assert DIGITS in terminal.shown
    assert portal.failures == ["reader-busy", "resolved"]


@pytest.mark.parametrize("number", SIGNALS)
def test_each_signal_ends_the_wait_for_a_busy_card_and_the_page_is_told(pcsc, pair, portal, hold, issued, number):
    pcsc.insert(issued.card())
    hold()
    terminal = pair()
    terminal.wait("Another program is using the card.")
    wait_until(lambda: portal.failures)
    seconds, code = ended(terminal, number)
    assert (seconds < 1, code) == (True, 130)
    assert portal.failures == ["reader-busy", "cancelled"]


@pytest.mark.parametrize("number", SIGNALS)
def test_each_signal_ends_the_wait_for_a_card_and_the_pin_s_prompt(pcsc, pair, portal, issued, number):
    terminal = pair()
    terminal.wait("Put your My Number card on the card reader.")
    wait_until(lambda: portal.failures)
    assert ended(terminal, number)[0] < 1
    pcsc.insert(issued.card())
    terminal = pair()
    terminal.wait(PROMPT)
    seconds, code = ended(terminal, number)
    assert (seconds < 1, code) == (True, 130)
    assert portal.failures.count("cancelled") == 2


@pytest.mark.parametrize("command", [("show",), ("doctor",)])
def test_commands_that_only_look_say_that_the_card_is_in_use(pcsc, environment, hold, issued, command):
    pcsc.insert(issued.card())
    hold()
    begin = time.monotonic()
    result = subprocess.run([*COMMAND, *command], env=environment, capture_output=True, text=True, check=False)
    assert time.monotonic() - begin < 4
    assert "Another program is using the card." in result.stdout + result.stderr
    assert result.returncode == 1


def test_the_free_one_of_two_readers_is_served(pcsc, pair, hold, issued):
    pcsc.insert(issued.card())
    pcsc.insert(issued.card(), slot=1)
    hold()
    terminal = pair()
    terminal.answer(PROMPT, "1234")
    assert terminal.end() == 0
    assert "Reader: Virtual PCD 00 01" in terminal.shown


def test_a_card_that_no_longer_answers_is_told_after_ten_seconds(pcsc, pair, portal, issued):
    card = pcsc.insert(issued.card())
    silent = Silent(card, "00B0")
    terminal = pair()
    assert silent.reached.wait(10)
    assert timed(terminal, "The card does not answer.") < 11
    silent.go_on.set()
    pcsc.remove()
    pcsc.insert(issued.card())
    terminal.answer(PROMPT, "1234")
    assert terminal.end() == 0
    assert portal.failures[0] == "card-silent"


@pytest.mark.parametrize("number", SIGNALS)
def test_each_signal_ends_a_command_that_the_card_does_not_answer(pcsc, pair, portal, issued, number):
    silent = Silent(pcsc.insert(issued.card()), "00B0")
    terminal = pair()
    assert silent.reached.wait(10)
    started = children(terminal)
    seconds, code = ended(terminal, number)
    silent.go_on.set()
    assert (seconds < 1, code) == (True, 130)
    assert portal.failures == ["cancelled"]
    assert started
    wait_until(lambda: not any(each.exists() for each in started))


def test_a_card_that_is_silent_under_the_pin_shows_its_tries_before_the_pin_is_asked_again(pcsc, pair, issued):
    card = pcsc.insert(issued.card())
    silent = Silent(card, "0020008004")
    terminal = pair()
    terminal.answer(PROMPT, "9999")
    terminal.wait("The card does not answer.")
    silent.go_on.set()
    wait_until(lambda: card.tries_left == 2)
    pcsc.remove()
    pcsc.insert(card)
    terminal.wait("PIN tries left: 2")
    terminal.answer(PROMPT, "1234")
    assert terminal.end() == 0
    assert sum(command.startswith(bytes.fromhex("0020008004")) for command, _ in card.trace) == 2


@pytest.mark.parametrize("command", [("list",), ("show",), ("doctor",)])
def test_a_service_that_does_not_answer_is_told(tmp_path, issued, command):
    with Daemon() as daemon:
        daemon.insert(issued.card())
        number = stopped_daemon(daemon)
        os.kill(number, signal.SIGSTOP)
        begin = time.monotonic()
        environment = daemon.environment | {"PATH": "/usr/bin:/bin", "MYKEY_BRIDGE_SETTINGS": str(tmp_path / "b.toml")}
        result = subprocess.run([*COMMAND, *command], env=environment, capture_output=True, text=True, check=False)
        seconds = time.monotonic() - begin
        os.kill(number, signal.SIGCONT)
    assert (seconds < 5, result.returncode) == (True, 1)
    assert "does not answer" in result.stdout + result.stderr


def test_a_service_that_stops_answering_under_a_command_is_told_within_five_seconds(pair_with, portal, issued):
    with Daemon() as daemon:
        card = daemon.insert(issued.card())
        number = stopped_daemon(daemon)
        silent = Silent(card, "00B0")
        terminal = pair_with(daemon)
        assert silent.reached.wait(10)
        os.kill(number, signal.SIGSTOP)
        silent.go_on.set()
        assert timed(terminal, "The smart card service (PC/SC) does not answer.") < 5
        os.kill(number, signal.SIGCONT)
        terminal.answer(PROMPT, "1234")
        assert terminal.end() == 0
    assert portal.failures == ["reader-silent", "resolved"]
