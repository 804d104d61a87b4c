"""The window on a real screen, over the real daemon: closed, ended, or called again in each state of a conversation."""

import os
import signal
import time
from itertools import cycle, product

import pytest

from reader_bridge.window.app import FAREWELL
from tests.pcsc.desk.conversations import children
from tests.pcsc.desk.scene import STATES
from tests.waiting import wait_until

WAYS = ("closed by hand", "ended by a signal", "called again")
EACH = [*product(STATES, WAYS)] if os.environ.get("SOAK") else [*zip(STATES, cycle(WAYS))]
PATIENCE = 8.0
TOO_LATE = "sending the result"  # the portal has everything, and may have acted on it


@pytest.mark.parametrize(("state", "way"), EACH)
def test_each_state_ends_within_a_second_and_the_page_is_told(scene, show, link, in_time, state, way):
    begin = time.monotonic()
    scene.bring_to(state)
    window = scene.terminal
    if way == "called again":
        before = window.title
        assert show(link).end() == ("", 0)
        given_up = time.monotonic() - begin > PATIENCE  # a card that keeps silent is, after ten seconds
        assert given_up or window.title == before
    started = children(window)
    seconds, (said, code) = ended(window, by_hand=way == "closed by hand")
    in_time(seconds, 1)
    assert (said.replace("the portal was not told no-card\n", ""), code) == ("", 0)
    wait_until(lambda: not any(each.exists() for each in started))
    if seconds < FAREWELL:  # a machine that is full may let it go before the page is told
        assert ("cancelled" in scene.portal.failures) == (state != TOO_LATE)
    scene.let_card_go()
    wait_until(lambda: scene.sent == len(scene.typed))


def ended(window, *, by_hand):
    window.front()
    begin = time.monotonic()
    if by_hand:
        window.keys("alt+F4")
    else:
        window.send(signal.SIGTERM)
    said = window.end()
    return time.monotonic() - begin, said


@pytest.mark.parametrize(
    ("step", "said", "back"),
    [
        ("card_taken_out", "card-removed", "card_put_in"),
        ("reader_unplugged", "no-reader", "reader_plugged_in"),
        ("service_ended", "no-service", "service_started"),
    ],
)
def test_what_moves_under_a_half_typed_pin_clears_it_and_no_try_is_spent(scene, step, said, back):
    scene.bring_to("PIN prompt")
    scene.terminal.types("12")
    getattr(scene, step)()
    scene.says(said)
    getattr(scene, back)()
    if back != "card_put_in":
        wait_until(lambda: scene.lies_there is not None)
    scene.says("Enter the PIN again")
    scene.right_PIN_typed()
    scene.says("completion-url")
    assert (scene.sent, scene.mine.tries_left) == (1, 3)
    assert scene.terminal.end_by(signal.SIGTERM) == ("", 0)
