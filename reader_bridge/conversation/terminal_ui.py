"""The conversation UI in a terminal."""

import getpass
import sys
import warnings
from collections.abc import Sequence

import click

from reader_bridge.conversation.browser import open_browser
from reader_bridge.conversation.ui import Consent
from reader_bridge.errors import BridgeError
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
        click.echo(self._words.say("new-origin"))
        click.echo(f"  {plain(origin)}")
        return self._confirm("new-origin-question")

    def problem(self, code: str | None) -> None:
        if code is None:
            click.echo(self._words.say("resolved"))
            return
        state = self._words.state(code)
        click.echo(self._words.in_state(state)[1] if state else self._words.error(code))
        if state is None or "cancel" in state.can_do:
            click.echo(self._words.say("waiting"))

    def reading(self) -> None:
        click.echo(self._words.say("reading"))

    def reached(self, origin: str) -> None:
        click.echo(self._words.say("reached"))
        click.echo(f"  {origin}")

    def choose_reader(self, names: Sequence[str]) -> str | None:
        for number, name in enumerate(names, start=1):
            click.echo(f"  {number}. {plain(name)}")
        while True:
            typed = self._read(self._words.say("choose-reader" if len(names) > 1 else "take-the-other"))
            if not typed:
                return None
            if typed.isdecimal() and 0 < int(typed) <= len(names):
                return names[int(typed) - 1]

    def ask_pin(self, consent: Consent) -> str | None:
        if consent.last_problem is not None:
            click.echo(self._words.error(consent.last_problem))
        if consent.last_problem not in _PIN_PROBLEMS:
            self._show(consent)
        click.echo(f"  {self._words.say('origin')}: {consent.origin}")  # again: what is above may have scrolled away
        click.echo(f"  {self._words.say('tries-left')}: {self._tries_left(consent)}")
        try:
            return _read_hidden(f"{self._words.say('pin-prompt')}: ")
        except (EOFError, KeyboardInterrupt):
            return None

    def confirm_last_try(self, consent: Consent) -> bool:  # noqa: ARG002 (the terminal shows it already)
        click.echo(self._words.say("last-try"))
        return self._confirm("last-try-question")

    def completion_code(self, code: str, origin: str) -> None:
        click.echo(self._words.say("completion-code"))
        click.echo(f"  {self._words.say('origin')}: {origin}")
        click.echo(f"  {code}")

    def completion_url(self, url: str) -> None:
        name = "completion-url" if open_browser(url) else "browser-absent"
        click.echo(self._words.say(name))

    def failed(self, code: str) -> None:
        if code == "internal":
            click.echo(self._words.error(code), err=True)  # the command itself says the others on leaving

    def stopped(self) -> bool:
        return False  # Ctrl+C raises where the bridge waits

    def _show(self, consent: Consent) -> None:
        words = self._words
        click.echo(words.say("consent"))
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

    def _confirm(self, name: str) -> bool:
        try:
            return click.confirm(self._words.say(name), default=False)
        except click.Abort:
            return False

    def _read(self, prompt: str) -> str:
        try:
            return str(click.prompt(prompt, default="", show_default=False))
        except click.Abort:
            return ""


def _read_hidden(prompt: str) -> str:
    """Read from the terminal without echo; never from a pipe, which would show it."""
    keep_out_of_core_files()
    with warnings.catch_warnings():
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            return getpass.getpass(prompt)
        except getpass.GetPassWarning:
            raise TerminalAbsent("the PIN is read from a terminal alone") from None
