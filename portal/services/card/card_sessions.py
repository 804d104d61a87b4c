"""The browser's side of a card session: start, wait, cancel, complete where it was started (bridge-protocol)."""

from hashlib import sha256
from typing import Any, cast
from uuid import UUID, uuid4

from sqlalchemy import Row, Table, bindparam, case, select

from portal.domain.card_session import LIFETIME, PROLONGED_AT_MOST, WRONG_DIGITS, Ending, Flow, Name, Purpose, State
from portal.domain.codes import Code
from portal.domain.errors import PortalError, recorded
from portal.domain.formats.typed_code import fold_code
from portal.models import CardSession
from portal.services.record import audit
from portal.services.record.card_session_changes import CardSessionChanges
from portal.services.record.secrecy import Secrecy
from portal.transactions import Glances, Service, act, reads

# Made once: every poll runs it.
_SESSIONS = cast("Table", CardSession.__table__)
_SHOWN = select(*(_SESSIONS.c[name] for name in ("state", "problem", "ending", "expires_at"))).where(
    _SESSIONS.c.card_session_id == bindparam("card_session_id"), _SESSIONS.c.flow_hash == bindparam("flow_hash")
)


class CardSessions(Service):
    """What a browser does with its card session."""

    changes: CardSessionChanges
    secrecy: Secrecy
    glances: Glances
    offers_pairing_codes: bool

    @act
    def start(
        self, purpose: Purpose, previous: Flow | None, parameters: dict[str, str] | None = None
    ) -> tuple[UUID, Flow]:
        """Begin a card session; it replaces the one that this browser had."""
        if previous:
            self.changes.end(
                self.changes.live(CardSession.flow_hash == self.secrecy.hash("flow", previous.secret)), Ending.REPLACED
            )
        pairing_code = self.secrecy.code(8) if self.offers_pairing_codes else ""
        flow = Flow(self.secrecy.token(), self.secrecy.token(), pairing_code)
        card_session = CardSession(
            card_session_id=uuid4(),
            purpose=purpose,
            parameters=parameters or {},
            state=State.STARTED,
            match_code=self.secrecy.digits(2),
            flow_hash=self.secrecy.hash("flow", flow.secret),
            handle_hash=self.secrecy.hash(Name.HANDLE, flow.handle),
            pairing_hash=self.secrecy.hash(Name.PAIRING_CODE, pairing_code) if pairing_code else None,
            nonce_spent=False,
            wrong_digits=0,
            expires_at=self.clock() + LIFETIME,
        )
        self.database.add(card_session)
        return card_session.card_session_id, flow

    @reads
    def card(self, card_session_id: UUID) -> str:
        """Name the card that was read, in whatever card session, to count what is tried with it.

        The card session itself, where nothing of the card is kept any more.
        """
        mine = CardSession.card_session_id == card_session_id
        certificate = self.database.scalar(select(CardSession.certificate).where(mine))
        return sha256(certificate).hexdigest() if certificate else str(card_session_id)

    @reads
    def of_browser(self, card_session_id: UUID, flow: Flow | None) -> CardSession | None:
        """Return the card session as it stands, for the browser that started it alone."""
        card_session = self.database.get(CardSession, card_session_id)
        if not (card_session and flow and card_session.flow_hash == self.secrecy.hash("flow", flow.secret)):
            return None
        return card_session

    def seen(self, card_session_id: UUID, flow: Flow | None) -> str | None:
        """Name what the page of this browser shows, for one small read; None for any other browser."""
        mine = {"card_session_id": card_session_id, "flow_hash": self.secrecy.hash("flow", flow.secret if flow else "")}
        with self.glances() as connection:
            found = connection.execute(_SHOWN, mine).one_or_none()
        return None if found is None else self.shown(found)

    def shown(self, card_session: CardSession | Row[Any]) -> str:
        """Name what a page shows of a card session, which has ended when its time is over."""
        state = State.ENDED if card_session.expires_at <= self.clock() else card_session.state
        return f"{state}.{card_session.problem or card_session.ending or ''}"

    @reads
    def is_kept(self, card_session_id: UUID) -> bool:
        """Tell whether there is such a card session, whosever it is; there is none long after its time."""
        return self.database.get(CardSession, card_session_id) is not None

    @act
    def cancel(self, card_session_id: UUID, flow: Flow | None) -> None:
        """End the card session by the citizen's wish; a no-op for any other browser."""
        if flow:
            mine = CardSession.flow_hash == self.secrecy.hash("flow", flow.secret)
            self.changes.end(self.changes.live(mine, CardSession.card_session_id == card_session_id), Ending.CANCELLED)

    @act
    def prolong(self, card_session_id: UUID, flow: Flow | None) -> None:
        """Give a card session five minutes more, three times at most; a no-op for any other browser, or later."""
        mine = self.changes.live(
            CardSession.flow_hash == self.secrecy.hash("flow", flow.secret if flow else ""),
            CardSession.card_session_id == card_session_id,
            CardSession.prolonged < PROLONGED_AT_MOST,
        )
        if card_session := self.database.scalar(select(CardSession).where(*mine).with_for_update()):
            card_session.prolonged += 1
            card_session.expires_at += LIFETIME

    @act
    def complete_by_url(self, code: str, flow: Flow | None) -> CardSession:
        """Finish in the browser that started; a good code anywhere else ends the card session.

        Raises PortalError: completion-refused, completion-code-unknown.
        """
        here = (
            CardSession.completion_hash == self.secrecy.hash("completion-url", code),
            CardSession.claimed_by == Name.HANDLE,
        )
        mine = CardSession.flow_hash == self.secrecy.hash("flow", flow.secret if flow else "")
        if done := self.changes.advance(self.changes.within(State.ANSWERED, *here, mine), state=State.COMPLETED):
            return done
        if stranger := self.changes.advance(
            self.changes.within(State.ANSWERED, *here), state=State.ENDED, ending=Ending.REFUSED
        ):
            audit.record(audit.Event.COMPLETION_REFUSED, card_session=stranger.card_session_id)
            raise recorded(PortalError(Code.COMPLETION_REFUSED))
        raise PortalError(Code.COMPLETION_CODE_UNKNOWN)

    @act
    def complete_by_digits(self, card_session_id: UUID, digits: str, flow: Flow | None) -> CardSession:
        """Finish with the six digits typed into the page that started; the fifth wrong set ends the card session.

        Raises PortalError: completion-code-wrong, completion-code-refused, card-session-ended.
        """
        here = self.changes.within(
            State.ANSWERED,
            CardSession.card_session_id == card_session_id,
            CardSession.flow_hash == self.secrecy.hash("flow", flow.secret if flow else ""),
            CardSession.claimed_by == Name.PAIRING_CODE,
        )
        right = CardSession.completion_hash == self.secrecy.hash(
            "completion-digits", f"{card_session_id}:{fold_code(digits)}"
        )
        last = CardSession.wrong_digits >= WRONG_DIGITS - 1
        tried = self.changes.advance(  # tried and counted in one statement, or many at once would be more than five
            here,
            wrong_digits=case((right, CardSession.wrong_digits), else_=CardSession.wrong_digits + 1),
            state=case((right, State.COMPLETED), (last, State.ENDED), else_=CardSession.state),
            ending=case((right, None), (last, Ending.REFUSED), else_=None),
            problem=case((right, CardSession.problem), (last, Code.COMPLETION_CODE_REFUSED), else_=None),
            keep_time=~right,
        )
        if not tried:
            raise PortalError(Code.CARD_SESSION_ENDED)
        if tried.state == State.COMPLETED:
            return tried
        audit.record(audit.Event.DIGITS_REFUSED, card_session=card_session_id, wrong_digits=tried.wrong_digits)
        raise recorded(PortalError(tried.problem or Code.COMPLETION_CODE_WRONG))
