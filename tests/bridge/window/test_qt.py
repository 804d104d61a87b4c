"""The Qt that is pinned is one that a program can run on for a day."""

import sys

from PySide6.QtWidgets import QLabel


def test_a_call_of_qt_leaves_none_as_it_was(qapp):  # noqa: ARG001
    label = QLabel()
    before = sys.getrefcount(None)
    for _ in range(500):
        label.setText("")
    assert before - sys.getrefcount(None) < 100  # each call lost one with PySide6 6.12.0 before Python 3.12
