"""The conversation UI in a terminal."""

import sys
from collections.abc import Sequence

import click

from reader_bridge.conversation.browser import open_browser
from reader_bridge.conversation.hidden_line import read_hidden
from reader_bridge.conversation.ui import Consent
from reader_bridge.errors import BridgeError
from reader_bridge.portal.replies import Claim
from reader_bridge.readers.worker import keep_out_of_core_files
from reader_bridge.words.language import Words, plain

_PIN_PROBLEMS = ("pin-incorrect", "pin-malformed")  # the consent still stands above


class TerminalAbsent(BridgeError):
    """Nobody can be asked: the program was started without a terminal."""

    code = "terminal-absent"


def need_terminal() -> None:
    """Raise TerminalAbsent before anything is begun that would end at a prompt nobody sees."""
    if not sys.stdin.isatty():
        raise TerminalAbsent("standard input is no terminal")


class TerminalUI:
    def __init__(self, words: Words) -> None:
        self._words = words

    def confirm_new_origin(self, origin: str) -> bool:
        return self._confirm("new-origin-question", f"  {plain(origin)}")

    def claimed(self, claim: Claim) -> None:
        pass  # shown with the consent

    def problem(self, code: str | None) -> None:
        if code is None:
            click.echo(self._words.say("resolved"))
            return
        self._tell(code)
        click.echo(self._words.say("waiting"))

    def reading(self) -> None:
        self._tell("reading")

    def reached(self, origin: str) -> None:
        self._tell("reached")
        click.echo(f"  {origin}")

    def choose_reader(self, names: Sequence[str]) -> str | None:
        state = "choose-reader" if len(names) > 1 else "take-the-other"
        click.echo(self._words.state(state)[0])
        for number, name in enumerate(names, start=1):
            click.echo(f"  {number}. {plain(name)}")
        while True:
            typed = self._read(self._words.say(state))
            if not typed:
                return None
            if typed.isdecimal() and 0 < int(typed) <= len(names):
                return names[int(typed) - 1]

    def ask_pin(self, consent: Consent) -> str | None:
        if consent.last_problem is not None:
            self._tell(consent.last_problem)
        if consent.last_problem not in _PIN_PROBLEMS:
            click.echo(self._words.state("pin-prompt")[0])
            self._show(consent)
        click.echo(f"  {self._words.say('origin')}: {consent.origin}")  # again: what is above may have scrolled away
        click.echo(f"  {self._words.say('tries-left')}: {self._tries_left(consent)}")
        try:
            return _read_hidden(f"{self._words.say('pin-prompt')}: ")
        except (EOFError, KeyboardInterrupt):
            return None

    def confirm_last_try(self, consent: Consent) -> bool:  # noqa: ARG002 (the terminal shows it already)
        return self._confirm("last-try-question")

    def sending(self) -> None:
        self._tell("sending")

    def completion_code(self, code: str, origin: str) -> None:
        self._tell("completion-code")
        click.echo(f"  {self._words.say('origin')}: {origin}")
        click.echo(f"  {code}")

    def completion_url(self, url: str) -> None:
        self._tell("completion-url" if open_browser(url) else "browser-absent")

    def failed(self, code: str) -> None:
        if code == "internal":
            click.echo(self._words.say(code), err=True)  # the command itself says the others on leaving

    def stopped(self) -> bool:
        return False  # Ctrl+C raises where the bridge waits

    def _show(self, consent: Consent) -> None:
        words = self._words
        rows = [
            (words.say("origin"), consent.origin),
            (words.say("purpose"), words.purpose(consent.purpose)),
            *(("  " + words.parameter(name), plain(value)) for name, value in consent.parameters.items()),
            (words.say("match-code"), consent.match_code),
            (words.say("reader"), plain(consent.reader)),
        ]
        for name, value in rows:
            click.echo(f"  {name}: {value}")

    def _tries_left(self, consent: Consent) -> str:
        return self._words.say("tries-left-unknown") if consent.tries_left is None else str(consent.tries_left)

    def _tell(self, state: str) -> None:
        click.echo(self._words.state(state)[1])

    def _confirm(self, state: str, *about: str) -> bool:
        title, question = self._words.state(state)
        click.echo("\n".join((title, *about)))
        try:
            return click.confirm(question, default=False)
        except click.Abort:
            return False

    def _read(self, prompt: str) -> str:
        try:
            return str(click.prompt(prompt, default="", show_default=False))
        except click.Abort:
            return ""


def _read_hidden(prompt: str) -> str:
    need_terminal()  # never from a pipe, which would show it
    keep_out_of_core_files()
    return read_hidden(prompt)
