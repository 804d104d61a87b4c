"""`mykey setup`: from nothing to a portal that starts, question by question, and the first operator's one-time link."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from portal.commands.cli_context import stop, wants_json
from portal.commands.config import masked
from portal.commands.output import Command, show
from portal.commands.setup.checks import (
    add_authority,
    good,
    make_folder,
    refuse_unwritable_file,
    say,
    see_to_tables,
    tell_of_its_name,
    why,
)
from portal.commands.setup.questions import QUESTIONS, Question, Value, typed_path
from portal.commands.staff import SET_UP, open_staff, set_up_link
from portal.config import Settings
from portal.domain.codes import Code
from portal.domain.errors import CommandRefused
from portal.settings_file import SettingsRefused, checked, from_environment, given, settings_file, write_values, written

PLACEHOLDER = {"origin": "https://id.invalid"}
AUTHORITIES = "認証局の証明書 / Authorities"
WHICH_FILE = """\
利用者証明用認証局の証明書のファイルです（https://www.jpki.go.jp/ca/）。あとにするとき、終わったときはEnter
The file of the certificate of a user authentication CA. Enter when done, or to leave it for later."""
BROKEN_OFF = """\
Broken off. What was answered is kept: type `mykey setup` again to go on.
中断しました。答えたことは残っています。もう一度 mykey setup で続けられます。"""
NEXT = """
■ 次に / Next
1. ポータルを動かす / Start the portal: systemctl enable --now mykey, or mykey serve
2. TLSプロキシーから {listen} へ / Let the TLS proxy lead {origin} to {listen} (deploy/proxy)
3. 調べる / Look it over: mykey doctor"""
NOTHING_TO_TRUST = "  ! 証明書がないと動きません / It does not start without one: mykey trust add FILE"
DONE = "An operator has a passkey. For another one: `mykey staff add`, or `mykey staff link`."


def _options(command: Callable[..., None]) -> Callable[..., None]:
    """Let every question be answered by an option."""
    for each in reversed(QUESTIONS):
        japanese, english = each.title.split(" / ")
        command = click.option(each.option, each.setting, help=f"{english}. {japanese}。")(command)
    return command


@click.command(cls=Command)
@_options
@click.option(
    "--trust",
    "files",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Certificate of an authority; may be repeated. 認証局の証明書です。繰り返せます。",
)
@click.option(
    "--fingerprint",
    "fingerprints",
    metavar="SHA256",
    multiple=True,
    help="What J-LIS publishes, one for each --trust in the same order. 公表された値です。--trustと同じ順に。",
)
@click.option("--again", is_flag=True, help="Ask anew what is answered already. 答えてあることも、もう一度たずねます。")
def setup(files: tuple[Path, ...], fingerprints: tuple[str, ...], *, again: bool, **options: str | None) -> None:
    """Ask for what a portal needs, check each answer, write it down, and print the first operator's one-time link.

    ポータルに要ることをたずね、確かめて設定ファイルに書き、最初の運営者の1回限りのリンクを表示します。

    What is done is shown and not asked again: break it off and type it again as you like. Each time it prints a new
    link, which voids the older one, until an operator has a passkey. Without a terminal it asks nothing: give options.
    """
    asks = sys.stdin.isatty() and not wants_json()
    if len(files) != len(fingerprints) and (fingerprints or not asks):
        raise click.UsageError("Give one --fingerprint for each --trust, in the same order.")
    try:
        run = _SetUp(options, asks=asks, again=again and asks)
        for question in QUESTIONS:
            run.settle(question)
        run.trust(files, fingerprints)
        run.end()
    except SettingsRefused as error:
        stop(str(error), Code.SETTING_INVALID)
    except (click.Abort, KeyboardInterrupt):
        click.echo(err=True)
        stop(BROKEN_OFF, Code.NOT_CONFIRMED)


class _SetUp:
    """One run: what is known, and what became of each step."""

    def __init__(self, options: dict[str, str | None], *, asks: bool, again: bool) -> None:
        from portal.startup_checks import refuse_root  # noqa: PLC0415 - `mykey --help` needs none of it

        self.options, self.asks, self.again = options, asks, again
        self.environment, self.file = from_environment(), written()
        self.steps: list[dict[str, Any]] = []
        refuse_root(self.settings())
        missing = [
            each.option for each in QUESTIONS if each.needed and not (self._is_known(each) or options[each.setting])
        ]
        if missing and not asks:
            raise click.UsageError(f"No terminal, so nothing is asked: give {', '.join(missing)}.")

    def settings(self, **answer: Value) -> Settings:
        """Return the settings as far as they are known, with an answer that is not written yet."""
        return checked(self.environment, PLACEHOLDER | given(self.file | answer))

    def settle(self, question: Question) -> None:
        """Take what an option says; or ask until the answer is good; or find that it is known."""
        name, option = question.setting, self.options[question.setting]
        if option is not None:
            self._take(question, option)
        elif self.asks and not (self._is_known(question) and (not self.again or name in self.environment)):
            self._ask(question)
        elif name == "instance" and not self._is_known(question):
            self._take(question, question.preset or "")
        elif name == "database_url":
            see_to_tables(self.settings())
        known = self._is_known(question) or name == "database_url"
        value = masked(name, self.settings().model_dump()[name]) if known else None
        self._note(name, question.title, value or ("SQLite" if name == "database_url" else None), done=known)

    def trust(self, files: tuple[Path, ...], fingerprints: tuple[str, ...]) -> None:
        """Add authorities whose fingerprints were compared, and tell which are trusted."""
        from portal.services.operation.authorities import Authorities  # noqa: PLC0415

        authorities = Authorities(self.settings().instance / "trust", datetime.now(UTC))
        for number, file in enumerate(files):
            add_authority(authorities, file, fingerprints[number] if fingerprints else None)
        if self.asks and (self.again or not good(authorities)):
            say(f"\n■ {AUTHORITIES}\n{WHICH_FILE}")
            while typed := click.prompt(">", prompt_suffix=" ", default="", show_default=False, err=True).strip():
                try:
                    add_authority(authorities, typed_path(typed), None)
                except CommandRefused as error:
                    say(f"× {error}")
        for one in good(authorities):
            self._note("trust", AUTHORITIES, f"{one.subject}, {one.not_after:%Y-%m-%d}, SHA-256 {one.fingerprint}")
        if not good(authorities):
            self._note("trust", AUTHORITIES, None, done=False)
            say(NOTHING_TO_TRUST)

    def end(self) -> None:
        """Say what comes next, and print a link as long as there is no operator."""
        with open_staff() as services:
            link = set_up_link(services)
            say(NEXT.format(listen=services.settings.listen, origin=services.origin))
        show({"file": settings_file(), "steps": self.steps, "link": link}, SET_UP if link else DONE)

    def _is_known(self, question: Question) -> bool:
        return question.setting in self.file | self.environment

    def _ask(self, question: Question) -> None:
        refuse_unwritable_file()
        say(f"\n■ {question.title}\n{question.told}")
        preset = self.file.get(question.setting, question.preset)
        while True:
            typed = click.prompt(">", prompt_suffix=" ", default=preset, show_default=bool(preset), err=True)
            try:
                self._take(question, str(typed))
            except Exception as error:  # noqa: BLE001 - `why` raises what it does not know
                say(f"× {why(error)}")
            else:
                return

    def _take(self, question: Question, typed: str) -> None:
        """Check an answer, do what belongs to it, and write it down. Raises CommandRefused, what a database says."""
        name, value = question.setting, question.value_of(typed)
        if name in self.environment and question.value_of(str(self.environment[name])) != value:
            told = f"MYKEY_{name.upper()} in the environment says something else, and wins: take one of them away."
            raise CommandRefused(Code.SETTING_INVALID, told)
        if name == "instance":
            make_folder(self.settings(instance=value))
        elif name == "database_url":
            see_to_tables(self.settings(database_url=value))
        elif name == "origin":
            tell_of_its_name(str(value))
        if name not in self.environment and self.file.get(name) != value:
            refuse_unwritable_file()
            write_values({name: value})
            self.file = written()

    def _note(self, step: str, title: str, value: object, *, done: bool = True) -> None:
        self.steps.append({"step": step, "state": "done" if done else "todo", "value": value})
        say(f"{'○ done' if done else '－ to do'}  {title}: {value or '-'}")
