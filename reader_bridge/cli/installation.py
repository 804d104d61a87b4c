"""The commands `reader-bridge install` and `uninstall`."""

# Most imports stand inside the commands, as in `cli`.
# ruff: noqa: PLC0415

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from reader_bridge.portal.settings import REMEMBERED

if TYPE_CHECKING:
    from pathlib import Path

    from reader_bridge.cli.context import Bridge


@click.command()
@click.option("--terminal", is_flag=True, help="Start a service provider's terminal with the session, too.")
@click.pass_obj
def install(bridge: Bridge, *, terminal: bool) -> None:
    """Have mykey-bridge: links open in this program, for you alone, and try one."""
    from reader_bridge.desktop.installation import installation
    from reader_bridge.desktop.link import try_link

    for place in installation().install(terminal=terminal):
        click.echo(place)
    click.echo(bridge.words.say("installed"))
    if terminal:
        click.echo(bridge.words.say("installed-terminal"))
    if sys.platform == "linux":
        try_link()
        click.echo(bridge.words.say("link-arrives"))


@click.command()
@click.option("--all", "everything", is_flag=True, help="Forget settings, portals and the terminal's enrolment, too.")
@click.pass_obj
def uninstall(bridge: Bridge, *, everything: bool) -> None:
    """Undo what install did; settings and enrolment stay."""
    from reader_bridge.desktop.installation import installation

    for place in [*installation().uninstall(), *(_forget(bridge.path) if everything else ())]:
        click.echo(place)
    click.echo(bridge.words.say("uninstalled"))
    click.echo(bridge.words.say("settings-removed" if everything else "settings-kept"))


def _forget(settings: Path) -> list[str]:
    """Remove the settings file, what lies beside it, and their folder where nothing else is in it."""
    from reader_bridge.desktop.installation import EntryUnwritable
    from reader_bridge.terminal.enrolment import enrolment_path

    own = (settings, settings.with_name(REMEMBERED), enrolment_path(settings))
    removed = [each for each in (*own, *settings.parent.glob("mykey-*.lock")) if each.exists()]
    for each in removed:
        try:
            each.unlink()
        except OSError as error:
            raise EntryUnwritable(str(each)) from error
    with suppress(OSError):
        settings.parent.rmdir()
    return [str(each) for each in removed]
