"""Say what the bridge has to say, in the language of whoever sits before it."""

import json
import os
import re
import unicodedata
from collections.abc import Mapping

from reader_bridge.errors import BridgeError, PortalRefused
from reader_bridge.words.sentences import PARAMETERS, PURPOSES, Sentence
from reader_bridge.words.states import ALL_SENTENCES, STATES
from reader_bridge.words.terminal_sentences import TERMINAL

_AT_TERMINAL = ALL_SENTENCES | TERMINAL
_ODD = re.compile("[\ud800-\udfff]")  # bytes of a name in another encoding
_LONGEST = 200  # characters of anything shown that came from outside
_BLANKS = re.compile(r"([\s\u115f\u1160\u2800\u3164\uffa0])[\s\u115f\u1160\u2800\u3164\uffa0]+")


def choose_language(named: str | None, environment: Mapping[str, str] = os.environ) -> str:
    """Choose `ja` or `en`: what was named, else the system's language; Japanese where it has none."""
    if named is not None:
        return named
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environment.get(variable):
            return "ja" if value.startswith("ja") else "en"
    return "ja"


class Words:
    """Say sentences in one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._ja = language == "ja"

    def say(self, name: str) -> str:
        """Say a sentence, or what happened and what to do; a portal's unknown code is shown after the general one."""
        return self._said(name, ALL_SENTENCES)

    def at_terminal(self, name: str) -> str:
        """Say it as a service provider's terminal does, where some have another next step."""
        return self._said(name, _AT_TERMINAL)

    def state(self, name: str) -> tuple[str, str]:
        """Say the title and the sentence of a state."""
        return self._in_language(STATES[name].title), self._in_language(STATES[name].sentence)

    def purpose(self, name: str) -> str:
        """Say a purpose; an unknown one is its name."""
        return self._in_language(PURPOSES[name]) if name in PURPOSES else plain(name)

    def parameter(self, name: str) -> str:
        """Say what a parameter is; an unknown one is its name."""
        return self._in_language(PARAMETERS[name]) if name in PARAMETERS else plain(name)

    def _said(self, name: str, sentences: Mapping[str, Sentence]) -> str:
        if name in sentences:
            return self._in_language(sentences[name])
        return f"{self._in_language(sentences['portal-refused'])} [{name}]"

    def _in_language(self, sentence: Sentence) -> str:
        return sentence.ja if self._ja else sentence.en


def sentence_code(error: BaseException) -> str:
    """Name the sentence that tells a citizen about an error; a portal's refusal has the portal's code."""
    if isinstance(error, PortalRefused):
        return error.problem_code
    return error.code if isinstance(error, BridgeError) else "internal"


def detail_of(error: BridgeError) -> str:
    """Return what stands below the sentence; a refusal that has a sentence of its own needs none."""
    known = isinstance(error, PortalRefused) and error.problem_code in ALL_SENTENCES
    return "" if known else error.detail


def plain(value: object) -> str:
    """Show what came from outside as a short text, without what steers a terminal or pads to a line of its own."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = _ODD.sub("\ufffd", text)
    text = "".join(each for each in text if each.isprintable() or unicodedata.category(each) == "Zs")
    text = _BLANKS.sub(r"\1", text)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
