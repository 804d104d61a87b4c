"""What a human sees of a conversation, whatever shows it: a terminal, the demo's reader page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from reader_bridge.portal.replies import Claim


@dataclass(frozen=True)
class Consent:
    """What the citizen agrees to by typing the PIN."""

    origin: str
    purpose: str  # as the portal names it; `words` has the sentence
    parameters: Mapping[str, object]
    match_code: str
    reader: str
    tries_left: int | None  # None: the card does not tell
    last_problem: str | None  # code of what ended the try before this one
    ends: datetime | None = None  # of the certificate


class ConversationUI(Protocol):
    def confirm_new_origin(self, origin: str) -> bool:
        """Ask whether to speak to a portal never met; the default is no."""

    def claimed(self, claim: Claim) -> None:
        """Learn for what the card will be asked; nothing of it needs to be shown before the consent."""

    def problem(self, code: str | None) -> None:
        """Show what the bridge is waiting for; None takes it back."""

    def reading(self) -> None:
        """Say that the card is being read, and takes its time; called from another thread."""

    def reached(self, origin: str) -> None:
        """Say that a test reached the portal, and that no card was touched."""

    def choose_reader(self, names: Sequence[str]) -> str | None:
        """Ask which card to use; None: the citizen cancelled."""

    def ask_pin(self, consent: Consent) -> str | None:
        """Show the consent and ask the PIN; None or empty: the citizen cancelled.

        A UI that sees the card move meanwhile may raise CardRemoved, here and in confirm_last_try.
        """

    def confirm_last_try(self, consent: Consent) -> bool:
        """Ask before the try that may lock the PIN; the default is no."""

    def sending(self) -> None:
        """Say that the card has signed and is no longer needed, and that the portal has not answered yet."""

    def completion_code(self, code: str, origin: str) -> None:
        """Show the six digits, with the origin and "only into the page you opened yourself"."""

    def completion_url(self, url: str) -> None:
        """Open the page in the default browser."""

    def failed(self, code: str) -> None:
        """Say what ended the conversation, and what to do."""

    def stopped(self) -> bool:
        """Tell whether the citizen cancelled while the bridge waits."""
