"""The table of states: whatever lets a conversation go on has its title, its sentence and what the person can do."""

import re

import pytest

from reader_bridge import errors
from reader_bridge.readers.card_finder import PASSING
from reader_bridge.words.language import Words
from reader_bridge.words.states import STATES

TOLD_BESIDE_THE_PROMPT = {"another-card", "removed-before-pin", "unfinished", "unfinished-unspent"}


def below(kind):
    return {kind.code, *(code for each in kind.__subclasses__() for code in below(each))}


def test_every_problem_that_a_conversation_waits_out_is_in_the_table():
    codes = {code for kind in PASSING for code in below(kind)}
    assert codes - TOLD_BESIDE_THE_PROMPT == set(STATES) - {"reading", "portal-slow"}
    assert errors.CardStopped.code not in STATES  # which ends it


@pytest.mark.parametrize("code", STATES)
def test_each_state_is_said_in_both_languages_and_can_be_left(code):
    state = STATES[code]
    for japanese, english in (state.title, state.sentence):
        assert re.search("[ぁ-んァ-ヶ一-龠]", japanese)
        assert english.isascii()
    assert "cancel" in state.can_do
    assert state.seconds is None or 0 < state.seconds <= 15


def test_a_state_that_is_not_in_the_table_has_none():
    assert Words("ja").state("pin-blocked") is None
    assert Words("en").in_state(STATES["no-card"])[0] == "Put your card on the reader"
