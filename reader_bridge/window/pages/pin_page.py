"""The page on which the citizen agrees by typing the PIN."""

from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QVBoxLayout, QWidget

from reader_bridge.card.certificate_text import in_japan, japanese_date
from reader_bridge.conversation.ui import Consent
from reader_bridge.window.pages.page import Page, button, label, scale, table
from reader_bridge.window.pages.pin_field import PinField
from reader_bridge.words.language import Words, plain
from reader_bridge.words.states import STATES

_DIGITS = 4
_WIDE = 100  # of the text's average characters, from which what is agreed to and the field are side by side


class PinPage(Page):
    """Show the consent, the field and a pad; `sent` tells that the pad's OK was pressed."""

    sent = Signal()

    def __init__(self, words: Words, consent: Consent) -> None:
        again = consent.last_problem
        retried = again is not None and again in STATES and STATES[again].default == "answer"
        title, sentence = words.state(again if retried and again else "pin-prompt")
        super().__init__(title, *([sentence] if retried else []))
        self._words = words
        if again and not retried:
            self.tell(words.say(again))
        self.field = self._field()
        self._sides = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        agreed, typing = table(consent_rows(words, consent)), QWidget()
        column = QVBoxLayout(typing)
        column.setContentsMargins(0, 0, 0, 0)
        named = label(words.say("pin-label"), bold=True)
        named.setBuddy(self.field)
        which = [] if again == "pin-incorrect" else [label(words.say("pin-which"))]
        for each in (named, *which, self.field, self._pad()):
            column.addWidget(each)
        column.addStretch(1)
        self._sides.addWidget(agreed, 1, Qt.AlignmentFlag.AlignTop)
        self._sides.addWidget(typing, 1)
        self.column.addLayout(self._sides)
        self.close_up()

    def complete(self) -> bool:
        """Tell whether there are four digits; say what is wrong otherwise, before anything is sent."""
        if self.field.count != _DIGITS:
            self.tell(self._words.say("pin-malformed"))
        return self.field.count == _DIGITS

    def wants_to_stay(self) -> bool:
        return self.field.count > 0

    def beat(self) -> None:
        if self.field.idle():
            self.tell(self._words.say("pin-cleared"))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Take digits also while the focus is on the title."""
        if event.text() and event.text().isprintable() and not event.text().isspace():
            self.field.setFocus()
            self.field.type(event.text())
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 (Qt's name)
        wide = event.size().width() >= _WIDE * self.fontMetrics().averageCharWidth()
        ways = QBoxLayout.Direction
        self._sides.setDirection(ways.LeftToRight if wide else ways.TopToBottom)
        super().resizeEvent(event)

    def _field(self) -> PinField:
        field = PinField()
        scale(field, 1.6)
        field.setAccessibleName(self._words.say("pin-label"))
        field.refused.connect(lambda: self.tell(self._words.say("pin-digits-only")))
        typed = self._words.say("pin-typed")
        field.counted.connect(lambda count: field.setAccessibleDescription(typed.format(count)))
        field.setAccessibleDescription(typed.format(0))
        return field

    def _pad(self) -> QWidget:
        pad, grid = QWidget(), QGridLayout()
        pad.setLayout(grid)
        pad.setAccessibleName(self._words.say("pin-pad"))
        grid.setContentsMargins(0, 0, 0, 0)
        for place, digit in enumerate("123456789"):
            grid.addWidget(self._key(digit, lambda _, digit=digit: self.field.type(digit)), place // 3, place % 3)
        grid.addWidget(self._key(self._words.say("pin-delete"), lambda _: self.field.delete_last()), 3, 0)
        grid.addWidget(self._key("0", lambda _: self.field.type("0")), 3, 1)
        grid.addWidget(self._key("OK", lambda _: self.sent.emit()), 3, 2)
        return pad

    def _key(self, text: str, pressed: object) -> QWidget:
        key = button(text, 1.3)
        key.clicked.connect(pressed)
        return key


def consent_rows(words: Words, consent: Consent) -> list[tuple[str, str]]:
    """Say what the citizen agrees to beside portal, purpose and match code, which stand above every page."""
    return [
        (words.say("tries-left"), tries(words, consent.tries_left)),
        *((words.parameter(name), plain(value)) for name, value in consent.parameters.items()),
        (words.say("reader"), plain(consent.reader)),
        *([(words.say("ends"), until(words, consent.ends))] if consent.ends else []),
        (words.say("leaves"), words.say("leaves-what")),
    ]


def tries(words: Words, left: int | None) -> str:
    return words.say("tries-left-unknown") if left is None else words.say("tries-of-three").format(left)


def until(words: Words, ends: datetime) -> str:
    return japanese_date(ends) if words.language == "ja" else f"{in_japan(ends):%Y-%m-%d}"
