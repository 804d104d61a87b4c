import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import reader_bridge
from reader_bridge.errors import BridgeError, NoReader, PortalRefused
from reader_bridge.words.error_sentences import ERRORS
from reader_bridge.words.language import Words, choose_language, plain, sentence_code
from reader_bridge.words.portal_refusals import PORTAL_REFUSALS
from reader_bridge.words.sentences import PARAMETERS, PURPOSES, SENTENCES
from reader_bridge.words.states import ALL_SENTENCES
from reader_bridge.words.terminal_sentences import TERMINAL
from reader_bridge.words.window_sentences import WINDOW

ALL = {**WINDOW, **TERMINAL, **SENTENCES, **PURPOSES, **PARAMETERS, **ERRORS, **PORTAL_REFUSALS}


def kinds(of=BridgeError):
    return {of, *(each for below in of.__subclasses__() for each in kinds(below))}


def test_every_error_code_has_its_sentence():
    for room in pkgutil.walk_packages(reader_bridge.__path__, "reader_bridge."):  # a few stand where they are raised
        if not room.name.endswith("__main__"):
            importlib.import_module(room.name)
    codes = {kind.code for kind in kinds() if kind.__module__.startswith("reader_bridge.")}
    assert codes - set(PORTAL_REFUSALS) == set(ERRORS)


def test_every_code_of_the_protocol_that_can_reach_a_citizen_has_its_sentence():
    protocol = (Path(__file__).parents[3] / "docs" / "bridge-protocol.md").read_text()
    named = set(re.findall("`([a-z]+(?:-[a-z0-9]+)+)`", protocol.partition("## Errors")[2].partition("\n## ")[0]))
    terminals = {name for name in named if name in TERMINAL or name.startswith(("service-", "terminal-", "inquiry-"))}
    assert named - terminals - {"mykey-id-stopped"} <= set(ERRORS) | set(PORTAL_REFUSALS)


@pytest.mark.parametrize("name", ALL)
def test_every_sentence_is_there_in_both_languages(name):
    japanese, english = ALL[name]
    assert re.search("[ぁ-んァ-ヶ一-龠]", japanese)
    assert english
    assert english.isascii() or name in WINDOW  # a terminal may draw no more


def test_no_sentence_says_two_things():
    tables = (SENTENCES, WINDOW, ERRORS, PORTAL_REFUSALS)
    assert sum(map(len, tables)) == len({name for table in tables for name in table})


def test_the_words_are_the_specifications():
    japanese = Words("ja")
    assert "利用者証明用電子証明書の暗証番号（数字4桁）" in japanese.say("pin-prompt")
    assert "市区町村窓口" in japanese.say("pin-blocked")
    assert "顔認証" in japanese.say("pin-blocked")
    assert "残り" in japanese.say("tries-left")


def test_a_code_of_the_portal_that_nobody_knows_is_shown_with_the_general_sentence():
    assert Words("en").say("from-version-2") == (
        "The portal did not accept this. Start again on the page in your browser. [from-version-2]"
    )


def test_whatever_the_program_says_by_name_has_its_sentence():
    program = "".join(path.read_text() for path in Path(reader_bridge.__path__[0]).rglob("*.py"))
    named = set(re.findall(r"\b(?:say|_tell|at_terminal)\(\"([a-z-]+)\"", program))
    assert len(named) > 20
    assert named <= ALL_SENTENCES.keys() | TERMINAL.keys()


@pytest.mark.parametrize("name", TERMINAL)
def test_every_sentence_of_a_terminal_is_there_in_both_languages(name):
    japanese, english = TERMINAL[name]
    assert re.search("[ぁ-んァ-ヶ一-龠]", japanese)
    assert english.isascii()


def test_every_code_that_the_portal_may_give_to_a_terminal_has_its_sentence():
    protocol = (Path(__file__).parents[3] / "docs" / "bridge-protocol.md").read_text()
    errors = protocol.partition("## Errors")[2].partition("## Order of checks")[0]
    codes = set(
        re.findall(r"`(certificate-[a-z-]+|[a-z]+-unknown|algorithm-unsupported|rate-limited|unavailable)`", errors)
    )
    codes |= {"enrolment-code-not-found", "service-provider-suspended"}
    codes |= {"mykey-id-not-registered", "mykey-id-stopped", "request-malformed"}
    assert [code for code in codes if "[" in Words("en").at_terminal(code)] == []


def test_a_code_that_nobody_knows_is_shown_at_a_terminal_too():
    assert Words("en").at_terminal("from-version-2") == "The portal did not accept this. [from-version-2]"


def test_at_a_terminal_a_code_may_have_another_next_step():
    assert Words("en").at_terminal("rate-limited") == TERMINAL["rate-limited"].en
    assert Words("ja").at_terminal("no-reader") == Words("ja").say("no-reader")


def test_an_error_is_told_by_its_code_and_a_refusal_by_the_portals():
    assert sentence_code(PortalRefused("card-session-ended", "Gone")) == "card-session-ended"
    assert sentence_code(NoReader()) == "no-reader"
    assert sentence_code(ValueError()) == "internal"


def test_an_unknown_purpose_is_shown_as_its_name():
    assert Words("ja").purpose("register") == "マイキーIDを登録する"
    assert Words("ja").purpose("sell-\x1b[2Jthe-house") == "sell-[2Jthe-house"


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_purpose_of_the_protocol_has_its_words(language):
    protocol = (Path(__file__).parents[3] / "docs" / "bridge-protocol.md").read_text()
    named = re.findall(r"^- `([a-z-]+)`", protocol.partition("Purposes:")[2].partition("###")[0], re.MULTILINE)
    assert set(named) | {"show", "test"} == set(PURPOSES)
    assert all(Words(language).purpose(name) != name for name in named)


def test_a_parameter_is_said_and_an_unknown_one_is_its_name():
    assert Words("en").parameter("service_provider_id") == "Service provider ID"
    assert Words("en").parameter("a\x1b[1mb") == "a[1mb"


def test_nothing_from_the_network_steers_the_terminal():
    assert plain("a\x1b[31m\r\nb\u202e\u200bc\x9bd") == "a[31mbcd"
    assert plain("全角　の空白") == "全角　の空白"
    assert plain({"id": ["あ", 1]}) == '{"id": ["あ", 1]}'


@pytest.mark.parametrize("blank", [" ", "\u3000", "\u2800", "\u3164", "\u115f", "\u1160", "\uffa0", "\u00a0"])
def test_nothing_pads_itself_to_a_line_of_its_own(blank):
    assert plain("a" + blank * 80 + "b") == f"a{blank}b"


def test_a_long_value_is_cut():
    assert plain("x" * 200) == "x" * 200
    assert plain("x" * 14_000) == "x" * 200 + "…"
    assert len(plain({"a": ["x" * 14_000]})) == 201


@pytest.mark.parametrize(
    ("named", "environment", "language"),
    [
        ("en", {"LANG": "ja_JP.UTF-8"}, "en"),
        (None, {"LANG": "ja_JP.UTF-8"}, "ja"),
        (None, {"LANG": "de_DE.UTF-8"}, "en"),
        (None, {"LC_ALL": "en_US", "LANG": "ja_JP"}, "en"),
        (None, {}, "ja"),
    ],
)
def test_the_language_is_what_was_named_or_the_systems(named, environment, language):
    assert choose_language(named, environment) == language
