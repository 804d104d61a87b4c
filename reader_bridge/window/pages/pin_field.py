"""The field for the PIN: Qt holds dots, and the digits are in bytes that can be wiped."""

import unicodedata
from time import monotonic

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QClipboard, QHideEvent, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

_DOT = "●"
_MOST = 8  # digits that are kept: more than a PIN has, so that too many are seen to be too many
IDLE = 60.0  # seconds without the focus after which what was typed is cleared


class PinField(QLineEdit):
    """Take digits from keys, paste, pad and assistive technology; what another way writes into Qt is folded away."""

    counted = Signal(int)  # digits typed
    refused = Signal()  # something that is no digit was typed

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._digits = bytearray()
        self._left_at: float | None = None
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, on=False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setDragEnabled(False)
        self.setAcceptDrops(False)
        self.textChanged.connect(self._fold)
        self.cursorPositionChanged.connect(lambda *_: self._to_the_end())
        self.selectionChanged.connect(self._to_the_end)

    @property
    def count(self) -> int:
        return len(self._digits)

    def take(self) -> bytearray:
        """Hand over the digits, and keep none; whoever takes them wipes them."""
        digits, self._digits = self._digits, bytearray()
        self._show()
        return digits

    def wipe(self) -> None:
        self._digits[:] = bytes(len(self._digits))
        self._digits.clear()
        self._show()

    def type(self, text: str) -> None:
        for each in text[: self.maxLength()]:
            self._append(unicodedata.normalize("NFKC", each))
        self._show()

    def delete_last(self) -> None:
        if self._digits:
            self._digits[-1] = 0
            del self._digits[-1]
        self._show()

    def idle(self) -> bool:
        """Clear what lay here for a minute without the focus; tell whether there was something."""
        if not self.count or self._left_at is None or monotonic() - self._left_at < IDLE:
            return False
        self.wipe()
        return True

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut:
            self._left_at = monotonic()
        elif event.type() == QEvent.Type.FocusIn:
            self._left_at = None
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Take what is typed or pasted: Qt would tell each character in clear to assistive technology."""
        pasted = event.matches(QKeySequence.StandardKey.Paste)
        text = QApplication.clipboard().text() if pasted else event.text()
        if pasted or any(map(str.isprintable, text)):
            self.type(text)
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Take what X11's middle button pastes, as keys do."""
        if event.button() == Qt.MouseButton.MiddleButton:
            self.type(QApplication.clipboard().text(QClipboard.Mode.Selection))
        else:
            super().mouseReleaseEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 (Qt's name)
        self.wipe()
        super().hideEvent(event)

    def _fold(self, text: str) -> None:
        """Keep what is new as digits; fewer dots than digits mean that the last ones were deleted."""
        dots = text.count(_DOT)
        while len(self._digits) > dots:
            self.delete_last()
        if len(text) > dots:
            self.type(text.replace(_DOT, ""))

    def _append(self, typed: str) -> None:
        if typed.isascii() and typed.isdecimal() and len(self._digits) < _MOST:
            self._digits += typed.encode()
        else:
            self.refused.emit()

    def _show(self) -> None:
        if self.text() != (dots := _DOT * len(self._digits)):
            self.setText(dots)
        self.counted.emit(len(self._digits))

    def _to_the_end(self) -> None:
        if self.hasSelectedText() or self.cursorPosition() != len(self.text()):
            self.deselect()
            self.setCursorPosition(len(self.text()))
