"""Conversations over the real daemon: programs that hinder, cards that are silent, the seconds until words come."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from tests.waiting import wait_until

COMMAND = (sys.executable, "-m", "reader_bridge", "--lang", "en")
PATIENT = (
    *(sys.executable, "-c"),
    "from reader_bridge.conversation import session; session.FAREWELL = 2; from reader_bridge.cli import main; main()",
    *("--lang", "en"),
)
"""The same, with time on a loaded machine for telling the page its end (tests/bridge/test_promised_seconds.py)."""
PROMPT = "PIN of the user authentication certificate"
HOLDER = """
import sys, smartcard.scard as pcsc
_, context = pcsc.SCardEstablishContext(pcsc.SCARD_SCOPE_USER)
_, card, _ = pcsc.SCardConnect(context, sys.argv[1], pcsc.SCARD_SHARE_SHARED, pcsc.SCARD_PROTOCOL_T1)
pcsc.SCardBeginTransaction(card)
print("held", flush=True)
sys.stdin.read()
"""


class Silent:
    """Makes a card say nothing to commands that begin so, until it is let go."""

    def __init__(self, card, beginning):
        self._respond, self._beginning = card.respond, bytes.fromhex(beginning)
        self.reached, self.go_on = threading.Event(), threading.Event()
        card.respond, card.let_go = self.respond, self.go_on.set

    def respond(self, command):
        if command.startswith(self._beginning) and not self.go_on.is_set():
            self.reached.set()
            self.go_on.wait(60)
        return self._respond(command)


@contextlib.contextmanager
def silenced(daemon):
    """Stop the daemon by SIGSTOP, every thread of it, and let it go on whatever happens."""
    number = process_of(daemon)
    os.kill(number, signal.SIGSTOP)
    tasks = Path(f"/proc/{number}/task")
    try:
        wait_until(lambda: all("\nState:\tT" in (each / "status").read_text() for each in tasks.iterdir()))
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(number, signal.SIGCONT)


def process_of(daemon):
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
    found = subprocess.run(["pgrep", "-P", str(terminal.pid)], capture_output=True, check=False, text=True).stdout
    return [Path("/proc") / each for each in found.split()]


class Answering:
    """Makes a card answer commands that begin so with what `answer` makes of them and its own answer."""

    def __init__(self, card, beginning, answer, *, times=None):
        self._respond, self._beginning, self._answer = card.respond, bytes.fromhex(beginning), answer
        self._times = times
        card.respond = self.respond

    def respond(self, command):
        real = self._respond(command)
        if not command.startswith(self._beginning) or self._times == 0:
            return real
        self._times = None if self._times is None else self._times - 1
        return self._answer(command, real)


def word(status):
    """Answer a status word alone."""
    return lambda *_: bytes.fromhex(status)


def pins_sent_to(card):
    """Return the PINs that a card was sent."""
    return [command[5:].decode() for command, _ in card.trace if command.startswith(bytes.fromhex("0020008004"))]


def verified(card):
    """Count the PINs that a card was sent."""
    return len(pins_sent_to(card))
