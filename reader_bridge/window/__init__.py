"""The program `mykey-bridge`: the bridge in a window, or in a terminal where no window can be drawn."""

# Qt is imported only where it can draw: it ends the whole process where it cannot.
# ruff: noqa: PLC0415

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import click

from reader_bridge import __version__
from reader_bridge.cli.context import USAGE, Bridge, make_bridge, program_options, unsaid
from reader_bridge.errors import BridgeError, LaunchLinkMalformed
from reader_bridge.portal.launch_link import SCHEME, LaunchLink
from reader_bridge.window.drawing import what_is_missing
from reader_bridge.words.language import plain


def main() -> None:
    """Show the window that the arguments ask for; end with its exit code."""
    said = sys.argv[1:]
    _program.main(said, prog_name="mykey-bridge", obj=said)


@click.command()
@click.version_option(__version__)
@program_options
@click.option("--background", is_flag=True, help="Begin as an icon, as at the start of a session.")
@click.argument("what", nargs=-1)
@click.pass_obj
def _program(said: list[str], /, what: tuple[str, ...], *, background: bool, **named: Any) -> None:
    """Read a My Number card in a window: alone, with a mykey-bridge: LINK (open LINK), or as a terminal."""
    from reader_bridge.desktop.link import is_trial

    bridge = unsaid(named["lang"])
    if what != ("terminal",) and what[:1] != ("open",) and not all(map(_is_link, what)):
        raise click.UsageError(_not_here(bridge, what))
    try:
        bridge = make_bridge(**named)
        asked = what[1:] if what[:1] == ("open",) else what
        link = LaunchLink.parse(asked[0]) if asked and what != ("terminal",) else None
        if len(asked) > 1:
            raise LaunchLinkMalformed("more than one link")
    except BridgeError as error:
        bridge.leave(error)
    if link and is_trial(link):
        return
    if missing := what_is_missing():
        raise SystemExit(_in_terminal(bridge, missing, said, what, link=link.written() if link else ""))
    from reader_bridge.window.app import run

    raise SystemExit(run(bridge, link, as_terminal=what == ("terminal",), background=background))


def _is_link(word: str) -> bool:
    return word.lower().startswith(f"{SCHEME}:")


def _not_here(bridge: Bridge, what: tuple[str, ...]) -> str:
    from reader_bridge import cli

    return f"{plain(' '.join(what))}: {bridge.words.say('window-word')} {', '.join(sorted(cli.main.commands))}"


def _in_terminal(bridge: Bridge, missing: str, said: list[str], what: tuple[str, ...], *, link: str) -> int:
    """Say what is missing, and go on in a terminal: this one, or one of the desktop's."""
    click.echo(f"{bridge.words.say('window-undrawable')} [{missing}]", err=True)
    before = [each for each in said if each not in (*what, "--background")]
    command = ["terminal", "run"] if what == ("terminal",) else ["open", "--keep-open", link] if link else ["--help"]
    if not sys.stdin.isatty() and (emulator := shutil.which("x-terminal-emulator")):
        beside = Path(sys.executable).with_name("reader-bridge")
        program = [str(beside)] if beside.exists() else [sys.executable, "-m", "reader_bridge"]
        os.execv(emulator, [emulator, "-e", *program, *before, *command])  # noqa: S606
    from reader_bridge import cli

    cli.main([*before, *command], prog_name="reader-bridge")
    return USAGE  # not reached: a command of click ends the program
