"""The Qt program: one window for its user, and what ends it."""

import contextlib
import os
import signal
import sys
from pathlib import Path

from PySide6.QtCore import QLibraryInfo, QSocketNotifier, QTranslator
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QMessageBox

from reader_bridge.cli.context import FAILED, Bridge
from reader_bridge.cli.ending import ENDINGS
from reader_bridge.conversation.one_conversation import ConversationOpen, lock_path, one_conversation
from reader_bridge.desktop.linux import ICON
from reader_bridge.portal.launch_link import LaunchLink
from reader_bridge.window.single_instance import SingleInstance, bring_forward
from reader_bridge.window.terminal_window import TerminalWindow
from reader_bridge.window.window import Window

FAREWELL = 0.9  # seconds that whatever goes on has for its end


def run(bridge: Bridge, link: LaunchLink | None, *, as_terminal: bool, background: bool) -> int:
    """Show the window until it is closed, or bring the one that is open to the front; return the exit code."""
    application = QApplication(sys.argv[:1])
    application.setApplicationName("mykey-bridge")
    application.setDesktopFileName("mykey-bridge")
    application.setWindowIcon(QIcon(str(ICON)))
    translator = QTranslator(application)
    if translator.load(f"qtbase_{bridge.words.language}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        application.installTranslator(translator)
    lock = lock_path().with_name("mykey-terminal.lock" if as_terminal else "mykey-window.lock")
    with contextlib.suppress(OSError):
        lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with one_conversation(f"{os.getpid()}", lock):
            window = TerminalWindow(bridge) if as_terminal else Window(bridge)
            return _shown(application, window, link, lock.with_suffix(".sock"), background=background)
    except ConversationOpen as open_already:
        if bring_forward(link, lock.with_suffix(".sock")):
            return 0
        QMessageBox.warning(None, bridge.words.say("program"), bridge.words.say(open_already.code))
        return FAILED


def _shown(
    application: QApplication, window: Window | TerminalWindow, link: LaunchLink | None, path: Path, *, background: bool
) -> int:
    first = SingleInstance(path, window.open)
    _end_in_order(window)
    window.start()
    if background:
        window.showMinimized()
    else:
        window.open(link)
    code = application.exec()
    first.close()
    if not window.join(FAREWELL):
        os._exit(code)  # a call that does not return is left behind
    return code


def _end_in_order(window: Window | TerminalWindow) -> None:
    """End the window at each signal that ends a program; Python hears of it through a pipe, for Qt waits elsewhere."""
    if sys.platform != "win32":
        heard, told = os.pipe()
        os.set_blocking(told, False)
        signal.set_wakeup_fd(told)
        notifier = QSocketNotifier(heard, QSocketNotifier.Type.Read, window)
        notifier.activated.connect(lambda: os.read(heard, 512))
    for name in ENDINGS:
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: window.end())
