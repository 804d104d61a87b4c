import os
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before Qt is imported

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from tests.bridge.window.gallery import window_at


def pytest_collection_modifyitems(items):
    """Have any warning of Qt's fail a test; the offscreen platform says of some calls that only a desktop does them."""
    for each in items:
        if each.path.is_relative_to(Path(__file__).parent):
            each.add_marker(pytest.mark.qt_log_level_fail("WARNING"))
            each.add_marker(pytest.mark.qt_log_ignore("This plugin does not support"))


@pytest.fixture
def shown(qapp):
    """Show a window at a state or a page; it is taken away at the end, with all that it holds."""
    windows = []

    def show(name, language="ja"):
        window = window_at(name, language)
        windows.append(window)
        window.show()
        window.activateWindow()
        settle(qapp)
        return window

    yield show
    for window in windows:
        take_away(window)


@pytest.fixture
def large(qapp):
    """Set the system's text to twice its size."""
    usual = qapp.font()
    font = qapp.font()
    font.setPointSizeF(usual.pointSizeF() * 2)
    qapp.setFont(font)
    yield
    qapp.setFont(usual)


def settle(application):
    for _ in range(3):
        application.processEvents()


def take_away(window):
    window.hide()
    window.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
