"""The work of a terminal behind its window."""

from contextlib import closing, suppress
from threading import Event, Thread

from PySide6.QtCore import QObject, Signal

from reader_bridge.cli.context import Bridge
from reader_bridge.errors import BridgeError
from reader_bridge.portal.origin import Origin
from reader_bridge.portal.replies import Enrolment
from reader_bridge.portal.settings import Origins
from reader_bridge.terminal.taps import Taps
from reader_bridge.window.work import outcome


class Watch(QObject):
    """Bring taps to the portal, in a thread of its own, until it is stopped."""

    told = Signal(str, str)  # a sentence, and the readers that it is about
    ended = Signal(object)  # the BridgeError that ended it

    def __init__(self, bridge: Bridge, origin: Origin, enrolment: Enrolment) -> None:
        super().__init__()
        self._bridge, self._origin, self._token = bridge.naming(origin), origin, enrolment.token
        self._stop = Event()
        self._thread = Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()

    def join(self, seconds: float) -> bool:
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        with suppress(KeyboardInterrupt):
            result = outcome(self._bring_taps)
            if isinstance(result, BridgeError):
                self.ended.emit(result)

    def _bring_taps(self) -> None:
        Origins(self._bridge.settings).permit(self._origin)
        client = self._bridge.client(self._origin, say=lambda _: None)
        with closing(self._bridge.readers(say=lambda _: None, stopped=self._stop.is_set)) as readers:
            Taps(client, self._token, readers, self._tell, interrupt=self._stop.set, sleep=self._sleep).run()

    def _sleep(self, seconds: float) -> None:
        if self._stop.wait(seconds):
            raise KeyboardInterrupt

    def _tell(self, name: str, readers: str) -> None:
        if not self._stop.is_set():
            self.told.emit(name, readers)
