"""The page of a terminal that is enrolled."""

from reader_bridge.window.pages.page import Page, table
from reader_bridge.words.language import Words, plain


class TerminalPage(Page):
    """The rows change in place; a screen reader hears only taps."""

    def __init__(self, words: Words, origin: str, provider: str) -> None:
        super().__init__(words.say("terminal-title"))
        self._words = words
        self._values = {"origin": origin, "terminal-provider": plain(provider), "terminal-state": words.say("looking")}
        self._values |= {"terminal-last-tap": words.say("terminal-no-tap"), "terminal-portal": words.say("looking")}
        self._table = table([])
        self.column.addWidget(self._table)
        self.close_up()
        self._draw()

    def set(self, name: str, value: str) -> None:
        if self._values[name] != value:
            self._values[name] = value
            self._draw()

    def _draw(self) -> None:
        drawn = table((self._words.at_terminal(name), value) for name, value in self._values.items())
        self.column.replaceWidget(self._table, drawn)
        self._table.hide()
        self._table.deleteLater()
        self._table = drawn
