"""Guard all of `mykey`: help in both languages, `--json`, exit codes."""

import json
import re

import click
import pytest
from click.testing import CliRunner

from portal.cli import main
from portal.commands.answer import Command, Group

ENGLISH, JAPANESE = re.compile(r"^[A-Z][^\n]*\.$", re.MULTILINE), re.compile(r"[ぁ-んァ-ヶ一-龠]")


def every(group=main, words=()):
    """Yield each group and command with the words that call it."""
    yield words, group
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from every(command, (*words, name))
        else:
            yield (*words, name), command


ALL = dict(every())
COMMANDS = {words: command for words, command in ALL.items() if not isinstance(command, click.Group)}


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_help_is_in_both_languages(words):
    assert isinstance(ALL[words], Group if isinstance(ALL[words], click.Group) else Command)
    told = CliRunner().invoke(main, [*words, "--help"], env={}).output
    assert ENGLISH.search(ALL[words].help), told
    for text in (ALL[words].help, *(option.help for option in ALL[words].params if isinstance(option, click.Option))):
        assert JAPANESE.search(text), told
        assert re.search(r"[A-Za-z]{3}", text), told


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_help_tells_the_exit_codes_and_offers_json(words):
    told = CliRunner().invoke(main, [*words, "--help"], env={}).output
    assert "--json" in told
    assert "Exit codes: 0" in told
    assert "終了コード" in told


@pytest.mark.parametrize("words", [("staff", "nothing"), ("staff", "add"), ("staff", "add", "花子", "--role", "king")])
def test_what_was_typed_wrongly_ends_with_2_and_is_told_as_json_too(words):
    plain, asked = (CliRunner().invoke(main, [*words, *flag]) for flag in ((), ("--json",)))
    assert (plain.exit_code, plain.stderr.startswith("Usage: ")) == (2, True)
    assert (asked.exit_code, asked.stdout) == (2, "")
    told = json.loads(asked.stderr)
    assert (told["code"], bool(told["message"])) == ("usage", True)


def test_what_is_refused_ends_with_1_and_is_told_as_json_too(tmp_path):
    settings = {"MYKEY_ORIGIN": "https://id.example.jp", "MYKEY_INSTANCE": str(tmp_path)}
    done = CliRunner().invoke(main, ["staff", "list", "--json"], env=settings)
    assert (done.exit_code, done.stdout) == (1, "")
    assert json.loads(done.stderr)["code"] == "database-not-current"
