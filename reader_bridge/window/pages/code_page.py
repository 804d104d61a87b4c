"""A page that takes a code and the portal that it is for."""

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from reader_bridge.portal.origin import Origin
from reader_bridge.window.pages.page import Page, label, scale
from reader_bridge.words.language import Words


class CodePage(Page):
    """`typed` is what the two lines hold: portal and code; `entered` tells, twice, of Enter in the first."""

    entered = Signal()

    def __init__(  # noqa: PLR0913 (what it says, and what it held before)
        self, words: Words, title: str, how: str, *, code: str, portals: Iterable[str], typed: tuple[str, str]
    ) -> None:
        super().__init__(words.say(title), words.say(how))
        self._words = words
        self.portal, self.code = QComboBox(), QLineEdit(typed[1])
        self.portal.setEditable(True)
        self.portal.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.portal.addItems(sorted(portals))
        if typed[0]:
            self.portal.setEditText(typed[0])
        for field, name in ((self.code, code), (self.portal, "portal-address")):
            self._ask(field, words.say(name))
        if editor := self.portal.lineEdit():
            editor.setAccessibleName(words.say("portal-address"))
            editor.returnPressed.connect(self.entered)  # the key goes no further from a combo box

    @property
    def typed(self) -> tuple[str, str]:
        return self.portal.currentText(), self.code.text()

    def origin(self) -> Origin:
        """Return the portal that was typed; raise OriginMalformed."""
        return Origin.typed(self.portal.currentText())

    def _ask(self, field: QWidget, name: str) -> None:
        scale(field, 1.3)
        named = label(name, bold=True)
        named.setBuddy(field)
        field.setAccessibleName(name)
        self.column.addWidget(named)
        self.column.addWidget(field)
