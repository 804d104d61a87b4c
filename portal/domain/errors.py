"""What services and routes raise. A code is stable and documented; words and status belong to portal/web/problems."""

from typing import TypeVar

from portal.domain.codes import Code


class Refusal(Exception):
    """Say with a stable code what cannot be done: a rule of the portal or a check of a certificate is in the way."""

    code: Code
    recorded = False
    """Whether the refusal itself was written down, so that its act is committed."""


class PortalError(Refusal):
    def __init__(self, code: Code) -> None:
        super().__init__(code)
        self.code = code


class AskAgain(PortalError):
    """Say what the citizen may mend without reading the card once more."""


class StaffReview(PortalError):
    """Say that staff must decide; `about` names the thing, so that it is listed once."""

    def __init__(self, code: Code, about: str, **facts: str) -> None:
        super().__init__(code)
        self.about, self.facts = about, facts


class NotConfiguredError(Exception):
    """Say what a portal in production lacks, and what to do about it."""


class CommandRefused(Exception):
    """Say to the operator at the command line, with a stable code and a sentence, what cannot be done."""

    def __init__(self, code: Code, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


R = TypeVar("R", bound=Refusal)


def recorded(refusal: R) -> R:
    """Mark a refusal whose act has written it down; returned to be raised."""
    refusal.recorded = True
    return refusal
