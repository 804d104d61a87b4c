"""The window of a service provider's terminal: enrolled by pasting the code, then a row for all that stands."""

from datetime import datetime
from functools import partial

from PySide6.QtCore import QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication

from reader_bridge.cli.context import Bridge
from reader_bridge.conversation.session import fold_code
from reader_bridge.errors import BridgeError, NotEnrolled, OriginMalformed
from reader_bridge.portal.launch_link import LaunchLink
from reader_bridge.portal.origin import Origin
from reader_bridge.portal.replies import Enrolment
from reader_bridge.terminal.enrolment import enrolment_path, keep_enrolment, kept_enrolment
from reader_bridge.window.frame import Frame
from reader_bridge.window.pages.code_page import CodePage
from reader_bridge.window.pages.page import announce
from reader_bridge.window.pages.state_pages import StatePage, WorkingPage
from reader_bridge.window.pages.terminal_pages import TerminalPage
from reader_bridge.window.ui import Shown
from reader_bridge.window.watch import Watch
from reader_bridge.window.work import Work
from reader_bridge.words.language import detail_of, plain, sentence_code

_ASK_PORTAL = 60_000  # ms between two looks at whether the portal answers
_STANDING = ("terminal-watching", "no-reader", "no-service", "service-silent", "service-mismatched", "access-denied")


class TerminalWindow(Frame):
    def __init__(self, bridge: Bridge) -> None:
        super().__init__(bridge)
        self._watch: Watch | None = None
        self._work: Work | None = None
        self._typed = ("", "")  # portal and code
        self._wanted: tuple[Origin, str] | None = None  # what is enrolled once its portal has been agreed to
        self._ask = QTimer(self, interval=_ASK_PORTAL)
        self._ask.timeout.connect(self._ask_portal)

    def start(self) -> None:
        """Watch, where this computer is enrolled; else take the code."""
        try:
            origin, enrolment = kept_enrolment(enrolment_path(self._bridge.path))
        except NotEnrolled:
            self.do_enrol_anew()
            return
        page = TerminalPage(self._words, str(origin), enrolment.service_provider_id)
        self.show_page(page, self._labels("enrol-anew", "close"))
        self._watch = Watch(self._bridge, origin, enrolment)
        self._watch.told.connect(self._tell)
        self._watch.ended.connect(partial(self._refused, self._watch))
        self._watch.start()
        self._origin = origin
        self._ask.start()
        self._ask_portal()

    def open(self, link: LaunchLink | None) -> None:  # noqa: ARG002 (a terminal follows none)
        self.come_forward()

    def end(self) -> None:
        if self._watch:
            self._watch.stop()
        self.hide()
        QApplication.exit()

    def join(self, seconds: float) -> bool:
        return self._watch is None or self._watch.join(seconds)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 (Qt's name)
        event.accept()
        self.end()

    def do_enrol_anew(self) -> None:
        said, portals = ("terminal-title", "terminal-enrol-how"), self._bridge.settings.known_origins
        page = CodePage(self._words, *said, code="enrolment-code", portals=portals, typed=self._typed)
        page.close_up()
        page.entered.connect(self.do_enrol)
        self.show_page(page, self._labels("enrol", *(["back"] if self._watch else []), "close"), "enrol")

    do_cancel = do_enrol_anew

    def do_back(self) -> None:
        if self._watch:
            self._watch.stop()
        self.start()

    def do_enrol(self) -> None:
        """Take what was typed; a portal that was never met is asked about first."""
        page = self.page
        if not isinstance(page, CodePage):
            return
        try:
            origin = page.origin()
            self._bridge = self._bridge.naming(origin)
            origins = self._bridge.origins()
            origins.permit(origin)
        except BridgeError as error:
            page.tell(self._words.say("no-portal-named" if isinstance(error, OriginMalformed) else error.code))
            return
        self._typed = str(origin), page.code.text()
        self._wanted = origin, fold_code(page.code.text())
        if origins.knows(origin):
            self.do_answer()
            return
        asked = StatePage(self._words, Shown("new-origin-question", text=str(origin)))
        answer = self._words.say("answer-new-origin-question")
        self.show_page(asked, [*self._labels("cancel"), ("answer", answer)], "cancel")

    def do_answer(self) -> None:
        if self._wanted is None:
            return
        (origin, code), self._wanted = self._wanted, None
        self.show_page(WorkingPage(self._words.say("looking")), self._labels("close"))
        self._work = Work(partial(self._enrol, origin, code), self._enrolled)

    def _enrol(self, origin: Origin, code: str) -> Enrolment:
        client = self._bridge.client(origin, say=lambda _: None)
        enrolment = keep_enrolment(enrolment_path(self._bridge.path), origin, lambda: client.enrol(code))
        self._bridge.origins().remember(origin)
        return enrolment

    def _enrolled(self, result: object) -> None:
        if not isinstance(result, BridgeError):
            self._typed = "", ""
            self.do_back()
            return
        self.do_enrol_anew()
        if self.page:
            self.page.tell(self._said(result), detail_of(result))

    def _tell(self, name: str, readers: str) -> None:
        if not isinstance(self.page, TerminalPage):
            return
        about = f"{plain(readers)}: " if readers else ""
        if name in _STANDING:
            said = "terminal-waits" if name == "terminal-watching" else name
            self.page.set("terminal-state", f"{about}{self._words.at_terminal(said)}")
            return
        text = f"{datetime.now().astimezone():%H:%M:%S} {about}{self._words.at_terminal(name)}"
        self.page.set("terminal-last-tap", text)
        announce(self.page.note, text)

    def _refused(self, watch: Watch, error: BridgeError) -> None:
        if watch is not self._watch:
            return
        self._ask.stop()
        self.do_enrol_anew()
        if self.page:
            self.page.tell(self._said(error))

    def _ask_portal(self) -> None:
        client = self._bridge.naming(self._origin).client(self._origin, say=lambda _: None)
        self._work = Work(client.clock, self._portal_answers)

    def _portal_answers(self, result: object) -> None:
        if isinstance(self.page, TerminalPage):
            bad = isinstance(result, BridgeError)
            self.page.set("terminal-portal", self._words.say("terminal-portal-bad" if bad else "terminal-portal-good"))

    def _said(self, error: BridgeError) -> str:
        code = sentence_code(error)
        return self._words.at_terminal("terminal-not-enrolled" if code == "not-enrolled" else code)
