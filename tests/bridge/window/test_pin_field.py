"""The PIN field: what may be typed, what Qt ever holds of it, and when it is cleared."""

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPointF, Qt
from PySide6.QtGui import QClipboard, QDropEvent, QInputMethodEvent, QKeyEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton

from reader_bridge.window.pages import pin_field
from reader_bridge.window.pages.pin_field import PinField
from tests.bridge.window.conftest import take_away


@pytest.fixture
def field(qapp):
    field = PinField()
    field.show()
    field.activateWindow()
    field.setFocus()
    qapp.processEvents()
    yield field
    take_away(field)


def press(field, text):
    for each in text:
        event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_unknown, Qt.KeyboardModifier.NoModifier, each)
        QApplication.sendEvent(field, event)


@pytest.mark.parametrize("typed", ["4071", "４０７１", "4０7１", "4-0 7.1", "四4〇0x7あ1"])
def test_digits_are_taken_however_they_are_typed(field, typed):
    press(field, typed)
    assert field.text() == "●●●●"
    assert field.take() == b"4071"
    assert (field.count, field.text()) == (0, "")


def test_a_letter_is_no_digit_and_is_not_swallowed_in_silence(field, qtbot):
    with qtbot.waitSignal(field.refused):
        press(field, "x")
    assert field.count == 0


def test_an_input_method_is_off_and_what_one_commits_is_folded_all_the_same(field):
    assert not field.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)
    event = QInputMethodEvent("", [])
    event.setCommitString("１２")
    QApplication.sendEvent(field, event)
    assert field.take() == b"12"


def test_a_pin_may_be_pasted_and_nothing_can_be_copied_or_cut(field):
    QApplication.clipboard().setText("4071")
    QTest.keySequence(field, QKeySequence(QKeySequence.StandardKey.Paste))
    assert (field.count, field.text()) == (4, "●●●●")
    QApplication.clipboard().setText("before")
    for keys in ("SelectAll", "Copy", "Cut"):
        QTest.keySequence(field, QKeySequence(getattr(QKeySequence.StandardKey, keys)))
    assert QApplication.clipboard().text() == "before"
    assert not field.hasSelectedText()
    assert field.take() == b"4071"


def pasted(field):
    QApplication.clipboard().setText("4071")
    QTest.keySequence(field, QKeySequence(QKeySequence.StandardKey.Paste))


@pytest.mark.parametrize(
    "way", [lambda field: press(field, "4０71"), lambda field: press(field, ["40\u200b71"]), pasted]
)
def test_qt_never_holds_a_digit_that_it_would_tell_to_assistive_technology(field, way):
    told = []
    field.textChanged.connect(told.append)
    way(field)
    assert set("".join(told)) == {"●"}
    assert field.take() == b"4071"


class Selection:
    """X11's selection, which the offscreen platform has not."""

    @staticmethod
    def text(mode):
        return "4071" if mode == QClipboard.Mode.Selection else ""


def test_what_the_middle_button_pastes_is_never_held_by_qt(field, monkeypatch):
    told = []
    field.textChanged.connect(told.append)
    monkeypatch.setattr(QApplication, "clipboard", Selection)
    QTest.mouseClick(field, Qt.MouseButton.MiddleButton)
    assert set("".join(told)) == {"●"}
    assert field.take() == b"4071"


def test_digits_typed_on_the_pages_title_and_its_pad_are_never_held_by_qt(shown):
    page, told = shown("pin-prompt", "en").page, []
    page.field.textChanged.connect(told.append)
    press(page, "40")
    for digit in "71":
        next(each for each in page.findChildren(QPushButton) if each.text() == digit).click()
    assert set("".join(told)) == {"●"}
    assert page.field.take() == b"4071"


def test_nothing_brings_back_what_was_deleted(field):
    press(field, "4071")
    QTest.keyClick(field, Qt.Key.Key_Backspace)
    assert field.count == 3
    field.wipe()
    for keys in ("Undo", "Redo"):
        QTest.keySequence(field, QKeySequence(getattr(QKeySequence.StandardKey, keys)))
    assert (field.count, field.text()) == (0, "")


def test_the_middle_cannot_be_reached(field):
    press(field, "40")
    QTest.keyClick(field, Qt.Key.Key_Home)
    press(field, "71")
    assert field.take() == b"4071"


def test_there_is_no_menu_and_nothing_is_dragged_in_or_out(field):
    assert field.contextMenuPolicy() == Qt.ContextMenuPolicy.NoContextMenu
    data = QMimeData()
    data.setText("4071")
    actions, buttons, keys = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(field, QDropEvent(QPointF(3, 3), actions, data, buttons, keys))
    assert not field.acceptDrops()
    assert not field.dragEnabled()


def test_what_an_assistive_technology_writes_is_taken_too(field):
    QLineEdit.setText(field, "4071")
    assert field.text() == "●●●●"
    assert field.take() == b"4071"


def test_too_many_digits_are_seen_to_be_too_many(field):
    press(field, "123456789012")
    assert field.count == 8


def test_it_is_cleared_when_it_is_hidden(field):
    press(field, "40")
    digits = field._digits
    field.hide()
    assert field.count == 0
    assert bytes(digits) == b""


def test_a_minute_without_the_focus_clears_it(field, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(pin_field, "monotonic", lambda: now[0])
    press(field, "40")
    assert not field.idle()
    field.clearFocus()
    now[0] += 59
    assert not field.idle()
    now[0] += 1
    assert field.idle()
    assert field.count == 0


def test_the_pad_and_the_keys_write_into_the_same_field(field):
    press(field, "4")
    field.type("0")
    press(field, "7")
    field.type("9")
    field.delete_last()
    field.type("1")
    assert field.take() == b"4071"
