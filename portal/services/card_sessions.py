"""Card sessions: how a card in a citizen's reader becomes a verified certificate in the portal (bridge-protocol).

Each name (handle, pairing code, claim, nonce, completion code) is taken in one UPDATE with its conditions in the WHERE
clause, so that of two requests at once exactly one wins.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, case, delete, select, update
from sqlalchemy.orm import scoped_session

from portal.domain.card_session import FINAL, LIFETIME, PASSING, WRONG_DIGITS, Ending, Name, Purpose, State
from portal.domain.errors import PortalError
from portal.domain.pairing_code import fold, new_pairing_code
from portal.models import CardSession
from portal.pki.challenge import new_nonce
from portal.pki.errors import PkiError
from portal.pki.verifier import Verifier
from portal.services import audit
from portal.services.secrecy import Secrecy

KEPT_AFTER_ITS_END = timedelta(hours=1)
"""A card session's row is deleted by the first start after that time."""


@dataclass(frozen=True)
class Flow:
    """The waiting page's own copy of the names of its card session: the value of the flow's cookie."""

    secret: str
    handle: str
    pairing_code: str

    @classmethod
    def parse(cls, cookie: str | None) -> Self | None:
        """Read the cookie back, or return None for anything else."""
        parts = (cookie or "").split(".")
        return cls(*parts) if len(parts) == 3 else None  # noqa: PLR2004

    def __str__(self) -> str:
        return f"{self.secret}.{self.handle}.{self.pairing_code}"


@dataclass(frozen=True)
class Claim:
    """What a bridge that claimed gets: the body of the protocol's reply."""

    claim: str
    purpose: str
    match_code: str
    nonce: str
    expires_at: datetime


@dataclass(frozen=True)
class CardSessions:
    """All card sessions of one portal."""

    database: scoped_session[Any]
    secrecy: Secrecy
    verifier: Verifier
    clock: Callable[[], datetime]
    pairing: bool = True

    # The browser's side

    def start(self, purpose: Purpose, previous: Flow | None) -> tuple[UUID, Flow]:
        """Begin a card session; it replaces the one that this browser had."""
        now = self.clock()
        self.database.execute(delete(CardSession).where(CardSession.expires_at < now - KEPT_AFTER_ITS_END))
        if previous:
            self._end(self._live(CardSession.flow_hash == self._hash("flow", previous.secret)), Ending.REPLACED)
        pairing_code = new_pairing_code(self.secrecy.token_bytes(16)) if self.pairing else ""
        flow = Flow(self.secrecy.token(), self.secrecy.token(), pairing_code)
        card_session = CardSession(
            card_session_id=uuid4(),
            purpose=purpose,
            state=State.STARTED,
            match_code=self.secrecy.digits(2),
            flow_hash=self._hash("flow", flow.secret),
            handle_hash=self._hash(Name.HANDLE, flow.handle),
            pairing_hash=self._hash(Name.PAIRING_CODE, pairing_code) if pairing_code else None,
            nonce_spent=False,
            wrong_digits=0,
            expires_at=now + LIFETIME,
        )
        self.database.add(card_session)
        self.database.commit()
        return card_session.card_session_id, flow

    def of_browser(self, card_session_id: UUID, flow: Flow | None) -> CardSession | None:
        """Return the card session as it stands, for the browser that started it alone."""
        card_session = self.database.get(CardSession, card_session_id)
        if not (card_session and flow and card_session.flow_hash == self._hash("flow", flow.secret)):
            return None
        return card_session

    def cancel(self, card_session_id: UUID, flow: Flow | None) -> None:
        """End the card session by the citizen's wish; a no-op for any other browser."""
        if flow:
            mine = CardSession.flow_hash == self._hash("flow", flow.secret)
            self._end(self._live(mine, CardSession.card_session_id == card_session_id), Ending.CANCELLED)
            self.database.commit()

    def complete_by_url(self, code: str, flow: Flow | None) -> CardSession:
        """Finish in the browser that started; a good code anywhere else ends the card session.

        Raises PortalError: completion-refused, completion-code-unknown.
        """
        here = (
            CardSession.completion_hash == self._hash("completion-url", code),
            CardSession.claimed_by == Name.HANDLE,
        )
        mine = CardSession.flow_hash == self._hash("flow", flow.secret if flow else "")
        if done := self._advance(self._in(State.ANSWERED, *here, mine), state=State.COMPLETED):
            return done
        if stranger := self._advance(self._in(State.ANSWERED, *here), state=State.ENDED, ending=Ending.REFUSED):
            audit.record(audit.Event.COMPLETION_REFUSED, card_session=stranger.card_session_id)
            raise PortalError("completion-refused")
        raise PortalError("completion-code-unknown")

    def complete_by_digits(self, card_session_id: UUID, digits: str, flow: Flow | None) -> CardSession:
        """Finish with the six digits typed into the page that started; the fifth wrong set ends the card session.

        Raises PortalError: completion-code-wrong, completion-refused, card-session-ended.
        """
        here = self._in(
            State.ANSWERED,
            CardSession.card_session_id == card_session_id,
            CardSession.flow_hash == self._hash("flow", flow.secret if flow else ""),
            CardSession.claimed_by == Name.PAIRING_CODE,
        )
        right = CardSession.completion_hash == self._hash("completion-digits", f"{card_session_id}:{fold(digits)}")
        if done := self._advance((*here, right), state=State.COMPLETED):
            return done
        last = CardSession.wrong_digits >= WRONG_DIGITS - 1
        wrong = self._advance(
            here,
            wrong_digits=CardSession.wrong_digits + 1,
            state=case((last, State.ENDED), else_=CardSession.state),
            ending=case((last, Ending.REFUSED), else_=None),
            keep_time=True,
        )
        if not wrong:
            raise PortalError("card-session-ended")
        audit.record(audit.Event.DIGITS_REFUSED, card_session=card_session_id, wrong_digits=wrong.wrong_digits)
        raise PortalError("completion-refused" if wrong.state == State.ENDED else "completion-code-wrong")

    # The bridge's side

    def claim(self, name: Name, value: str) -> Claim:
        """Let the first bridge have the card session; a later one ends it for both.

        Raises PortalError: card-session-not-found, card-session-claimed, card-session-expired, card-session-ended.
        """
        column = CardSession.handle_hash if name is Name.HANDLE else CardSession.pairing_hash
        hashed = self._hash(name, value if name is Name.HANDLE else fold(value))
        claim, nonce = self.secrecy.token(), new_nonce(self.secrecy.token_bytes)
        card_session = self._advance(
            self._in(State.STARTED, column == hashed),
            state=State.CLAIMED,
            claim_hash=self._hash("claim", claim),
            claimed_by=name,
            nonce=nonce,
        )
        if card_session:
            return Claim(claim, card_session.purpose, card_session.match_code, nonce, card_session.expires_at)
        live = self._live(column == hashed, CardSession.state.in_((State.CLAIMED, State.ANSWERED)))
        if twice := self._advance(live, state=State.ENDED, ending=Ending.CLAIMED_TWICE, problem=None):
            audit.record(audit.Event.CLAIMED_TWICE, card_session=twice.card_session_id)
        raise PortalError(self._why_not(column == hashed, "card-session-not-found"))

    def answer(self, claim: str, body: bytes) -> tuple[Name, str]:
        """Take the nonce, whatever the answer is worth, and verify the token; return how to complete.

        Raises PortalError: claim-invalid, nonce-used, card-session-claimed, card-session-expired, card-session-ended;
        PkiError of the first check that fails.
        """
        held = CardSession.claim_hash == self._hash("claim", claim)
        taken = self._advance(
            self._in(State.CLAIMED, held, CardSession.nonce_spent.is_(False)), nonce_spent=True, keep_time=True
        )
        if not taken or not taken.nonce or not taken.claimed_by:
            raise PortalError(self._why_not(held, "claim-invalid"))
        try:
            certificate = self.verifier.verify_token(body, taken.nonce, self.clock())
        except PkiError as error:
            self._end(self._live(held), Ending.FAILED, problem=error.code)
            self.database.commit()
            audit.record(audit.Event.TOKEN_REFUSED, card_session=taken.card_session_id, code=error.code)
            raise
        name = Name(taken.claimed_by)
        code = self.secrecy.token() if name is Name.HANDLE else self.secrecy.digits(6)
        hashed = (
            self._hash("completion-url", code)
            if name is Name.HANDLE
            else self._hash("completion-digits", f"{taken.card_session_id}:{code}")
        )
        answered: dict[str, Any] = {
            "certificate": certificate.der,
            "completion_hash": hashed,
            "nonce": None,
            "problem": None,
        }
        if not self._advance(self._in(State.CLAIMED, held), state=State.ANSWERED, **answered):
            raise PortalError(self._why_not(held, "claim-invalid"))
        return name, code

    def fail(self, claim: str, code: str) -> None:
        """Tell the page what the bridge met; a final failure ends the card session.

        Raises PortalError: request-malformed for a code outside the protocol; those of a claim that holds no longer.
        """
        held = CardSession.claim_hash == self._hash("claim", claim)
        changes: dict[str, Any]
        if code in PASSING or code == "resolved":
            changes = {"problem": None if code == "resolved" else code, "keep_time": True}
        elif code in FINAL:
            ending = Ending.CANCELLED if code == "cancelled" else Ending.FAILED
            changes = {"state": State.ENDED, "ending": ending, "problem": code}
        else:
            raise PortalError("request-malformed")
        if not self._advance(self._in(State.CLAIMED, held), **changes):
            raise PortalError(self._why_not(held, "claim-invalid"))

    # One statement each

    def _hash(self, kind: str, value: str) -> str:
        return self.secrecy.hash(kind, value)

    def _live(self, *conditions: ColumnElement[bool]) -> tuple[ColumnElement[bool], ...]:
        return (CardSession.state != State.ENDED, CardSession.expires_at > self.clock(), *conditions)

    def _in(self, state: State, *conditions: ColumnElement[bool]) -> tuple[ColumnElement[bool], ...]:
        return (CardSession.state == state, CardSession.expires_at > self.clock(), *conditions)

    def _advance(
        self, where: tuple[ColumnElement[bool], ...], *, keep_time: bool = False, **values: Any
    ) -> CardSession | None:
        """Change the one row that meets all conditions, commit, and return it as it stands now."""
        if not keep_time:
            values["expires_at"] = self.clock() + LIFETIME
        if values.get("state") is State.ENDED:
            values |= {"nonce": None, "certificate": None}
        statement = update(CardSession).where(*where).values(**values).returning(CardSession)
        row = self.database.scalars(statement, execution_options={"populate_existing": True}).one_or_none()
        self.database.commit()
        return row

    def _end(self, where: tuple[ColumnElement[bool], ...], ending: Ending, problem: str | None = None) -> None:
        values = {"state": State.ENDED, "ending": ending, "problem": problem, "nonce": None, "certificate": None}
        self.database.execute(update(CardSession).where(*where).values(**values))

    def _why_not(self, condition: ColumnElement[bool], unknown: str) -> str:
        """Name the reason for which a card session could not be taken."""
        card_session = self.database.scalar(select(CardSession).where(condition))
        if card_session is None:
            return unknown
        if card_session.ending == Ending.CLAIMED_TWICE:
            return "card-session-claimed"
        if card_session.nonce_spent and unknown == "claim-invalid":
            return "nonce-used"
        if card_session.state == State.ENDED:
            return "card-session-ended"
        return "card-session-expired" if card_session.expires_at <= self.clock() else "card-session-claimed"
