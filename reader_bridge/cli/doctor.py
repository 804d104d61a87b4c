"""The command `reader-bridge doctor`: first aid, and a report to copy."""

# Most imports stand inside the command, as in `cli`.
# ruff: noqa: PLC0415

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime

import click

from reader_bridge.cli.context import FAILED, Bridge
from reader_bridge.portal.origin import Origin


@click.command()
@click.option("--portal", metavar="ORIGIN", help="The portal to examine; else all that the settings know.")
@click.option("--report", is_flag=True, help="Print a report to copy: no certificate, no ID, no secret.")
@click.pass_obj
def doctor(bridge: Bridge, portal: str | None, *, report: bool) -> None:
    """Examine readers, USB, service, card, portals, proxy, clock and link."""
    from reader_bridge.desktop.doctor import examine
    from reader_bridge.desktop.report import in_the_way, lines
    from reader_bridge.desktop.report import report as to_copy

    origins = [Origin.parse(each) for each in ([portal] if portal else sorted(bridge.settings.known_origins))]
    for origin in origins:
        bridge = bridge.naming(origin)
        bridge.origins().permit(origin)
    now = datetime.now(UTC)
    with closing(bridge.readers()) as readers:
        findings = examine(readers, map(bridge.client, origins), lambda: datetime.now(UTC))
    said = to_copy(findings, bridge.words, now) if report else lines(findings, bridge.words)
    if not origins:
        click.echo(bridge.words.say("portals-none"))
    for line in said:
        click.echo(line)
    raise SystemExit(FAILED if in_the_way(findings) else 0)
