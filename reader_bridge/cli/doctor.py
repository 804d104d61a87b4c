"""The command `reader-bridge doctor`: first aid, and a report to copy."""

# Most imports stand inside the command, as in `cli`.
# ruff: noqa: PLC0415

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from reader_bridge.cli.context import FAILED, Bridge
from reader_bridge.portal.origin import Origin

if TYPE_CHECKING:
    from reader_bridge.desktop.doctor import Finding


@click.command()
@click.option("--portal", metavar="ORIGIN", help="The portal to examine; else all that the settings know.")
@click.option("--report", is_flag=True, help="Print a report to copy: no certificate, no ID, no secret.")
@click.pass_obj
def doctor(bridge: Bridge, portal: str | None, *, report: bool) -> None:
    """Examine readers, USB, service, card, portals, proxy, clock and link."""
    from reader_bridge.desktop.report import in_the_way, lines
    from reader_bridge.desktop.report import report as to_copy

    findings = examine_here(bridge, portal)
    said = to_copy(findings, bridge.words, datetime.now(UTC)) if report else lines(findings, bridge.words)
    if not (portal or bridge.settings.known_origins):
        click.echo(bridge.words.say("portals-none"))
    for line in said:
        click.echo(line)
    raise SystemExit(FAILED if in_the_way(findings) else 0)


def examine_here(bridge: Bridge, portal: str | None = None) -> list[Finding]:
    """Examine this computer's readers and cards, one portal or all that are known, and the link."""
    from reader_bridge.desktop.doctor import examine

    origins = [Origin.parse(each) for each in ([portal] if portal else sorted(bridge.settings.known_origins))]
    for origin in origins:
        bridge = bridge.naming(origin)
        bridge.origins().permit(origin)
    with closing(bridge.readers()) as readers:
        return examine(readers, map(bridge.client, origins), lambda: datetime.now(UTC))
