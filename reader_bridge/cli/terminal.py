"""The commands of a service provider's terminal: `reader-bridge terminal enrol` and `run`."""

# Most imports stand inside the commands, as in `cli`.
# ruff: noqa: PLC0415

from __future__ import annotations

import os
from contextlib import closing, suppress
from datetime import datetime
from typing import TYPE_CHECKING

import click

from reader_bridge.conversation.one_conversation import lock_path, one_conversation
from reader_bridge.portal.settings import Origins
from reader_bridge.words.language import plain

if TYPE_CHECKING:
    from reader_bridge.cli.context import Bridge


@click.group()
def terminal() -> None:
    """Make this computer a service provider's terminal, and run it."""


@terminal.command()
@click.option("--portal", metavar="ORIGIN", help="The portal; not needed where the settings know only one.")
@click.argument("code", required=False)
@click.pass_obj
def enrol(bridge: Bridge, portal: str | None, code: str | None) -> None:
    """Enrol this computer with the one-time code that the portal's operator made for the terminal's bridge.

    Without CODE it is asked for, or read from standard input; as an argument, everybody on this computer can read it.
    """
    from reader_bridge.conversation.session import agree_on_origin, fold_code
    from reader_bridge.conversation.terminal_ui import TerminalUI
    from reader_bridge.terminal.enrolment import enrolment_path, keep_enrolment

    origin = bridge.named(portal)
    bridge = bridge.naming(origin)
    client = bridge.client(origin)
    agree_on_origin(origin, bridge.origins(), TerminalUI(bridge.words))
    if code:
        click.echo(bridge.words.at_terminal("terminal-code-seen"), err=True)
    typed = code or click.prompt(bridge.words.at_terminal("terminal-code"), err=True)
    path = enrolment_path(bridge.path)
    enrolment = keep_enrolment(path, origin, lambda: client.enrol(fold_code(typed)))
    click.echo(bridge.words.at_terminal("terminal-enrolled"))
    for name, value in (("origin", origin), ("terminal-provider", enrolment.service_provider_id)):
        click.echo(f"  {bridge.words.at_terminal(name)}: {plain(str(value))}")
    click.echo(f"  {path}")


@terminal.command()
@click.pass_obj
def run(bridge: Bridge) -> None:
    """Watch the readers and bring each tap to the portal, until Ctrl+C or SIGTERM."""
    from reader_bridge.terminal.enrolment import enrolment_path, kept_enrolment
    from reader_bridge.terminal.taps import Taps

    origin, enrolment = kept_enrolment(enrolment_path(bridge.path))
    bridge = bridge.naming(origin)
    Origins(bridge.settings).permit(origin)

    def tell(name: str, readers: str) -> None:
        about = f"{plain(readers)}: " if readers else ""
        click.echo(f"{datetime.now().astimezone():%H:%M:%S} {about}{bridge.words.at_terminal(name)}")

    click.echo(f"{origin} {plain(enrolment.service_provider_id)}")
    with (
        one_conversation(f"{os.getpid()}", lock_path().with_name("mykey-terminal.lock")),
        suppress(KeyboardInterrupt),  # SIGTERM, too: see `ending`
        closing(bridge.readers()) as readers,
    ):
        Taps(bridge.client(origin), enrolment.token, readers, tell).run()
    tell("terminal-stopped", "")
