"""The card without a portal: a trial that sends nothing, and the certificate as the ministry's draft draws it."""

from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from typing import NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QTabWidget, QWidget

from reader_bridge.card.certain_refusal import certificate_ends
from reader_bridge.card.certificate_text import Row, basic_rows, detailed_rows
from reader_bridge.cli.context import Bridge
from reader_bridge.errors import NoCard
from reader_bridge.readers.card_finder import CardFinder
from reader_bridge.window.pages.page import Page, button, label, scale, table
from reader_bridge.window.pages.pin_page import tries, until
from reader_bridge.words.language import Words, plain


class Tried(NamedTuple):
    reader: str
    tries_left: int | None
    certificate: bytes
    ends: datetime
    basic: list[Row]
    detailed: list[Row]


def read_off(reader: str, tries_left: int | None, certificate: bytes) -> Tried:
    """Take from the certificate what the pages show, so that none of them meets an odd one; raise CardUnreadable."""
    read = certificate_ends(certificate), basic_rows(certificate), detailed_rows(certificate)
    return Tried(reader, tries_left, certificate, *read)


def try_cards(bridge: Bridge) -> list[Tried]:
    """Read each My Number card there is, without a PIN; raise what keeps all of them from it."""
    with closing(bridge.readers()) as readers, CardFinder(readers).found() as found:
        tried = [read_off(card.reader, card.jpki.tries_left(), card.jpki.certificate()) for card in found]
    if not tried:
        raise NoCard
    return tried


class TrialPage(Page):
    """A row for what was looked at; `wanted` tells whose certificate is to be seen."""

    wanted = Signal(object)  # a Tried

    def __init__(self, words: Words, tried: Sequence[Tried]) -> None:
        super().__init__(words.say("trial"), words.say("trial-done"))
        for each in tried:
            rows = [
                (words.say("reader"), f"✓ {plain(each.reader)}"),
                (words.say("trial-card"), f"✓ {words.say('card-good')}"),
                (words.say("tries-left"), tries(words, each.tries_left)),
                (words.say("ends"), until(words, each.ends)),
            ]
            self.column.addWidget(table(rows))
            see = button(words.say("do-show"))
            see.clicked.connect(lambda _=False, one=each: self.wanted.emit(one))
            self.column.addWidget(see)
        self.close_up()


class CertificatePage(Page):
    def __init__(self, words: Words, tried: Tried) -> None:
        super().__init__(words.say("certificate-title"), words.say("certificate-heading"))
        self.certificate = tried.certificate
        tabs = QTabWidget()
        tabs.setAccessibleName(words.say("certificate-title"))
        scale(tabs, 1.15)
        tabs.addTab(_rows(tried.basic), words.say("basic"))
        tabs.addTab(_rows(tried.detailed), words.say("details"))
        self.column.addWidget(tabs)
        self.column.addWidget(label(words.say("not-checked")))
        self.close_up()


def _rows(rows: Sequence[Row]) -> QWidget:
    return table((row.name, "\n".join((*row.lines, *([f"（{row.remark}）"] if row.remark else [])))) for row in rows)
