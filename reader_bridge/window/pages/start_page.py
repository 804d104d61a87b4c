"""The page of a program that was started by hand."""

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from reader_bridge.conversation.session import fold_code
from reader_bridge.errors import OriginMalformed
from reader_bridge.portal.origin import Origin
from reader_bridge.window.pages.code_page import CodePage
from reader_bridge.window.pages.page import button
from reader_bridge.words.language import Words

_CODE = 8  # characters


class StartPage(CodePage):
    """Take a pairing code for one of the known portals; `asked` tells what else is wanted."""

    asked = Signal(str)

    def __init__(self, words: Words, portals: Iterable[str], typed: tuple[str, str] = ("", "")) -> None:
        super().__init__(words, "start", "start-how", code="pairing-code", portals=portals, typed=typed)
        others = QWidget()
        grid = QGridLayout(others)
        grid.setContentsMargins(0, 0, 0, 0)
        for place, name in enumerate(("try", "show", "examine")):
            made = button(words.say(f"do-{name}"))
            made.clicked.connect(lambda _=False, name=name: self.asked.emit(name))
            grid.addWidget(made, place // 2, place % 2)
        self.column.addSpacing(self.fontMetrics().height())
        self.column.addWidget(others)
        self.close_up()

    def wanted(self) -> tuple[Origin, str] | None:
        """Return the portal and the code that were typed, or say what is wrong with them."""
        code = fold_code(self.code.text())
        try:
            if len(code) != _CODE:
                self._refuse("pairing-code-short", self.code)
            elif not self.portal.currentText().strip():
                self._refuse("no-portal-named", self.portal)
            else:
                return self.origin(), code
        except OriginMalformed as error:
            self._refuse(error.code, self.portal)
        return None

    def _refuse(self, name: str, field: QWidget) -> None:
        self.tell(self._words.say(name))
        field.setFocus()
