"""A citizen before the window: presses what it shows, and puts cards into readers that tell when one moves."""

from dataclasses import dataclass, replace
from itertools import count

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from demo.virtual_card.readers import VirtualReaders
from reader_bridge.cli.context import Bridge
from reader_bridge.portal.client import PortalClient


class TellingReaders(VirtualReaders):
    """Readers that count the cards that came and went, as the real service does."""

    def __init__(self, *names):
        self._count, self.moves = count(), 0
        super().__init__(*names)

    def insert(self, card, reader=None):
        super().insert(card, reader)
        self.moves = next(self._count) + 1

    def remove(self, reader=None):
        super().remove(reader)
        self.moves = next(self._count) + 1

    def list(self):
        found = super().list()
        for each in found:
            each.seen = self.moves
        return found

    def wait(self, seconds, stopped=lambda: False):
        before, names = self.moves, list(self._cards)
        super().wait(min(seconds, 0.3), lambda: stopped() or before != self.moves or names != list(self._cards))


@dataclass(frozen=True)
class DeskBridge(Bridge):
    """A bridge whose readers are those of the test; `urls` gets what a browser would open."""

    desk: VirtualReaders | None = None

    def readers(self, **_):
        return self.desk

    def client(self, origin, **_):
        return PortalClient(origin, language=self.words.language)

    def naming(self, origin):
        return replace(self, settings=replace(self.settings, http_origins=self.settings.http_origins | {str(origin)}))


class Person:
    """Sees one window, and waits for what it says with patience."""

    def __init__(self, qtbot, window):
        self._bot, self.window = qtbot, window

    def waits_for(self, state):
        def is_there():
            assert self.state == state, self.state

        self._bot.waitUntil(is_there, timeout=10_000)

    @property
    def state(self):
        return self.window._shown.state if self.window._shown else None

    @property
    def text(self):
        labels = self.window.findChildren(QLabel)
        return "\n".join(each.text() for each in labels if each.isVisibleTo(self.window)).replace("\u200b", "")

    def reads(self, words):
        self._bot.waitUntil(lambda: words in self.text, timeout=10_000)

    def presses(self, action):
        button = self.window._buttons[action]
        if self._bot:
            self._bot.waitUntil(button.isVisible)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def presses_button(self, text):
        found = [each for each in self.window.findChildren(QPushButton) if each.text() == text]
        QTest.mouseClick(found[0], Qt.MouseButton.LeftButton)

    @property
    def _focused(self):
        self._bot.waitUntil(lambda: QApplication.focusWidget() is not None)
        return QApplication.focusWidget()

    def types(self, keys):
        for each in keys:  # Qt's own way of typing knows no full-width digit
            key = Qt.Key.Key_Return if each == "\r" else Qt.Key.Key_unknown
            QApplication.sendEvent(
                self._focused, QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, each)
            )

    def focuses(self, widget):
        """Move the focus as Tab does; a window that is not active yet has none to give."""

        def has_it():
            widget.setFocus()
            assert QApplication.focusWidget() is widget

        self._bot.waitUntil(has_it, timeout=10_000)

    def hits(self, key):
        QTest.keyClick(self._focused, key)
