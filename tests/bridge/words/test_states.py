"""The table of states: each state of a conversation has its title, its sentence, what one can do, and its time."""

import ast
import inspect
import re
from math import inf

import pytest

from reader_bridge.conversation import terminal_ui
from reader_bridge.readers.card_finder import PASSING
from reader_bridge.words.error_sentences import ERRORS
from reader_bridge.words.language import Words
from reader_bridge.words.portal_refusals import PORTAL_REFUSALS
from reader_bridge.words.states import STATES
from tests.bridge.words import states_page

BESIDE_THE_PROMPT = {"another-card", "removed-before-pin", "unfinished", "unfinished-unspent"}


def below(kind):
    return {kind.code, *(code for each in kind.__subclasses__() for code in below(each))}


def test_every_problem_that_a_conversation_waits_out_can_be_left_and_examined():
    passing = {code for kind in PASSING for code in below(kind)} - BESIDE_THE_PROMPT
    assert {STATES[code].can_do for code in passing} == {("cancel", "doctor")}


def test_every_other_error_and_refusal_is_told_beside_the_prompt_or_is_an_end():
    passing = {code for kind in PASSING for code in below(kind)}
    rest = {code: STATES[code] for code in {*ERRORS, *PORTAL_REFUSALS} - passing}
    asked_again = {code for code, state in rest.items() if state.default == "answer"}
    assert asked_again == {"pin-incorrect", "pin-malformed"}
    ends = [state for code, state in rest.items() if code not in asked_again]
    assert {(state.can_do[0], state.can_do[-1], state.seconds) for state in ends} == {("close", "start", inf)}


def test_an_end_that_a_new_start_mends_leads_to_the_page_and_no_other():
    assert STATES["card-session-expired"].can_do == ("close", "portal", "start")
    assert STATES["portal-unreachable"].can_do == ("close", "portal", "doctor", "start")
    assert STATES["pin-blocked"].can_do == ("close", "start")


def test_enter_does_nothing_where_nothing_is_asked_and_no_where_the_answer_may_cost():
    assert {name for name, state in STATES.items() if state.default == "cancel"} == {
        "new-origin-question",
        "last-try-question",
    }
    assert [state.default for state in (STATES["no-card"], STATES["pin-prompt"])] == [None, "answer"]


def test_every_state_that_the_terminal_shows_is_in_the_table():
    told = [
        each.args[0]
        for each in ast.walk(ast.parse(inspect.getsource(terminal_ui)))
        if isinstance(each, ast.Call) and getattr(each.func, "attr", "") in ("state", "_tell", "_confirm")
    ]
    names = {each.value for argument in told for each in ast.walk(argument) if isinstance(each, ast.Constant)}
    assert {"pin-prompt", "new-origin-question", "last-try-question", "completion-url"} <= names
    assert {name for name in names if isinstance(name, str)} <= set(STATES)


@pytest.mark.parametrize("name", STATES)
def test_each_state_has_title_sentence_a_way_on_and_its_time(name):
    state = STATES[name]
    for japanese, english in (state.title, state.sentence):
        assert re.search("[ぁ-んァ-ヶ一-龠]", japanese)
        assert english.isascii()
    assert {"cancel", "close"} & set(state.can_do)
    assert state.seconds > 0
    assert ("close" in state.can_do) or state.seconds < inf or name == "new-origin-question"


def test_the_documents_show_the_table_as_it_is():
    assert states_page.PAGE.read_text("utf-8") == states_page.page()


def test_a_state_is_said_in_the_language_chosen():
    assert Words("en").state("no-card")[0] == "Put your card on the reader"
    assert Words("ja").state("pin-prompt")[0] == "次の内容でカードを使います。"
