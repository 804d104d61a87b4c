"""The bridge's side of a card session: claim it, tell what is in the way, answer with a token (bridge-protocol)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.domain.card_session import FINAL, PASSING, Ending, Name, Purpose, State
from portal.domain.codes import Code
from portal.domain.errors import PortalError, recorded
from portal.domain.formats.bridge_version import is_too_old
from portal.domain.formats.typed_code import fold_code
from portal.models import CardSession
from portal.pki.errors import PkiError, TrustAnchorsUnusable
from portal.pki.token import new_nonce
from portal.pki.verifier import Verifier
from portal.services.record import audit
from portal.services.record.card_session_changes import CardSessionChanges
from portal.services.record.secrecy import Secrecy
from portal.transactions import Service, act


@dataclass(frozen=True)
class Claim:
    """What a bridge that claimed gets: the body of the protocol's reply."""

    claim: str
    purpose: str
    parameters: dict[str, str]
    match_code: str
    nonce: str
    expires_at: datetime


class BridgeCalls(Service):
    """What a bridge does with a card session, by the name that it was given."""

    changes: CardSessionChanges
    secrecy: Secrecy
    verifier: Verifier
    bridge_minimum: str

    @act
    def claim(self, name: Name, value: str, bridge: str | None) -> Claim:
        """Let the first bridge have the card session; a later one ends it for both, one that is too old leaves it.

        Raises PortalError: bridge-too-old, card-session-not-found, card-session-claimed, card-session-expired,
        card-session-ended.
        """
        column = CardSession.handle_hash if name is Name.HANDLE else CardSession.pairing_hash
        hashed = self.secrecy.hash(name, value if name is Name.HANDLE else fold_code(value))
        if is_too_old(bridge, self.bridge_minimum):
            told = self.changes.advance(
                self.changes.within(State.STARTED, column == hashed),
                problem=Code.BRIDGE_TOO_OLD,
                bridge=bridge,
                keep_time=True,
            )
            why = Code.BRIDGE_TOO_OLD if told else self.changes.why_not(column == hashed, Code.CARD_SESSION_NOT_FOUND)
            raise recorded(PortalError(why))
        claim, nonce = self.secrecy.token(), new_nonce(self.secrecy.token_bytes)
        card_session = self.changes.advance(
            self.changes.within(State.STARTED, column == hashed),
            state=State.CLAIMED,
            claim_hash=self.secrecy.hash("claim", claim),
            claimed_by=name,
            nonce=nonce,
            bridge=bridge,
            problem=None,
        )
        if card_session and card_session.purpose == Purpose.TEST:
            self.changes.end((CardSession.card_session_id == card_session.card_session_id,), Ending.DONE)
        if card_session:
            return Claim(
                claim,
                card_session.purpose,
                card_session.parameters,
                card_session.match_code,
                nonce,
                card_session.expires_at,
            )
        live = self.changes.live(column == hashed, CardSession.state.in_((State.CLAIMED, State.ANSWERED)))
        if twice := self.changes.advance(live, state=State.ENDED, ending=Ending.CLAIMED_TWICE, problem=None):
            audit.record(audit.Event.CLAIMED_TWICE, card_session=twice.card_session_id)
        raise recorded(PortalError(self.changes.why_not(column == hashed, Code.CARD_SESSION_NOT_FOUND)))

    @act
    def answer(self, claim: str, body: bytes) -> tuple[Name, str]:
        """Take the nonce, whatever the answer is worth, and verify the token; return how to complete.

        One transaction: where database or authorities fail meanwhile, the nonce is unspent and nothing was done.

        Raises PortalError: claim-invalid, nonce-used, card-session-claimed, card-session-expired, card-session-ended;
        PkiError of the first check that fails.
        """
        held = CardSession.claim_hash == self.secrecy.hash("claim", claim)
        taken = self.changes.advance(
            self.changes.within(State.CLAIMED, held, CardSession.nonce_spent.is_(False)),
            nonce_spent=True,
            keep_time=True,
        )
        if not taken or not taken.nonce or not taken.claimed_by:
            raise PortalError(self.changes.why_not(held, Code.CLAIM_INVALID))
        try:
            if taken.purpose == Purpose.SHOW:
                der, issuer_key_id = self.verifier.verify_holder(body, taken.nonce).der, None
            else:
                certificate = self.verifier.verify_token(body, taken.nonce, self.clock())
                der, issuer_key_id = certificate.der, certificate.issuer_key_id
        except TrustAnchorsUnusable:
            raise
        except PkiError as error:
            self.changes.end(self.changes.live(held), Ending.FAILED, problem=error.code)
            audit.record(audit.Event.TOKEN_REFUSED, card_session=taken.card_session_id, code=error.code)
            raise recorded(error) from None
        name = Name(taken.claimed_by)
        code = self.secrecy.token() if name is Name.HANDLE else self.secrecy.digits(6)
        hashed = (
            self.secrecy.hash("completion-url", code)
            if name is Name.HANDLE
            else self.secrecy.hash("completion-digits", f"{taken.card_session_id}:{code}")
        )
        answered: dict[str, Any] = {
            "certificate": der,
            "issuer_key_id": issuer_key_id,
            "completion_hash": hashed,
            "nonce": None,
            "problem": None,
        }
        if not self.changes.advance(self.changes.within(State.CLAIMED, held), state=State.ANSWERED, **answered):
            raise PortalError(self.changes.why_not(held, Code.CLAIM_INVALID))
        return name, code

    @act
    def fail(self, claim: str, code: str) -> None:
        """Tell the page what the bridge met; a final failure ends the card session, one that is unknown passes.

        Raises PortalError: those of a claim that holds no longer.
        """
        held = CardSession.claim_hash == self.secrecy.hash("claim", claim)
        changes: dict[str, Any]
        if code in FINAL:
            ending = Ending.CANCELLED if code == Code.CANCELLED else Ending.FAILED
            changes = {"state": State.ENDED, "ending": ending, "problem": code}
        elif code == "resolved":
            changes = {"problem": None, "keep_time": True}
        else:
            changes = {"problem": code if code in PASSING else Code.BRIDGE_TELLS, "keep_time": True}
        if not self.changes.advance(self.changes.within(State.CLAIMED, held), **changes):
            raise PortalError(self.changes.why_not(held, Code.CLAIM_INVALID))
