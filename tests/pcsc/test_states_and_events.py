"""Each event in each state of a conversation over the real daemon: docs/field-cases.md holds the table, read here."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.pcsc.desk.scene import STATES

TABLE = Path("docs/field-cases.md").read_text("utf-8").partition("## Each event in each state")[2]
KINDS = ("reader", "card", "another", "service ended", "service stopped", "portal")
# what happens there to reader and card is the same as where a card is waited for
SIGNALS_ALONE = {"reader choice", "telling the page"}
WITHOUT_A_READER = {("waiting for a reader", "card"), ("waiting for a reader", "another")}
EXIT_CODES = {"PIN prompt": 0, "digits": 0, "end": 1}


class Line(NamedTuple):
    state: str
    event: str
    said: str
    then: str
    tries: str
    sent: str

    def steps(self):
        """Return each step with the codes of its sentences."""
        said = [re.findall(r"`(.+?)`", codes) for codes in self.said.split(", ")]
        return zip(self.event.split(", "), said, strict=True)


LINES = [Line(*line[2:-2].split(" | ")) for line in re.findall(r"^\| .* \|$", TABLE, re.MULTILINE)[1:]]


def test_each_kind_of_event_is_tried_in_each_state():
    assert {line.state for line in LINES} == set(STATES) - SIGNALS_ALONE
    tried = {(line.state, kind) for line in LINES for kind in KINDS if line.event.startswith(kind)}
    assert {(line.state, kind) for line in LINES for kind in KINDS} - tried == WITHOUT_A_READER


@pytest.mark.parametrize("line", LINES, ids=lambda line: f"{line.state} - {line.event}")
def test_each_event_in_each_state(scene, line, in_time):
    scene.bring_to(line.state)
    for step, codes in line.steps():
        scene.let(step)
        for code in codes:
            seconds = scene.says(code)
            if code != "portal-unreachable":  # the end of the wait that portal-slow begins
                in_time(seconds, 5)
    scene.arrives_at(line.then)
    assert (str(scene.mine.tries_left), f"{scene.sent} of {len(scene.typed)}") == (line.tries, line.sent)
    assert scene.ends(line.then) == EXIT_CODES.get(line.then, 130)
