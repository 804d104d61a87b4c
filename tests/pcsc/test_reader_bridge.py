"""The command `reader-bridge` as a citizen runs it: a terminal, the PC/SC daemon, a card, a portal."""

import subprocess
import sys

import pytest

from tests.bridge.conversation.test_terminal_ui import Terminal
from tests.bridge.fake_portal import DIGITS, HANDLE, FakePortal

COMMAND = (sys.executable, "-m", "reader_bridge", "--lang", "en")


@pytest.fixture
def portal():
    portal = FakePortal()
    yield portal
    portal.close()


@pytest.fixture
def environment(pcsc, tmp_path):
    places = {"MYKEY_BRIDGE_SETTINGS": str(tmp_path / "bridge.toml"), "XDG_RUNTIME_DIR": str(tmp_path)}
    return pcsc.environment | places | {"PATH": "/usr/bin:/bin", "BROWSER": "echo %s"}


@pytest.fixture
def run(environment):
    def run_command(*arguments):
        return subprocess.run([*COMMAND, *arguments], env=environment, capture_output=True, text=True, check=False)

    return run_command


def test_list_names_the_readers(run):
    assert run("list").stdout.splitlines() == ["Virtual PCD 00 00", "Virtual PCD 00 01"]


def test_show_reads_the_certificate_without_a_pin(pcsc, run, issued):
    card = pcsc.insert(issued.card())
    result = run("show")
    assert (result.returncode, result.stderr) == (0, "")
    assert "ランダム文字列: 1C2410DF79DGEL" in result.stdout
    assert not [command for command, _ in card.trace if command[1] == 0x20]


def test_doctor_finds_card_and_empty_reader(pcsc, run, issued):
    pcsc.insert(issued.card())
    result = run("doctor")
    assert "[OK] Virtual PCD 00 00: the My Number card can be read (PIN 3/3)" in result.stdout
    assert "[--] Virtual PCD 00 01: Put your My Number card" in result.stdout


def test_pair_goes_from_an_empty_reader_to_the_six_digits(pcsc, environment, issued, portal):
    terminal = Terminal(*COMMAND, "pair", "--portal", portal.origin, "K7QF-4PXW", environment=environment)
    terminal.answer("Connect to this portal?", "y")
    terminal.wait("Put your My Number card on the card reader.")
    pcsc.insert(issued.card())
    terminal.answer("PIN of the user authentication certificate", "0000")
    terminal.answer("PIN of the user authentication certificate", "1234")
    assert terminal.end() == 0
    assert DIGITS in terminal.shown
    assert portal.failures == ["no-card", "resolved", "pin-incorrect"]
    assert portal.signature_is_good(portal.tokens[0])
    assert not [pin for pin in ("0000", "1234") if pin in terminal.shown.replace(portal.origin, "")]


def test_open_follows_a_link_while_the_card_is_pulled_out_and_put_back(pcsc, environment, issued, portal):
    pcsc.insert(issued.card())
    link = f"mykey-bridge:read?origin={portal.origin.replace(':', '%3A').replace('/', '%2F')}&handle={HANDLE}"
    terminal = Terminal(*COMMAND, "--allow-http", portal.origin, "open", "--", link, environment=environment)
    terminal.answer("Connect to this portal?", "y")
    terminal.wait("PIN of the user authentication certificate")
    pcsc.remove()
    terminal.type("1234")
    terminal.wait("The card was removed.")
    card = pcsc.insert(issued.card())
    terminal.answer("PIN of the user authentication certificate", "1234")
    assert terminal.end() == 0
    assert len(portal.tokens) == 1
    assert (portal.failures[0], portal.failures[-1]) == ("card-removed", "resolved")
    assert sum(command[1] == 0x20 and len(command) > 4 for command, _ in card.trace) == 1
