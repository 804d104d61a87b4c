"""What stands round every page: the way to scroll it, the time left, and the buttons."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from reader_bridge.cli.context import Bridge
from reader_bridge.window.pages.page import Page, announce, button, label, write
from reader_bridge.words.states import Action

_WIDTH, _HEIGHT = 130, 42  # of the text's average character and line


class Frame(QWidget):
    """Show one page at a time, and never vanish between two; each `do_…` is what a button of that name does."""

    def __init__(self, bridge: Bridge) -> None:
        super().__init__()
        self._bridge, self._words = bridge, bridge.words
        self.page: Page | None = None
        self._default: str | None = None
        self._buttons: dict[str, QAbstractButton] = {}
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.portal, self.context = label("", 1.5, bold=True), label("")
        self.step, self.time = label("", bold=True), label("")
        self.time.hide()
        self._row = QHBoxLayout()
        column = QVBoxLayout(self)
        column.addWidget(self._area, 1)
        column.addWidget(self.time)
        column.addLayout(self._row)
        text = self.fontMetrics()
        screen = self.screen().availableSize()
        self.resize(
            min(text.averageCharWidth() * _WIDTH, screen.width()), min(text.height() * _HEIGHT, screen.height())
        )
        QApplication.instance().focusChanged.connect(self._follow)  # type: ignore[union-attr]

    def show_page(self, page: Page, actions: Sequence[tuple[Action | str, str]], default: str | None = None) -> None:
        """Change the page; the focus goes to its title."""
        self.page, self._default = page, default
        whole, column = QWidget(), QVBoxLayout()
        whole.setLayout(column)
        for above in (self.portal, self.context, self.step):
            column.addWidget(above)
            above.setVisible(bool(above.text()))
        column.setSpacing(self.fontMetrics().height() // 2)
        column.addWidget(page, 1)
        if before := self._area.takeWidget():
            before.hide()
            before.deleteLater()
        self._area.setWidget(whole)
        self._put_buttons(actions)
        self.setWindowTitle(f"{page.heading.text()} — {self._words.say('program')}")
        page.heading.setFocus()
        announce(page.heading, page.heading.text())

    def come_forward(self) -> None:
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()
        QApplication.alert(self)

    def act(self, action: str) -> None:
        getattr(self, f"do_{action.replace('-', '_')}")()

    def do_close(self) -> None:
        self.close()

    def press(self, action: str) -> bool:
        """Press the button of that name; tell whether there is one."""
        if pressed := self._buttons.get(action):
            pressed.click()
        return pressed is not None

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Enter presses what has the focus, else the answer; Escape cancels, or goes back."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            focused = QApplication.focusWidget()
            if isinstance(focused, QAbstractButton):
                focused.click()
            elif self._default:
                self.press(self._default)
        elif event.key() == Qt.Key.Key_Escape:
            _ = self.press("cancel") or self.press("back")
        else:
            super().keyPressEvent(event)

    def _labels(self, *actions: str) -> list[tuple[str, str]]:
        return [(each, self._words.say(f"do-{each}")) for each in actions]

    def _put_buttons(self, actions: Sequence[tuple[Action | str, str]]) -> None:
        while self._row.count():
            item = self._row.takeAt(0)
            if item and (widget := item.widget()):
                widget.hide()
                widget.deleteLater()
        self._buttons = {}
        self._row.addStretch(1)
        before: QWidget | None = None
        for action, text in actions:
            made = button(text)
            made.clicked.connect(lambda _=False, action=action: self.act(action))
            self._row.addWidget(made)
            self._buttons[action] = made
            if before:
                QWidget.setTabOrder(before, made)
            before = made

    def _follow(self, _before: QWidget | None, now: QWidget | None) -> None:
        """Scroll to what has the focus."""
        inside = self._area.widget()
        if now and inside and inside.isAncestorOf(now):
            QTimer.singleShot(0, now, lambda: self._area.ensureWidgetVisible(now))


def say(where: QLabel, text: str) -> None:
    """Set a line that is there only while it says something."""
    before = where.text()
    write(where, text)
    if where.text() != before:
        where.setVisible(bool(text))
