"""Random lives of reader, cards and service during conversations: no hang, no try lost, no PIN sent twice.

The suite tries two, always the same; `make lives` tries as many as it is told with each of two seeds.
"""

import os
import random
from collections import Counter

import pytest

from tests.bridge.fake_portal import DIGITS
from tests.pcsc.desk.conversations import pins_sent_to
from tests.pcsc.desk.life import RIGHT, Life
from tests.waiting import wait_until

SOAK = int(os.environ.get("SOAK", "0"))
LIVES = [(seed, number) for seed in ((1, 2) if SOAK else (1,)) for number in range(SOAK or 2)]
STEPS = 16


def tries_after(pins):
    """Return the tries that a card has left after PINs: three since the last right one."""
    wrong = pins[::-1].index(RIGHT) if RIGHT in pins else len(pins)
    return 3 - wrong


@pytest.mark.parametrize(("seed", "number"), LIVES)
def test_a_random_life_comes_to_a_good_end(scene, seed, number, record_property):
    life = Life(scene, random.Random(f"{seed}-{number}"))  # noqa: S311 - to be the same again
    ended = not life.goes_on(STEPS) or life.settles()
    shown, story = scene.terminal.shown, f"{life.log}\n{scene.terminal.shown}"
    assert ended, story
    record_property("PINs typed", len(life.typed))
    code = scene.terminal.end()
    locked = 0 in (scene.mine.tries_left, scene.theirs.tries_left)
    assert (code, DIGITS in shown) == ((130 if life.refused else 1 if locked else 0), code == 0), story
    assert "Traceback" not in shown, story
    assert "Something unexpected" not in shown, story
    sent = [pins_sent_to(card) for card in (scene.mine, scene.theirs)]
    assert [tries_after(pins) for pins in sent] == [scene.mine.tries_left, scene.theirs.tries_left], story
    assert not Counter(sent[0] + sent[1]) - Counter(life.typed), story
    assert len(scene.portal.tokens) == (code == 0), story
    wait_until(lambda: not any(each.exists() for each in life.started))
