"""The one table of what can go wrong: a stable code, its status, what happened, and what to do next."""

from dataclasses import dataclass

from flask_babel import LazyString

from portal.domain.codes import Code
from portal.web.language import language_code
from portal.web.problems import any_request, card, citizen, counter, operation, providers


@dataclass(frozen=True)
class Problem:
    """One row; the pages, the fragments and problem+json are all made from it."""

    code: Code
    status: int
    title: LazyString
    next_step: LazyString

    @property
    def line(self) -> str:
        """Say what happened and what to do next in one line, as an error beside a field is said."""
        return f"{self.title} {self.next_step}" if language_code() != "ja" else f"{self.title}{self.next_step}"


PROBLEMS = {
    code: Problem(code, *row)
    for wing in (any_request, card, citizen, counter, operation, providers)
    for code, row in wing.ROWS.items()
}


def problem_of(code: Code) -> Problem:
    """Return the row of a code; one without words for people is our own fault."""
    return PROBLEMS.get(code, PROBLEMS[Code.INTERNAL])
