"""Nothing hangs over the real daemon: a transaction, a silent card, a stopped service."""

import signal
import subprocess
import time

import pytest

from tests.bridge.conversation.test_terminal_ui import Terminal
from tests.bridge.fake_portal import DIGITS
from tests.pcsc.desk.conversations import COMMAND, PROMPT, Silent, ended, silenced, timed
from tests.pcsc.desk.daemon import Daemon
from tests.waiting import wait_until


def test_a_card_in_another_program_s_transaction_is_told_and_goes_on_when_it_is_free(
    pcsc, pair, portal, hold, issued, in_time
):
    pcsc.insert(issued.card())
    let_go = hold()
    terminal = pair()
    in_time(timed(terminal, "Another program is using the card."), 3)
    let_go()
    terminal.answer(PROMPT, "1234")
    assert terminal.end() == 0
    assert DIGITS in terminal.shown
    assert portal.failures == ["reader-busy", "resolved"]


@pytest.mark.parametrize("command", [("show",), ("doctor",)])
def test_commands_that_only_look_say_that_the_card_is_in_use(pcsc, environment, hold, issued, command, in_time):
    pcsc.insert(issued.card())
    hold()
    begin = time.monotonic()
    result = subprocess.run([*COMMAND, *command], env=environment, capture_output=True, text=True, check=False)
    in_time(time.monotonic() - begin, 4)
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


def test_a_card_that_no_longer_answers_is_told_after_ten_seconds(pcsc, pair, portal, issued, in_time):
    card = pcsc.insert(issued.card())
    silent = Silent(card, "00B0")
    terminal = pair()
    assert silent.reached.wait(30)
    in_time(timed(terminal, "The card has not answered yet."), 5)
    in_time(timed(terminal, "The card does not answer."), 10)
    silent.go_on.set()
    pcsc.remove()
    pcsc.insert(issued.card())
    terminal.answer(PROMPT, "1234")
    assert terminal.end() == 0
    assert portal.failures[0] == "card-silent"


@pytest.mark.parametrize("command", ["show", "doctor"])
def test_commands_that_only_look_say_within_five_seconds_that_a_card_has_not_answered(
    pcsc, environment, issued, command, in_time
):
    silent = Silent(pcsc.insert(issued.card()), "00B0")
    terminal = Terminal(*COMMAND, command, environment=environment)
    assert silent.reached.wait(30)
    in_time(timed(terminal, "The card has not answered yet."), 5)
    seconds, _ = ended(terminal, signal.SIGINT)
    silent.go_on.set()
    in_time(seconds, 1)


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
def test_a_service_that_does_not_answer_is_told(tmp_path, issued, command, in_time):
    with Daemon() as daemon:
        daemon.insert(issued.card())
        environment = daemon.environment | {"PATH": "/usr/bin:/bin", "MYKEY_BRIDGE_SETTINGS": str(tmp_path / "b.toml")}
        with silenced(daemon):
            begin = time.monotonic()
            result = subprocess.run([*COMMAND, *command], env=environment, capture_output=True, text=True, check=False)
            seconds = time.monotonic() - begin
    in_time(seconds, 5)
    assert result.returncode == 1
    assert "does not answer" in result.stdout + result.stderr


def test_a_service_that_stops_answering_under_a_command_is_told_within_five_seconds(pair_with, portal, issued, in_time):
    with Daemon() as daemon:
        card = daemon.insert(issued.card())
        silent = Silent(card, "00B0")
        terminal = pair_with(daemon)
        assert silent.reached.wait(30)
        with silenced(daemon):
            silent.go_on.set()
            in_time(timed(terminal, "The smart card service (PC/SC) does not answer."), 5)
        terminal.answer(PROMPT, "1234")
        assert terminal.end() == 0
    assert portal.failures == ["reader-silent", "resolved"]
