"""The window with a keyboard alone, in the dark, and with high contrast."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QImage, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QRadioButton

from tests.bridge.window.gallery import BESIDE

PAGES = (*BESIDE, "pin-prompt", "last-try-question", "new-origin-question", "choose-reader", "no-reader", "internal")
SHADES = {"dark": ("#1e1e1e", "#eeeeee"), "high contrast": ("#000000", "#ffff00")}


def reached(window):
    """Return everything that Tab reaches from the title on."""
    found, now = [], window.page.heading
    while now not in found:
        found.append(now)
        QTest.keyClick(now, Qt.Key.Key_Tab)
        QApplication.processEvents()
        now = QApplication.focusWidget()
    return found


@pytest.mark.parametrize("name", PAGES)
def test_every_control_is_reached_with_the_keyboard(shown, name):
    window = shown(name)
    kinds = (QAbstractButton, QLineEdit, QComboBox)
    controls = [each for kind in kinds for each in window.findChildren(kind) if each.isVisibleTo(window)]
    within = reached(window)
    missed = [
        each
        for each in controls
        if each not in within
        and each.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not any(each.isAncestorOf(one) or one.isAncestorOf(each) for one in within)
        and not (isinstance(each, QRadioButton) and not each.isChecked())  # the arrow keys reach those
    ]
    assert missed == []
    assert [each for each in controls if isinstance(each, QAbstractButton) and each.focusPolicy() == 0] == []


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("shade", SHADES)
def test_the_systems_colours_are_those_of_every_page(shown, qapp, shade, name):
    background, text = map(QColor, SHADES[shade])
    usual, palette = qapp.palette(), QPalette()
    for role in (QPalette.ColorRole.Window, QPalette.ColorRole.Base, QPalette.ColorRole.Button):
        palette.setColor(role, background)
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        palette.setColor(role, text)
    qapp.setPalette(palette)
    try:
        window = shown(name)
        image = window.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    finally:
        qapp.setPalette(usual)
    seen = {image.pixel(x, y) & 0xFFFFFF for x in range(0, image.width(), 2) for y in range(0, image.height(), 2)}
    assert image.pixel(2, 2) & 0xFFFFFF == background.rgb() & 0xFFFFFF
    assert text.rgb() & 0xFFFFFF in seen


def test_a_text_that_grows_on_the_way_is_followed_by_the_next_page(shown, qapp):
    small = shown("no-card").page.heading.fontMetrics().height()
    usual = qapp.font()
    larger = qapp.font()
    larger.setPointSizeF(usual.pointSizeF() * 2)
    qapp.setFont(larger)
    try:
        window = shown("no-card")
        QApplication.sendPostedEvents(window, QEvent.Type.FontChange)
        assert window.page.heading.fontMetrics().height() > 1.7 * small
    finally:
        qapp.setFont(usual)
