"""The page of each state of a conversation."""

import re
from collections.abc import Sequence

from PySide6.QtWidgets import QProgressBar, QRadioButton

from reader_bridge.desktop.doctor import examine_session, examine_usb
from reader_bridge.portal.replies import Claim
from reader_bridge.window.pages.page import Page, label, scale, table
from reader_bridge.window.pages.pin_page import PinPage, consent_rows
from reader_bridge.window.ui import Shown
from reader_bridge.words.language import Words, plain
from reader_bridge.words.states import STATES

_WORKING = frozenset({"claiming", "portal-slow", "reading", "card-slow", "signing", "sending"})
_BUILT_IN = re.compile("windows hello|virtual smart card|microsoft", re.IGNORECASE)


def page_of(words: Words, shown: Shown) -> Page:
    """Make the page of a state."""
    if shown.state == "pin-prompt" and shown.consent:
        return PinPage(words, shown.consent)
    if shown.state in ("choose-reader", "take-the-other"):
        return ChoicePage(words, shown)
    return StatePage(words, shown)


def about(words: Words, claim: Claim | None, *, ended: bool) -> str:
    """Say for what the card is asked, above every page, and how to tell it from what another browser asks."""
    if claim is None:
        return ""
    purpose = words.purpose(claim.purpose)
    return purpose if ended else f"{purpose}\n{words.say('match-code')}: {claim.match_code}"


class StatePage(Page):
    def __init__(self, words: Words, shown: Shown) -> None:
        known = shown.state in STATES
        title = words.state(shown.state if known else "portal-refused")[0]
        super().__init__(title, *([] if shown.state == "last-try-question" else [_sentence(words, shown)]))
        self._words = words
        if shown.state == "new-origin-question":
            self.say_large(plain(shown.text))
            self.say(words.say("new-origin-why"))
        elif shown.state == "completion-code":
            digits = self.say_large(f"{shown.text[:3]} {shown.text[3:]}")
            digits.setAccessibleName(" ".join(shown.text))
        elif shown.state == "last-try-question" and shown.consent:
            self.column.addWidget(table(consent_rows(words, shown.consent)))
        elif shown.detail or shown.text:
            self.say(plain(shown.detail or shown.text))
        if shown.state in _WORKING:
            self.column.addWidget(_bar(title))
        if shown.readers:
            self._name_readers(shown.readers)
        self.close_up()

    def hint(self, name: str) -> None:
        """Say what mostly helps, and what is known of this computer."""
        said = [self._words.say(name)]
        if name == "no-reader-hint":
            findings = [*examine_session(), *examine_usb(())]
            said += [f"{plain(each.subject)}{_bracket(each.detail)}: {self._words.say(each.code)}" for each in findings]
        self.tell("\n".join(said))

    def _name_readers(self, names: Sequence[str]) -> None:
        say = self._words.say
        self.say(say("readers-seen"))
        for name in names:
            built_in = bool(_BUILT_IN.search(name))
            which = f" — {say('virtual-card')}" if built_in else ""
            self.column.addWidget(label(f"・{plain(name)}{which}", bold=not built_in))


class WorkingPage(Page):
    """Say what is being done."""

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self.column.addWidget(_bar(title))
        self.close_up()


class ChoicePage(Page):
    """One radio button a reader."""

    def __init__(self, words: Words, shown: Shown) -> None:
        super().__init__(*words.state(shown.state))
        self._choices = [(name, QRadioButton(plain(name).replace("&", "&&"))) for name in shown.readers]
        for _, choice in self._choices:
            scale(choice, 1.15)
            self.column.addWidget(choice)
        self._choices[0][1].setChecked(True)
        self.close_up()

    @property
    def chosen(self) -> str:
        return next(name for name, choice in self._choices if choice.isChecked())


def _bar(name: str) -> QProgressBar:
    bar = QProgressBar()
    bar.setRange(0, 0)
    bar.setTextVisible(False)
    bar.setAccessibleName(name)
    return bar


def _sentence(words: Words, shown: Shown) -> str:
    return words.state(shown.state)[1] if shown.state in STATES else words.say(shown.state)


def _bracket(detail: str) -> str:
    return f" ({plain(detail)})" if detail else ""
