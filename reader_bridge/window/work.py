"""What the window has done in threads of its own: nothing here waits in Qt's."""

import logging
from collections.abc import Callable
from contextlib import closing
from threading import Thread

from PySide6.QtCore import QObject, Signal

from reader_bridge.cli.context import Bridge
from reader_bridge.conversation.one_conversation import lock_path, one_conversation
from reader_bridge.conversation.session import converse
from reader_bridge.errors import BridgeError
from reader_bridge.portal.origin import Origin
from reader_bridge.portal.settings import Origins
from reader_bridge.window.ui import WindowUI
from reader_bridge.words.language import detail_of, sentence_code

_log = logging.getLogger(__name__)


class Work(QObject):
    """One piece of work; `done` gets what it returned, or the BridgeError that ended it, in Qt's thread."""

    _done = Signal(object)

    def __init__(self, work: Callable[[], object], done: Callable[[object], None]) -> None:
        super().__init__()
        self._done.connect(done)
        self.thread_of_work = Thread(target=lambda: self._done.emit(outcome(work)), daemon=True)
        self.thread_of_work.start()


class Conversation:
    """One conversation in its thread; a later one waits until it has ended."""

    def __init__(
        self,
        bridge: Bridge,
        ui: WindowUI,
        origin: Origin,
        *,
        handle: str | None = None,
        pairing_code: str | None = None,
    ) -> None:
        self.ui, self.origin = ui, origin
        self.name = f"{origin} {handle or pairing_code}"
        self._bridge, self._handle, self._pairing_code = bridge, handle, pairing_code
        self._before: Conversation | None = None
        self._thread = Thread(target=self._hold, daemon=True)

    def begin(self, before: "Conversation | None" = None) -> None:
        self._before = before
        self._thread.start()

    def goes_on(self) -> bool:
        return self._thread.is_alive() and not self.ui.stopped()

    def join(self, seconds: float | None = None) -> bool:
        """Wait for its end; tell whether it came."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _hold(self) -> None:
        if self._before:
            self._before.join()
            self._before = None
        result = outcome(self._converse)
        if isinstance(result, BridgeError):
            self.ui.end(sentence_code(result), detail_of(result))

    def _converse(self) -> None:
        bridge, ui = self._bridge, self.ui
        origins = Origins(bridge.settings, bridge.path, lambda error: ui.note(sentence_code(error), error.detail))
        with (
            one_conversation(self.name, lock_path()),
            closing(bridge.readers(say=ui.note, stopped=ui.stopped)) as readers,
        ):
            converse(
                bridge.client(self.origin, say=ui.note),
                ui.watch(readers),
                ui,
                origins=origins,
                handle=self._handle,
                pairing_code=self._pairing_code,
            )


def outcome(work: Callable[[], object]) -> object:
    """Return what work returned, or the BridgeError that ended it; a fault of this program is one, too."""
    try:
        return work()
    except BridgeError as error:
        return error.with_traceback(None)
    except Exception:  # noqa: BLE001 (told to the person)
        _log.exception("a fault of this program")
        return BridgeError("internal")
