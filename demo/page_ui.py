"""The conversation UI on the reader page: a question waits until the page sends the citizen's answer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from threading import Condition
from typing import Literal

from reader_bridge.conversation.ui import Consent
from reader_bridge.errors import CardRemoved
from reader_bridge.portal.replies import Claim

Stage = Literal["waiting", "pin", "last-try", "done", "reached", "failed"]
QUESTIONS = ("pin", "last-try")
SETTLED = 5.0  # seconds within which the bridge answers what the citizen did


@dataclass(frozen=True)
class Shown:
    """What the page shows; `number` grows with every change."""

    stage: Stage = "waiting"
    problem: str | None = None
    consent: Consent | None = None
    url: str | None = None
    number: int = 0


class PageUI:
    """Stand between the conversation's thread and the requests of the page."""

    def __init__(self) -> None:
        self.shown = Shown()
        self._changed = Condition()
        self._word: str | bool | CardRemoved | None = None
        self._stopped = self._touched = False
        self._idle = False  # the conversation waits for the citizen, or is over

    # The conversation's side

    def confirm_new_origin(self, origin: str) -> bool:  # noqa: ARG002
        return False  # the demo's portal is known, and there is no other

    def claimed(self, claim: Claim) -> None:
        pass  # the page shows it with the consent

    def problem(self, code: str | None) -> None:
        with self._changed:
            self._show(Shown("waiting", problem=code))

    def reading(self) -> None:
        pass  # the demo's cards are quick

    def reached(self, origin: str) -> None:  # noqa: ARG002
        with self._changed:
            self._show(Shown("reached"))

    def choose_reader(self, names: Sequence[str]) -> str:
        return names[0]

    def ask_pin(self, consent: Consent) -> str | None:
        word = self._ask(Shown("pin", consent=consent))
        return word if isinstance(word, str) else None

    def confirm_last_try(self, consent: Consent) -> bool:
        return self._ask(Shown("last-try", consent=consent)) is True

    def sending(self) -> None:
        pass  # the demo's portal answers soon

    def completion_code(self, code: str, origin: str) -> None:
        raise NotImplementedError  # only a launch link opens the page

    def completion_url(self, url: str) -> None:
        with self._changed:
            self._show(Shown("done", url=url))

    def failed(self, code: str) -> None:
        with self._changed:
            self._show(Shown("failed", problem=code))

    def stopped(self) -> bool:
        return self._stopped

    def sleep(self, seconds: float) -> None:
        """Sleep between two looks at the readers, unless the citizen does something."""
        with self._changed:
            self._wait_for_citizen(seconds)

    def over(self) -> None:
        """Tell whoever waits that the conversation has ended."""
        with self._changed:
            self._idle = True
            self._changed.notify_all()

    def _ask(self, question: Shown) -> str | bool | None:
        with self._changed:
            self._show(question)
            self._word = _moved() if self._touched else None
            self._wait_for_citizen(None)
            word, self._word = self._word, None
        if isinstance(word, CardRemoved):
            raise word
        return word

    def _wait_for_citizen(self, seconds: float | None) -> None:
        self._idle = not self._touched and not self._stopped
        self._changed.notify_all()
        self._changed.wait_for(lambda: self._touched or self._stopped, seconds)
        self._idle = self._touched = False

    def _show(self, shown: Shown) -> None:
        self.shown = replace(shown, number=self.shown.number + 1)

    # The page's side

    def answer(self, number: int, word: str | bool) -> None:  # noqa: FBT001
        """Bring the citizen's word to the question of that number; a late click on an older one does nothing."""
        with self._changed:
            if self.shown.number == number and self.shown.stage in QUESTIONS and self._idle:
                self._word = word
                self._touch()

    def card_moved(self) -> None:
        """Have the bridge look at the reader again; a question about the card before is void."""
        with self._changed:
            if self.shown.stage in QUESTIONS:
                self._word = _moved()
            self._touch()

    def stop(self) -> None:
        """End the conversation by the citizen's wish."""
        with self._changed:
            self._stopped = True
            self._touch()

    def settle(self) -> None:
        """Wait until the bridge waits for the citizen."""
        with self._changed:
            self._changed.wait_for(lambda: self._idle, SETTLED)

    def take_url(self) -> str | None:
        """Hand over the address where the browser goes on, once."""
        with self._changed:
            url, self.shown = self.shown.url, replace(self.shown, url=None)
            return url

    def _touch(self) -> None:
        if self.shown.stage not in ("done", "reached", "failed"):
            self._touched, self._idle = True, False
            self._changed.notify_all()


def _moved() -> CardRemoved:
    return CardRemoved("the card was pulled out while its PIN was asked")
