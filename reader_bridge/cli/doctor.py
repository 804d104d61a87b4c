"""The command `reader-bridge doctor`: first aid, and a report to copy."""

# Most imports stand inside the command, as in `cli`.
# ruff: noqa: PLC0415

from __future__ import annotations

import os
import platform
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime

import click

from reader_bridge import __version__
from reader_bridge.cli.context import FAILED, Bridge
from reader_bridge.portal.origin import Origin
from reader_bridge.words.language import plain


@click.command()
@click.option("--portal", metavar="ORIGIN", help="The portal to examine; else all that the settings know.")
@click.option("--report", is_flag=True, help="Print a report to copy: no certificate, no ID, no secret.")
@click.pass_obj
def doctor(bridge: Bridge, portal: str | None, *, report: bool) -> None:
    """Examine readers, USB, service, card, portals, proxy, clock and link."""
    from reader_bridge.desktop import doctor as examination

    now = datetime.now(UTC)
    origins = [Origin.parse(each) for each in ([portal] if portal else sorted(bridge.settings.known_origins))]
    for origin in origins:
        bridge = bridge.naming(origin)
        bridge.origins().permit(origin)
    with ThreadPoolExecutor(1) as beside, closing(bridge.readers()) as readers:
        link = beside.submit(list, examination.examine_link())  # while a silent service is waited for
        findings = [*examination.examine_readers(readers, now)]
    names = [finding.subject for finding in findings if finding.subject != examination.SERVICE]
    findings += [*examination.examine_session(), *examination.examine_usb(names)]
    findings += [*examination.examine_portals(map(bridge.client, origins), lambda: datetime.now(UTC)), *link.result()]
    notes = examination.empty_beside_a_good_card(findings)
    if report:
        click.echo(f"reader-bridge {__version__}, Python {platform.python_version()}, {platform.platform()}")
        click.echo(f"{now:%Y-%m-%d %H:%M} UTC")
    if not origins:
        click.echo(bridge.words.say("portals-none"))
    shown = _without_ids if report else plain
    for finding in findings:
        mark = "OK" if finding.good else "--" if finding in notes or finding.note else "!!"
        detail = f" ({shown(finding.detail)})" if finding.detail else ""
        code = f" [{finding.code}]" if report else ""
        click.echo(f"[{mark}] {shown(finding.subject)}: {bridge.words.say(finding.code)}{detail}{code}")
    wrong = [finding for finding in findings if not (finding.good or finding.note or finding in notes)]
    raise SystemExit(FAILED if wrong else 0)


def _without_ids(text: str) -> str:
    """Leave out the home, which names the person, and what brackets in a reader's name hold: its serial number."""
    return re.sub(r"\([^)]*\)", "(…)", plain(text.replace(os.path.expanduser("~"), "~")))  # noqa: PTH111 (never raises)
