"""A second start brings the open window to the front: a local socket for its own user, and nothing else listens."""

import hashlib
import logging
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QUrl
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from reader_bridge.errors import LaunchLinkMalformed
from reader_bridge.portal.launch_link import MAX_LENGTH, LaunchLink

RAISE = "raise"
_PATIENCE = 1000  # ms
_log = logging.getLogger(__name__)


def bring_forward(link: LaunchLink | None, path: Path) -> bool:
    """Hand a link, or a bare wish, to the window that is open; tell whether it took it."""
    socket = QLocalSocket()
    socket.connectToServer(_name(path))
    if not socket.waitForConnected(_PATIENCE):
        return False
    socket.write((link.written() if link else RAISE).encode() + b"\n")
    written = socket.waitForBytesWritten(_PATIENCE)
    socket.disconnectFromServer()
    return written


class SingleInstance(QObject):
    """Listen for the own user's further starts; only the holder of the window's lock makes one."""

    def __init__(self, path: Path, wished: Callable[[LaunchLink | None], None]) -> None:
        super().__init__()
        self._wished = wished
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._greet)
        QLocalServer.removeServer(_name(path))  # of a window that was killed
        if not self._server.listen(_name(path)):
            _log.warning("a second start cannot bring this window forward: %s", self._server.errorString())
        if sys.platform == "darwin":
            QCoreApplication.instance().installEventFilter(self)  # type: ignore[union-attr]

    def close(self) -> None:
        self._server.close()

    def _greet(self) -> None:
        while caller := self._server.nextPendingConnection():
            caller.setReadBufferSize(MAX_LENGTH + 1)
            caller.readyRead.connect(lambda caller=caller: self._hear(caller))
            caller.disconnected.connect(caller.deleteLater)
            self._hear(caller)

    def _hear(self, caller: QLocalSocket) -> None:
        if not caller.canReadLine():
            if caller.bytesAvailable() > MAX_LENGTH:
                caller.abort()
            return
        said = bytes(caller.readLine().data()).removesuffix(b"\n").decode("ascii", "replace")
        caller.disconnectFromServer()
        self._wish(said)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 (Qt's name)
        """Take a link as macOS hands it over, which starts no second program for it."""
        if not isinstance(event, QFileOpenEvent):
            return super().eventFilter(watched, event)
        self._wish(event.url().toString(QUrl.ComponentFormattingOption.FullyEncoded))
        return True

    def _wish(self, said: str) -> None:
        try:
            self._wished(None if said == RAISE else LaunchLink.parse(said))
        except LaunchLinkMalformed:
            _log.warning("neither a link nor a wish to come forward")


def _name(path: Path) -> str:
    """Name a pipe on Windows, where it belongs to no folder."""
    if sys.platform == "win32":
        return f"mykey-bridge-{hashlib.sha256(str(path).encode()).hexdigest()[:16]}"
    return str(path)
