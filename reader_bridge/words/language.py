"""Say what the bridge has to say, in the language of whoever sits before it."""

import json
import os
import re
import unicodedata
from collections.abc import Mapping

from reader_bridge.errors import BridgeError, PortalRefused
from reader_bridge.words.error_sentences import ERRORS
from reader_bridge.words.portal_refusals import PORTAL_REFUSALS
from reader_bridge.words.sentences import PARAMETERS, PURPOSES, SENTENCES, Sentence
from reader_bridge.words.states import STATES
from reader_bridge.words.terminal_sentences import TERMINAL

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
        return self._in_language(SENTENCES[name])

    def knows(self, code: str) -> bool:
        """Tell whether a code has a sentence of its own here."""
        return code in ERRORS or code in PORTAL_REFUSALS

    def error(self, code: str) -> str:
        """Say what happened and what to do; a portal's unknown code is shown after the general sentence."""
        sentence = ERRORS.get(code) or PORTAL_REFUSALS.get(code)
        return self._in_language(sentence) if sentence else f"{self._in_language(ERRORS['portal-refused'])} [{code}]"

    def state(self, name: str) -> tuple[str, str]:
        """Say the title and the sentence of a state."""
        return self._in_language(STATES[name].title), self._in_language(STATES[name].sentence)

    def at_terminal(self, name: str) -> str:
        """Say a sentence or an error at a service provider's terminal; a portal's unknown code is shown with it."""
        if name in TERMINAL:
            return self._in_language(TERMINAL[name])
        if name in SENTENCES or name in ERRORS or name in PORTAL_REFUSALS:
            return self.finding(name)
        return f"{self._in_language(TERMINAL['portal-refused'])} [{name}]"

    def finding(self, code: str) -> str:
        """Say what an examination found: a sentence of ours or an error."""
        return self.say(code) if code in SENTENCES else self.error(code)

    def purpose(self, name: str) -> str:
        """Say a purpose; an unknown one is its name."""
        return self._in_language(PURPOSES[name]) if name in PURPOSES else plain(name)

    def parameter(self, name: str) -> str:
        """Say what a parameter is; an unknown one is its name."""
        return self._in_language(PARAMETERS[name]) if name in PARAMETERS else plain(name)

    def _in_language(self, sentence: Sentence) -> str:
        return sentence.ja if self._ja else sentence.en


def sentence_code(error: BaseException) -> str:
    """Name the sentence that tells a citizen about an error; a portal's refusal has the portal's code."""
    if isinstance(error, PortalRefused):
        return error.problem_code
    return error.code if isinstance(error, BridgeError) else "internal"


def plain(value: object) -> str:
    """Show what came from outside as a short text, without what steers a terminal or pads to a line of its own."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = _ODD.sub("\ufffd", text)
    text = "".join(each for each in text if each.isprintable() or unicodedata.category(each) == "Zs")
    text = _BLANKS.sub(r"\1", text)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
