"""What an examination found, to read, to copy and to keep."""

from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime

from reader_bridge.cli.context import Bridge
from reader_bridge.desktop.doctor import Finding, examine
from reader_bridge.desktop.report import in_the_way, lines, report
from reader_bridge.portal.origin import Origin
from reader_bridge.window.pages.page import Page
from reader_bridge.words.language import Words


def examine_here(bridge: Bridge) -> list[Finding]:
    """Examine readers, card, portals that are known, and the link."""
    origins = [Origin.parse(each) for each in sorted(bridge.settings.known_origins)]
    with closing(bridge.readers()) as readers:
        return examine(readers, [bridge.naming(each).client(each) for each in origins], lambda: datetime.now(UTC))


class DoctorPage(Page):
    def __init__(self, words: Words, findings: Sequence[Finding]) -> None:
        bad = in_the_way(findings)
        super().__init__(words.say("examined"), words.say("examined-bad" if bad else "examined-good"))
        for line in lines(findings, words, ("✓", "・", "✗")):
            self.say(line)
        self.report = "\n".join(report(findings, words, datetime.now(UTC))) + "\n"
        self.close_up()
