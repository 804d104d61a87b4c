"""Guard all of `mykey`: help in both languages, `--json`, exit codes."""

import ast
import json
import re
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

import portal
from portal.cli import main
from portal.commands.output import Command, Group
from tests.portal.actors.card_holders import at_the_forms
from tests.portal.actors.customers import link_file, new_people, numbered

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


LIGHT = {*sys.stdlib_module_names, "click", "pydantic"}
LIGHT |= {f"portal.{each}" for each in ("commands", "config", "domain", "settings_file")}
LIGHT |= {f"portal.{each}" for each in ("commands", "config", "domain", "settings_file")}
PORTAL = Path(portal.__file__).parent
SOURCES = [PORTAL / "cli.py", *sorted((PORTAL / "commands").glob("*.py"))]


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


# What an operator types in this order; {…} comes from an answer before.
DAY = (
    ("db", "upgrade"),
    ("setup",),
    ("config",),
    ("trust", "list"),
    ("trust", "add", "{tmp}/authca.pem", "--fingerprint", "{fingerprint}"),
    ("staff", "add", "窓口 花子", "--role", "clerk"),
    ("staff", "list"),
    ("staff", "link", "窓口 花子"),
    ("staff", "suspend", "窓口 花子"),
    ("staff", "resume", "窓口 花子"),
    ("provider", "add", "A-α1-0001", "中央図書館"),
    ("provider", "list"),
    ("provider", "set", "A-α1-0001", "--picture", "9999", "--typed-mykey-ids", "--reason", "as they are"),
    ("provider", "import", "A-α1-0001", "{tmp}/links.csv"),
    ("provider", "suspend", "A-α1-0001"),
    ("provider", "resume", "A-α1-0001"),
    ("terminal", "add", "A-α1-0001", "受付1"),
    ("terminal", "list", "A-α1-0001"),
    ("terminal", "codes", "{terminal_id}"),
    ("terminal", "handoff-link", "{terminal_id}", "https://ils.example/{{service_id}}", "--one-window"),
    ("terminal", "revoke", "{terminal_id}"),
    ("link", "add", "A-α1-0001", "{tmp}/card.cer", "0012"),
    ("webhook", "send"),
    ("bridge", "publish", "{tmp}/mykey-bridge_1.2.0_amd64.deb"),
    ("audit", "verify"),
    ("doctor",),
    ("backup", "{tmp}/b.tar"),
    ("restore", "--check", "{tmp}/b.tar"),
    ("db", "copy", "--to", "sqlite:///{tmp}/new.sqlite3"),
    ("db", "copy", "--give-up"),
)
LASTING = {("serve",)}
"""What does not end; tests/e2e/operation/test_production.py runs it."""


def test_every_command_is_in_an_operators_day():
    assert {words for words in COMMANDS if any(words == each[: len(words)] for each in DAY)} | LASTING == set(COMMANDS)


def test_every_command_answers_with_one_json_value(app_with, authority_of_today, keys, clock, tmp_path, told):
    authority = authority_of_today()
    card = authority.issue(public_key=keys[0].public_key())
    clock.now = card.not_valid_before_utc.replace(microsecond=0)
    (tmp_path / "trust" / "demo.pem").write_bytes(authority.pem())
    (tmp_path / "authca.pem").write_bytes((newer := authority_of_today()).pem())
    (tmp_path / "card.cer").write_bytes(card.public_bytes(Encoding.DER))
    (tmp_path / "mykey-bridge_1.2.0_amd64.deb").write_bytes(b"!<arch>\ndebian-binary   ")
    app = app_with()
    [person] = new_people(app, *numbered(1))
    (tmp_path / "links.csv").write_bytes(link_file(f"{person},0013"))
    [citizen] = at_the_forms(app, [card])
    citizen.post("/registration")
    known = {"tmp": tmp_path, "fingerprint": newer.certificate.fingerprint(SHA256()).hex()}
    for words in DAY:
        answer = told(*(word.format_map(known) for word in words))
        assert isinstance(answer, dict | list), (words, answer)
        assert answer, words
        known |= answer if isinstance(answer, dict) and "terminal_id" in answer else {}


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_what_is_heavy_is_imported_by_the_command_that_needs_it(source):
    for node in ast.parse(source.read_text()).body:
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module] if isinstance(node, ast.ImportFrom) else []
        for name in names:
            assert any(f"{name}.".startswith(f"{each}.") for each in LIGHT), name
