"""Each signal that ends a program ends each state of a conversation within a second, and leaves nothing behind.

The suite tries half of them, each state with two signals; `make lives` tries all.
"""

import itertools
import os
import signal
import socket
from pathlib import Path

import pytest

from tests.bridge.conversation.test_terminal_ui import Terminal
from tests.pcsc.desk.conversations import COMMAND, children, ended
from tests.pcsc.desk.scene import STATES
from tests.waiting import wait_until

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
TRIED = [
    (state, number)
    for (row, state), (column, number) in itertools.product(enumerate(STATES), enumerate(SIGNALS))
    if "SOAK" in os.environ or (row + column) % 2 == 0
]
TOO_LATE = "sending the result"  # the portal has everything, and may have acted on it


@pytest.fixture
def ends(in_time):
    """See that a signal ends a program in time, as cancelled, with all that it started."""

    def end(terminal, number):
        started = children(terminal)
        seconds, code = ended(terminal, number)
        in_time(seconds, 1)
        assert code == 130
        wait_until(lambda: not any(each.exists() for each in started))
        assert "Traceback" not in terminal.shown

    return end


@pytest.mark.parametrize(("state", "number"), TRIED)
def test_each_signal_ends_each_state_and_the_page_is_told(scene, ends, state, number):
    scene.bring_to(state)
    ends(scene.terminal, number)
    assert ("cancelled" in scene.portal.failures) == (state != TOO_LATE)
    scene.let_card_go()
    wait_until(lambda: scene.sent == len(scene.typed))


@pytest.mark.parametrize("number", SIGNALS)
def test_each_signal_ends_the_wait_for_a_busy_card_and_the_page_is_told(scene, hold, ends, number):
    scene.card_put_in()
    hold()
    scene.terminal = scene.begin()
    scene.says("reader-busy")
    wait_until(lambda: scene.portal.failures)  # said here before the page is told
    ends(scene.terminal, number)
    assert scene.portal.failures == ["reader-busy", "cancelled"]


@pytest.mark.parametrize("number", SIGNALS)
def test_each_signal_ends_a_call_to_a_portal_that_never_answers(environment, ends, number):
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        origin = f"http://localhost:{deaf.getsockname()[1]}"
        Path(environment["MYKEY_BRIDGE_SETTINGS"]).write_text(f'known_origins = ["{origin}"]')
        command = (*COMMAND, "--allow-http", origin, "pair", "--portal", origin, "K7QF-4PXW")
        terminal = Terminal(*command, environment=environment)
        terminal.wait("The portal has not answered yet.")
        ends(terminal, number)
