"""Changes of a card session: each one UPDATE with its conditions in the WHERE clause.

So exactly one of two concurrent requests wins, on either database.
"""

from typing import Any

from sqlalchemy import ColumnElement, case, or_, select, update

from portal.domain.card_session import LIFETIME, Ending, State
from portal.domain.codes import Code
from portal.models import CardSession
from portal.transactions import Service

Conditions = tuple[ColumnElement[bool], ...]


class CardSessionChanges(Service):
    def live(self, *conditions: ColumnElement[bool]) -> Conditions:
        """Add to the conditions that the card session has not ended."""
        return (CardSession.state != State.ENDED, CardSession.expires_at > self.clock(), *conditions)

    def within(self, state: State, *conditions: ColumnElement[bool]) -> Conditions:
        """Add to the conditions that the card session is in a state, and in time."""
        return (CardSession.state == state, CardSession.expires_at > self.clock(), *conditions)

    def advance(
        self, where: Conditions, *, keep_time: bool | ColumnElement[bool] = False, **values: Any
    ) -> CardSession | None:
        """Change the one row that meets all conditions, and return it as changed."""
        if keep_time is not True:
            fresh = self.clock() + LIFETIME
            later = CardSession.expires_at > fresh  # prolonged by the citizen: a step takes nothing of it back
            later = or_(later, keep_time) if keep_time is not False else later
            values["expires_at"] = case((later, CardSession.expires_at), else_=fresh)
        if values.get("state") is State.ENDED:
            values |= {"nonce": None, "certificate": None}
        statement = update(CardSession).where(*where).values(**values).returning(CardSession)
        return self.database.scalars(statement, execution_options={"populate_existing": True}).one_or_none()

    def end(self, where: Conditions, ending: Ending, problem: Code | None = None) -> None:
        values = {"state": State.ENDED, "ending": ending, "problem": problem, "nonce": None, "certificate": None}
        self.database.execute(update(CardSession).where(*where).values(**values))

    def why_not(self, condition: ColumnElement[bool], unknown: Code) -> Code:
        """Name the reason for which a card session could not be taken."""
        card_session = self.database.scalar(select(CardSession).where(condition))
        if card_session is None:
            return unknown
        if card_session.ending == Ending.CLAIMED_TWICE:
            return Code.CARD_SESSION_CLAIMED
        if card_session.nonce_spent and unknown == Code.CLAIM_INVALID:
            return Code.NONCE_USED
        if card_session.state == State.ENDED:
            return Code.CARD_SESSION_ENDED
        return Code.CARD_SESSION_EXPIRED if card_session.expires_at <= self.clock() else Code.CARD_SESSION_CLAIMED
