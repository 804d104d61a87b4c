"""What the window does beside a conversation: try a card, show its certificate, examine this computer."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QApplication, QFileDialog

from reader_bridge.card.certificate_text import as_file
from reader_bridge.cli.context import Bridge
from reader_bridge.cli.doctor import examine_here
from reader_bridge.cli.output import write_file
from reader_bridge.errors import BridgeError
from reader_bridge.window.frame import Frame
from reader_bridge.window.pages.card_pages import CertificatePage, TrialPage, Tried, try_cards
from reader_bridge.window.pages.doctor_page import DoctorPage
from reader_bridge.window.pages.state_pages import StatePage, WorkingPage
from reader_bridge.window.ui import Shown
from reader_bridge.window.work import Work
from reader_bridge.words.language import detail_of, sentence_code


class WithoutPortal(Frame):
    """Each `do_…` is what a button of that name does."""

    def __init__(self, bridge: Bridge) -> None:
        super().__init__(bridge)
        self._work: Work | None = None
        self._again: Callable[[], None] | None = None

    def do_again(self) -> None:
        if self._again:
            self._again()

    def do_copy_report(self) -> None:
        if isinstance(self.page, DoctorPage):
            self._copy(self.page.report)

    def do_save_report(self) -> None:
        if isinstance(self.page, DoctorPage):
            self._save(f"mykey-report-{datetime.now(UTC):%Y%m%d}.txt", self.page.report.encode())

    def do_save_text(self) -> None:
        if isinstance(self.page, CertificatePage):
            self._save("certificate.txt", as_file(self.page.certificate))

    def do_save_der(self) -> None:
        if isinstance(self.page, CertificatePage):
            self._save("certificate.cer", self.page.certificate)

    def do_doctor(self) -> None:
        self._do(partial(examine_here, self._bridge), self._show_findings, busy=True)

    def do_beside(self, name: str) -> None:
        if name == "examine":
            self.do_doctor()
        else:
            self._do(partial(try_cards, self._bridge), partial(self._show_cards, name), busy=True)

    def _show_cards(self, wanted: str, result: object) -> None:
        if isinstance(result, BridgeError):
            self._show_problem(wanted, result)
            return
        tried = result if isinstance(result, list) else []
        if wanted == "show" and len(tried) == 1:
            self._show_certificate(tried[0])
            return
        page = TrialPage(self._words, tried)
        page.wanted.connect(self._show_certificate)
        self.show_page(page, self._labels("back"))

    def _show_certificate(self, tried: Tried) -> None:
        self.show_page(CertificatePage(self._words, tried), self._labels("save-text", "save-der", "back"))

    def _show_problem(self, wanted: str, error: BridgeError) -> None:
        page = StatePage(self._words, Shown(sentence_code(error), detail=detail_of(error)))
        self._again = partial(self.do_beside, wanted)
        self.show_page(page, self._labels("again", "back"))

    def _show_findings(self, result: object) -> None:
        if isinstance(result, BridgeError):
            self._show_problem("examine", result)
        elif isinstance(result, list):
            self._again = self.do_doctor
            page = DoctorPage(self._words, result)
            self.show_page(page, self._labels("again", "copy-report", "save-report", "back"))

    def _do(self, work: Callable[[], object], done: Callable[[object], None], *, busy: bool = False) -> None:
        """Have something done; what was shown meanwhile wins over its result."""
        waiting = self.page
        if busy:
            waiting = WorkingPage(self._words.say("looking"))
            self.show_page(waiting, self._labels("back"))

        def show(result: object) -> None:
            if self.page is waiting:
                done(result)

        self._work = Work(work, show)

    def _copy(self, text: str) -> None:
        QApplication.clipboard().setText(text)
        if self.page:
            self.page.tell(self._words.say("copied"))

    def _save(self, name: str, content: bytes) -> None:
        chosen, _ = QFileDialog.getSaveFileName(self, self._words.say("program"), str(Path.home() / name))
        if not chosen or self.page is None:
            return
        try:
            write_file(Path(chosen), content)
            self.page.tell(self._words.say("saved"))
        except BridgeError as error:
            self.page.tell(self._words.say(error.code), error.detail)
