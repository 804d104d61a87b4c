"""The conversation UI of the window: what happens is told to Qt's thread, and its answers are waited for."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Event, Lock
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from reader_bridge.conversation.browser import open_browser
from reader_bridge.conversation.ui import Consent
from reader_bridge.errors import CardRemoved
from reader_bridge.readers import Reader, Readers
from reader_bridge.readers.worker import keep_out_of_core_files

if TYPE_CHECKING:
    from reader_bridge.portal.replies import Claim

_LOOK = 10.0  # seconds of one wait for a card that moves while the PIN is asked
_Word = bytearray | str | bool | None
_BREAKABLE = ("claiming", "reading", "signing", "sending")  # what "it is slow" may take the place of


@dataclass(frozen=True)
class Shown:
    """What the window shows: a state, and what belongs to it."""

    state: str
    consent: Consent | None = None
    readers: tuple[str, ...] = ()  # to choose from, or those that were found
    text: str = ""  # an origin, or digits
    detail: str = ""  # a path, a date, a name that stands below the sentence


class SeenReaders:
    """Readers that note what the last list told."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers
        self.seen: dict[str, Hashable] = {}

    def list(self) -> Sequence[Reader]:
        self.seen = {}
        found = self._readers.list()
        self.seen = {each.name: each.seen for each in found}
        return found

    def wait(self, seconds: float, stopped: Callable[[], bool] = bool) -> None:
        self._readers.wait(seconds, stopped)


class WindowUI(QObject):
    """Called by the conversation's thread, but for `answer` and `stop`."""

    shown = Signal(Shown)
    begun = Signal(object)  # a Claim
    noted = Signal(str, str)  # a sentence beside the state, and its detail

    def __init__(self) -> None:
        super().__init__()
        self._readers: SeenReaders | None = None
        self._answers: SimpleQueue[_Word] | None = None  # those of the open question
        self._opening = Lock()
        self._state, self._stop = "", Event()

    def watch(self, readers: Readers) -> SeenReaders:
        """Look at these readers while the PIN is asked."""
        self._readers = SeenReaders(readers)
        return self._readers

    def answer(self, word: _Word) -> None:
        """Answer the open question; where none is open, as after a late click, the word is wiped."""
        with self._opening:
            if self._answers is None:
                _wipe(word)
            else:
                self._answers.put(word)

    def stop(self) -> None:
        self._stop.set()
        self.answer(None)

    def stopped(self) -> bool:
        return self._stop.is_set()

    def note(self, code: str, detail: str = "") -> None:
        """Say something beside the state; that it takes long is a state of its own where nobody is asked anything."""
        if code in ("card-slow", "portal-slow"):
            if self._state in _BREAKABLE:
                self._show(Shown(code))
            return
        self.noted.emit(code, detail)

    def confirm_new_origin(self, origin: str) -> bool:
        return self._ask(Shown("new-origin-question", text=origin)) is True

    def claimed(self, claim: "Claim") -> None:
        self.begun.emit(claim)

    def problem(self, code: str | None) -> None:
        if code is not None:
            self._show(Shown(code, readers=tuple(self._readers.seen) if self._readers else ()))

    def reading(self) -> None:
        if self._state not in ("pin-prompt", "last-try-question"):
            self._show(Shown("reading"))

    def reached(self, origin: str) -> None:
        self._show(Shown("reached", text=origin))

    def choose_reader(self, names: Sequence[str]) -> str | None:
        word = self._ask(Shown("choose-reader" if len(names) > 1 else "take-the-other", readers=tuple(names)))
        return word if isinstance(word, str) else None

    def ask_pin(self, consent: Consent) -> str | None:
        keep_out_of_core_files()
        word = self._ask(Shown("pin-prompt", consent), consent.reader)
        if not isinstance(word, bytearray):
            return None
        try:
            return word.decode()
        finally:
            word[:] = bytes(len(word))
            self._show(Shown("signing"))

    def confirm_last_try(self, consent: Consent) -> bool:
        agreed = self._ask(Shown("last-try-question", consent), consent.reader) is True
        if agreed:
            self._show(Shown("signing"))
        return agreed

    def sending(self) -> None:
        self._show(Shown("sending"))

    def completion_code(self, code: str, origin: str) -> None:  # noqa: ARG002 (it stands above every page)
        self._show(Shown("completion-code", text=code))

    def completion_url(self, url: str) -> None:
        self._show(Shown("completion-url" if open_browser(url) else "browser-absent"))

    def failed(self, code: str) -> None:
        """Wait for the thread's own end, which knows the detail."""

    def end(self, code: str, detail: str) -> None:
        self._show(Shown(code, detail=detail))

    def _show(self, shown: Shown) -> None:
        self._state = shown.state
        self.shown.emit(shown)

    def _ask(self, question: Shown, reader: str | None = None) -> _Word:
        """Ask, and wait for the answer; raise CardRemoved when the card in that reader moves before it comes."""
        answers: SimpleQueue[_Word] = SimpleQueue()
        self._answers = answers
        try:
            return None if self.stopped() else self._answered(answers, question, reader)
        finally:
            with self._opening:
                self._answers = None
            while not answers.empty():
                _wipe(answers.get())

    def _answered(self, answers: SimpleQueue[_Word], question: Shown, reader: str | None) -> _Word:
        seen = self._readers.seen if self._readers else {}
        self._show(question)
        while reader is not None and self._readers is not None and answers.empty():
            self._readers.wait(_LOOK, lambda: not answers.empty())
            if answers.empty() and (self._readers.list(), self._readers.seen.get(reader))[1] != seen.get(reader):
                raise CardRemoved("the card moved while its PIN was asked")
        word = answers.get()
        if self.stopped():  # between the answer and here
            _wipe(word)
            return None
        return word


def _wipe(word: _Word) -> None:
    if isinstance(word, bytearray):
        word[:] = bytes(len(word))
