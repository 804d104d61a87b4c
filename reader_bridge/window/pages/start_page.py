"""The page of a program that was started by hand."""

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QLineEdit, QWidget

from reader_bridge.conversation.session import fold_code
from reader_bridge.errors import OriginMalformed
from reader_bridge.portal.origin import Origin
from reader_bridge.window.pages.page import Page, button, label, scale
from reader_bridge.words.language import Words

_CODE = 8  # characters


class StartPage(Page):
    """Take a pairing code for one of the known portals; `paired` brings both, `asked` what else is wanted."""

    paired = Signal(Origin, str)
    asked = Signal(str)

    def __init__(self, words: Words, portals: Iterable[str], *, portal: str = "", code: str = "") -> None:
        super().__init__(words.say("start"), words.say("start-how"))
        self._words = words
        self.portal, self.code = QComboBox(), QLineEdit(code)
        self.portal.setEditable(True)
        self.portal.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.portal.addItems(sorted(portals))
        if portal:
            self.portal.setEditText(portal)
        self._form()
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

    def pair(self) -> None:
        """Begin with what was typed, or say what is wrong with it."""
        code = fold_code(self.code.text())
        address = self.portal.currentText().strip()
        try:
            if len(code) != _CODE:
                self._refuse("pairing-code-short", self.code)
            elif not address:
                self._refuse("no-portal-named", self.portal)
            else:
                self.paired.emit(Origin.typed(address), code)
        except OriginMalformed as error:
            self._refuse(error.code, self.portal)

    def _form(self) -> None:
        for field, name in ((self.code, "pairing-code"), (self.portal, "portal-address")):
            scale(field, 1.3)
            named = label(self._words.say(name), bold=True)
            named.setBuddy(field)
            field.setAccessibleName(self._words.say(name))
            self.column.addWidget(named)
            self.column.addWidget(field)
        editor = self.portal.lineEdit()
        assert editor
        editor.returnPressed.connect(self.pair)  # Enter goes no further from a combo box
        editor.setAccessibleName(self._words.say("portal-address"))
        begin = button(self._words.say("do-pair"))
        begin.clicked.connect(self.pair)
        self.column.addWidget(begin)

    def _refuse(self, name: str, field: QWidget) -> None:
        self.tell(self._words.say(name))
        field.setFocus()
