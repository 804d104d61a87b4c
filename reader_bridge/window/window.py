"""The window of a citizen: one that changes its page, and never disappears by itself."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from time import monotonic

from PySide6.QtCore import QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication

from reader_bridge.cli.context import Bridge
from reader_bridge.conversation.browser import open_browser
from reader_bridge.portal.launch_link import LaunchLink
from reader_bridge.portal.origin import Origin
from reader_bridge.portal.replies import Claim
from reader_bridge.window.frame import say
from reader_bridge.window.pages.page import Page, announce
from reader_bridge.window.pages.pin_page import PinPage
from reader_bridge.window.pages.start_page import StartPage
from reader_bridge.window.pages.state_pages import ChoicePage, StatePage, about, page_of
from reader_bridge.window.ui import Shown, WindowUI
from reader_bridge.window.without_portal import WithoutPortal
from reader_bridge.window.work import Conversation
from reader_bridge.words.states import ENDED, STATES

HEARTBEAT = 250  # ms between two looks at the clock, in which Python also hears of signals
_PHASE = 300.0  # seconds that a phase of a card session lasts, where this computer's clock cannot be right
_FEW = 2  # minutes that are warned of
_LONGEST = 1200.0  # seconds: three times prolonged


class Window(WithoutPortal):
    """Stand between the person and the threads that work."""

    def __init__(self, bridge: Bridge) -> None:
        super().__init__(bridge)
        self.conversation: Conversation | None = None
        self._claim: Claim | None = None
        self._shown: Shown | None = None
        self._typed = ("", "")  # on the start page: portal and code
        self._over_at = self._since = 0.0
        self._warned = self._hinted = False
        self._beat = QTimer(self, interval=HEARTBEAT)
        self._beat.timeout.connect(self._look)
        self._beat.start()

    def start(self) -> None:
        """Show the start page, with what was typed there before."""
        page = StartPage(self._words, self._bridge.settings.known_origins, self._typed)
        page.entered.connect(self.do_pair)
        page.asked.connect(self.do_beside)
        self._shown, self._claim = None, None
        for above in (self.portal, self.context, self.step):
            say(above, "")
        self.show_page(page, self._labels("pair", "close"), default="pair")

    def open(self, link: LaunchLink | None) -> None:
        """Come to the front, and follow a link unless another conversation goes on or its digits are still shown."""
        self.come_forward()
        if link is None:
            return
        digits = self._shown is not None and self._shown.state == "completion-code"
        if self.conversation and (digits or (self.conversation.goes_on() and not self._ended())):
            if self.conversation.name != f"{link.origin} {link.handle}" and self.page:
                self.page.tell(self._words.say("conversation-open"))
            return
        self.converse(link.origin, handle=link.handle)

    def converse(self, origin: Origin, *, handle: str | None = None, pairing_code: str | None = None) -> None:
        """Hold a conversation in a thread of its own."""
        ui = WindowUI()
        ui.shown.connect(partial(self._show, ui))
        ui.begun.connect(partial(self._learn, ui))
        ui.noted.connect(partial(self._note, ui))
        before = self.conversation
        self.conversation = Conversation(self._bridge, ui, origin, handle=handle, pairing_code=pairing_code)
        self._claim, self._over_at = None, 0.0
        self._show(ui, Shown("claiming"))
        self.conversation.begin(before)

    def end(self) -> None:
        """Leave, whatever is typed: the page is told, and nothing stays."""
        if self.conversation:
            self.conversation.ui.stop()
        self.hide()
        QApplication.exit()

    def join(self, seconds: float) -> bool:
        """Wait for the conversation's end; tell whether it came."""
        return self.conversation is None or self.conversation.join(seconds)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 (Qt's name)
        if self._asks_first():
            event.ignore()
            return
        event.accept()
        self.end()

    # what the conversation's thread tells

    def _show(self, ui: WindowUI, shown: Shown) -> None:
        conversation = self.conversation
        if conversation is None or conversation.ui is not ui or (ui.stopped() and shown.state != "cancelled"):
            return
        self._shown = shown
        if self._ended():
            self._over_at = 0.0
        self._tell_time()
        state = STATES.get(shown.state) or STATES["portal-refused"]
        say(self.portal, str(conversation.origin))
        say(self.context, about(self._words, self._claim, ended=self._ended()))
        say(self.step, self._words.say(f"step-{state.step}") if state.step else "")
        page = page_of(self._words, shown)
        if isinstance(page, PinPage):
            page.sent.connect(partial(self.act, "answer"))
        self.show_page(page, [(each, self._label(each, shown.state)) for each in state.can_do], default=state.default)

    def _learn(self, ui: WindowUI, claim: Claim) -> None:
        if self.conversation is None or self.conversation.ui is not ui:
            return
        self._claim = claim
        self._typed = ("", "")
        left = _PHASE
        with suppress(ValueError):
            left = (datetime.fromisoformat(claim.expires_at) - datetime.now(UTC)).total_seconds()
        self._over_at = monotonic() + (left if 0 < left <= _LONGEST else _PHASE)
        settings = self._bridge.settings
        known = settings.known_origins | {str(self.conversation.origin)}
        self._bridge = replace(self._bridge, settings=replace(settings, known_origins=known))

    def _note(self, ui: WindowUI, code: str, detail: str) -> None:
        if self.page and self.conversation and self.conversation.ui is ui:
            self.page.tell(self._words.say(code), detail)

    # what the person does

    def do_answer(self) -> None:
        page = self.page
        if self.conversation is None or (isinstance(page, PinPage) and not page.complete()):
            return
        ui = self.conversation.ui
        if isinstance(page, PinPage):
            ui.answer(page.field.take())
        else:
            ui.answer(page.chosen if isinstance(page, ChoicePage) else True)

    def do_cancel(self) -> None:
        if self._asks_first() or self.conversation is None:
            return
        self.conversation.ui.stop()
        self._show(self.conversation.ui, Shown("cancelled"))

    do_start = start

    def do_pair(self) -> None:
        if isinstance(self.page, StartPage) and (wanted := self.page.wanted()):
            origin, code = wanted
            self._bridge = self._bridge.naming(origin)
            self.converse(origin, pairing_code=code)

    def do_copy(self) -> None:
        if self._shown:
            self._copy(self._shown.text)

    def do_portal(self) -> None:
        if self.conversation:
            self._do(partial(open_browser, str(self.conversation.origin)), lambda _: None)

    def do_back(self) -> None:
        if self._shown and self.conversation:
            self._show(self.conversation.ui, self._shown)
        else:
            self.start()

    # the clock

    def _look(self) -> None:
        if self.page is None:
            return
        self.page.beat()
        hint = STATES[self._shown.state].hint if self._shown and self._shown.state in STATES else None
        if hint and not self._hinted and isinstance(self.page, StatePage) and monotonic() - self._since >= hint[0]:
            self._hinted = True
            self.page.hint(hint[1])
        self._tell_time()

    def _tell_time(self) -> None:
        text = ""
        if self._over_at:
            left = self._over_at - monotonic()
            minutes = -int(-left // 60)
            name = "minutes-over" if left <= 0 else "minutes-few" if minutes <= _FEW else "minutes-left"
            text = self._words.say(name).format(minutes)
            if self.time.text() != text and minutes <= _FEW and self.page:
                announce(self.time, text)
        say(self.time, text)

    def show_page(self, page: Page, actions: Sequence[tuple[str, str]], default: str | None = None) -> None:
        if isinstance(self.page, StartPage):
            self._typed = self.page.typed
        self._since, self._warned, self._hinted = monotonic(), False, False
        super().show_page(page, actions, default)

    def _asks_first(self) -> bool:
        """Ask once before what was typed is lost."""
        if self._warned or self.page is None or not self.page.wants_to_stay():
            return False
        self._warned = True
        self.page.tell(self._words.say("cancel-again"))
        return True

    def _ended(self) -> bool:
        return self._shown is not None and self._shown.state not in STATES.keys() - ENDED

    def _label(self, action: str, state: str) -> str:
        return self._words.say(f"answer-{state}" if action == "answer" else f"do-{action}")
