"""A page of the window: its title, which takes the focus, sentences, rows, and a note that may come later."""

import re
from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from reader_bridge.words.language import plain

_LONG = re.compile("[!-~]{20,}")
_TITLE, _LARGE, _TEXT = 1.6, 2.2, 1.15  # times the system's own text


class Page(QWidget):
    """Stand in the window's scroll area; what it lacks in room is scrolled."""

    def __init__(self, title: str, *sentences: str) -> None:
        super().__init__()
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, self.fontMetrics().height() // 2, 0, 0)
        self.column.setSpacing(self.fontMetrics().height() // 2)
        self.heading = label(title, _TITLE, bold=True)
        self.heading.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.column.addWidget(self.heading)
        for each in sentences:
            self.say(each)
        self.note = label("", bold=True)
        self.note.hide()
        self.column.addWidget(self.note)

    def say(self, text: str) -> QLabel:
        """Add a paragraph, also read by who moves with Tab, for a screen reader meets nothing else."""
        said = label(text)
        self.column.addWidget(said)
        return said

    def say_large(self, text: str) -> QLabel:
        said = label(text, _LARGE, bold=True)
        self.column.addWidget(said)
        return said

    def tell(self, sentence: str, detail: str = "") -> None:
        """Say something new on this page, aloud too where somebody listens; a detail may come from outside."""
        text = "\n".join(filter(None, (sentence, plain(detail))))
        write(self.note, text)
        self.note.setVisible(bool(text))
        announce(self.note, text)

    def close_up(self) -> None:
        """Keep what was added together at the top."""
        self.column.addStretch(1)

    def wants_to_stay(self) -> bool:
        """Tell whether leaving now loses something that was typed."""
        return False

    def beat(self) -> None:
        """Look at the clock, a few times a second."""


def table(rows: Iterable[tuple[str, str]]) -> QWidget:
    """Set names and what they stand for side by side."""
    made, grid = QWidget(), QGridLayout()
    made.setLayout(grid)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setColumnStretch(0, 2)
    grid.setColumnStretch(1, 5)
    for number, (name, value) in enumerate(rows):
        grid.addWidget(label(name), number, 0, Qt.AlignmentFlag.AlignTop)
        shown = label(value, bold=True)
        shown.setAccessibleName(f"{name}: {value}")  # who hears it does not see the row
        grid.addWidget(shown, number, 1, Qt.AlignmentFlag.AlignTop)
    grid.setRowStretch(grid.rowCount(), 1)
    return made


def label(text: str, size: float = _TEXT, *, bold: bool = False) -> QLabel:
    """Make a text that wraps, and is never taken for markup."""
    made = QLabel()
    write(made, text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(True)
    made.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    scale(made, size, bold=bold)
    return made


def write(where: QLabel, text: str) -> None:
    """Set a text; a long address or number may be broken anywhere, so that all of it is seen, and is heard whole."""
    shown = _LONG.sub(lambda word: "\u200b".join(re.findall(".{1,10}", word[0])), text)
    where.setText(shown)
    where.setAccessibleName(text if shown != text else "")


def button(text: str, size: float = _TEXT) -> QPushButton:
    made = QPushButton(text.replace("&", "&&"))
    made.setAutoDefault(False)
    scale(made, size)
    made.setMinimumHeight(made.fontMetrics().height() * 2)
    return made


def scale(widget: QWidget, size: float, *, bold: bool = False) -> None:
    """Set text in proportion to the system's, whatever that is."""
    font = widget.font()
    if font.pointSizeF() > 0:
        font.setPointSizeF(font.pointSizeF() * size)
    else:
        font.setPixelSize(round(font.pixelSize() * size))
    font.setBold(bold)
    widget.setFont(font)


def announce(widget: QWidget, text: str) -> None:
    if text:
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, text))
