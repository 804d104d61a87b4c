"""What an examination found, to read, to copy and to keep."""

from collections.abc import Sequence
from datetime import UTC, datetime

from reader_bridge.desktop.doctor import Finding
from reader_bridge.desktop.report import in_the_way, lines, report
from reader_bridge.window.pages.page import Page
from reader_bridge.words.language import Words


class DoctorPage(Page):
    def __init__(self, words: Words, findings: Sequence[Finding]) -> None:
        bad = in_the_way(findings)
        super().__init__(words.say("examined"), words.say("examined-bad" if bad else "examined-good"))
        for line in lines(findings, words, ("✓", "・", "✗")):
            self.say(line)
        self.report = "\n".join(report(findings, words, datetime.now(UTC))) + "\n"
        self.close_up()
