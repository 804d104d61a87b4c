"""The Qt program: one window, and what ends it."""

import signal
import sys

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QVBoxLayout, QWidget

from reader_bridge.cli.context import Bridge
from reader_bridge.portal.launch_link import LaunchLink

HEARTBEAT = 250  # ms between two looks at the clock, in which Python also hears of signals


def run(bridge: Bridge, link: LaunchLink | None, *, as_terminal: bool, background: bool) -> int:  # noqa: ARG001
    """Show the window until it is closed; return the exit code."""
    application = QApplication.instance() or QApplication(sys.argv[:1])
    window = QWidget()
    window.setWindowTitle(bridge.words.say("program"))
    layout = QVBoxLayout(window)
    layout.addWidget(QLabel(bridge.words.say("start"), window))
    close = QPushButton(bridge.words.say("do-close"), window)
    close.clicked.connect(window.close)
    layout.addWidget(close)
    window.show()
    signal.signal(signal.SIGTERM, lambda *_: window.close())
    signal.signal(signal.SIGINT, lambda *_: window.close())
    heartbeat = QTimer(window, interval=HEARTBEAT)
    heartbeat.timeout.connect(lambda: None)
    heartbeat.start()
    return application.exec()
