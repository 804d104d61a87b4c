"""Each event in each state of a conversation over the real daemon: docs/field-cases.md holds the table, read here."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

TABLE = Path("docs/field-cases.md").read_text("utf-8").partition("## Each event in each state")[2]
LIMIT = 5.0  # seconds from anything stuck to its sentence
KINDS = ("reader", "card", "another", "service ended", "service stopped", "portal")
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
    tried = {(line.state, kind) for line in LINES for kind in KINDS if line.event.startswith(kind)}
    assert {(line.state, kind) for line in LINES for kind in KINDS} - tried == WITHOUT_A_READER


@pytest.mark.parametrize("line", LINES, ids=lambda line: f"{line.state} - {line.event}")
def test_each_event_in_each_state(scene, line, record_property):
    scene.bring_to(line.state)
    for step, codes in line.steps():
        scene.let(step)
        for code in codes:
            seconds = scene.says(code)
            record_property(f"seconds until {code}", round(seconds, 2))
            assert seconds < LIMIT or code == "portal-unreachable"  # the end of the wait that portal-slow begins
    scene.arrives_at(line.then)
    assert (str(scene.mine.tries_left), f"{scene.sent} of {len(scene.typed)}") == (line.tries, line.sent)
    assert scene.ends(line.then) == EXIT_CODES.get(line.then, 130)
