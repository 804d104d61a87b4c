"""One conversation: from the name of a card session to the page that completes it (bridge-protocol)."""

import unicodedata
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Thread

from reader_bridge import errors
from reader_bridge.card.certain_refusal import certificate_ends, check_signature, date_problem, refuse_for_certain
from reader_bridge.conversation.pin import Pin
from reader_bridge.conversation.reports import Reports, page_code
from reader_bridge.conversation.ui import Consent, ConversationUI
from reader_bridge.errors import BridgeError, Cancelled, PinIncorrect, PinMalformed
from reader_bridge.portal.client import PortalClient, said_after
from reader_bridge.portal.origin import Origin
from reader_bridge.portal.replies import Claim
from reader_bridge.portal.settings import Origins
from reader_bridge.portal.web_eid import make_token
from reader_bridge.readers import Readers
from reader_bridge.readers.card_finder import PASSING, CardFinder, FoundCard
from reader_bridge.words.language import sentence_code

REPEAT = timedelta(seconds=10)  # until a standing problem is told again: the reply tells whether anybody still waits
SLOW = 1.0  # seconds of reading after which it is said that the card is being read
FAREWELL = 0.4  # seconds for telling the page that the citizen cancelled; the program ends within one
_GONE = (errors.CardRemoved, errors.NoReader)  # what may be over when it is noticed
_FINAL = frozenset({"certificate-absent", "pin-blocked", "cancelled"})
_PORTAL = (errors.PortalRefused, errors.PortalReplyMalformed, errors.PortalUnreachable, errors.PortalUntrusted)


def _now() -> datetime:
    return datetime.now(UTC)


def converse(  # noqa: PLR0913 (each is one of the conversation's parties)
    portal: PortalClient,
    readers: Readers,
    ui: ConversationUI,
    *,
    origins: Origins,
    handle: str | None = None,
    pairing_code: str | None = None,
    sleep: Callable[[float], None] | None = None,
    now: Callable[[], datetime] = _now,
) -> None:
    """Hold one conversation; what ends it early is shown by the UI, then raised."""
    try:
        agree_on_origin(portal.origin, origins, ui)
        code = None if pairing_code is None else fold_code(pairing_code)
        claim = portal.claim(handle=handle, pairing_code=code)
        if claim.purpose == "test":  # ends here: no card is touched
            ui.reached(str(portal.origin))
            return
        ui.claimed(claim)
        sleep = sleep or partial(readers.wait, stopped=ui.stopped)
        token = _Conversation(portal, claim, readers, ui, sleep=sleep, now=now).token()
        ui.sending()
        completion = portal.answer(claim, token)
    except KeyboardInterrupt:
        ui.failed(Cancelled.code)
        raise Cancelled from None
    except Exception as error:
        ui.failed(sentence_code(error))
        raise
    if completion.url is not None:
        ui.completion_url(completion.url)
    elif completion.code is not None:
        ui.completion_code(completion.code, str(portal.origin))


def fold_code(typed: str) -> str:
    """Fold a typed pairing code: width, case, then all but ASCII letters and digits dropped (bridge-protocol)."""
    folded = unicodedata.normalize("NFKC", typed).upper()
    return "".join(each for each in folded if each.isascii() and each.isalnum())


def agree_on_origin(origin: Origin, origins: Origins, ui: ConversationUI) -> None:
    """Ask about a portal never met, before any network; raise OriginNotAllowed, Cancelled."""
    origins.permit(origin)
    if origins.knows(origin):
        return
    if not ui.confirm_new_origin(str(origin)):
        raise Cancelled
    origins.remember(origin)


class _Conversation:
    def __init__(  # noqa: PLR0913 (as above)
        self,
        portal: PortalClient,
        claim: Claim,
        readers: Readers,
        ui: ConversationUI,
        *,
        sleep: Callable[[float], None],
        now: Callable[[], datetime],
    ) -> None:
        self._portal = portal
        self._claim = claim
        self._finder = CardFinder(readers)
        self._reports = Reports(lambda code: portal.failure(claim, code), ui.stopped)
        self._ui = ui
        self._sleep = sleep
        self._now = now
        self._reader: str | None = None  # where the citizen's card was last
        self._chosen = False  # whether it was chosen among several
        self._told: str | None = None  # the problem that UI and portal show
        self._told_at = now()
        self._certificate: bytes | None = None  # of the card that a PIN was asked for
        self._tries_left: int | None = None  # as the prompt showed it
        self._unusable = ""  # what was wrong with the data on the card at the last reading
        self._asked = False  # whether the PIN has been asked since the card was found
        self._accepted = False  # whether the card has taken it
        self._interrupted: BridgeError | None = None  # what came between the PIN's prompt and the signature
        self._last_problem: str | None = None  # what ended the PIN prompt before this one

    def token(self) -> dict[str, str]:
        """Wait for a card, the citizen's word and the signature; passing problems are told and waited out."""
        try:
            while True:
                try:
                    with self._finder.found() as found:
                        return self._signed(self._choose(found))
                except PASSING as problem:
                    if self._asked:
                        self._interrupted, self._asked = problem.with_traceback(None), False
                        if isinstance(problem, _GONE) and not isinstance(problem, errors.ServiceSilent):
                            continue  # it may be there again, and then one sentence beside the prompt is enough
                    removed = isinstance(self._interrupted, errors.CardRemoved) and isinstance(problem, errors.NoCard)
                    self._wait(errors.CardRemoved() if removed else problem)
        except _PORTAL:
            raise
        except BaseException as error:
            self._end(error)
            raise

    def _signed(self, card: FoundCard) -> dict[str, str]:
        with said_after(SLOW, self._ui.reading):
            certificate = self._usable_certificate(card)
            tries_left = card.jpki.tries_left()
        if self._interrupted:
            self._last_problem = self._what_came_back(self._interrupted, certificate, tries_left)
        self._certificate, self._interrupted, self._accepted = certificate, None, False
        # told beside the PIN's prompt; the portal's clock decides
        self._last_problem = self._last_problem or date_problem(certificate, self._now())
        self._stop_where_asked()
        self._resolve()
        self._unlock(card, tries_left)

        def sign(digest: bytes) -> bytes:
            signature = card.jpki.sign(digest)
            check_signature(certificate, signature, digest)
            self._stop_where_asked()
            return signature

        return make_token(certificate, str(self._portal.origin), self._claim.nonce, sign)

    def _what_came_back(self, interruption: BridgeError, certificate: bytes, tries_left: int | None) -> str:
        """Name what is said of the card that is there after the prompt, and what came after it, was broken off."""
        if self._certificate not in (None, certificate):
            return errors.AnotherCard.code
        if tries_left is None or tries_left != self._tries_left:
            return errors.Unfinished.code
        before_pin = isinstance(interruption, errors.CardRemoved) and not self._accepted
        return errors.RemovedBeforePin.code if before_pin else errors.UnfinishedUnspent.code

    def _usable_certificate(self, card: FoundCard) -> bytes:
        """Read the certificate and see that it can be used; what two readings found alike is settled."""
        try:
            certificate = card.jpki.certificate()
            refuse_for_certain(certificate)
        except errors.CardNotSupported as problem:
            self._finder.settle(card.reader, problem)
            raise
        except errors.DataMalformed as problem:
            before, self._unusable = self._unusable, str(problem)
            if before != self._unusable:
                raise
            unusable = errors.CardDataUnusable(str(problem))
            self._finder.settle(card.reader, unusable)
            raise unusable from None
        return certificate

    def _unlock(self, card: FoundCard, tries_left: int | None) -> None:
        while True:
            if tries_left == 0:
                raise errors.PinBlocked
            consent, self._tries_left = self._consent(card, tries_left), tries_left
            try:
                self._ask(consent).send(card.jpki)
            except PinMalformed as error:
                self._last_problem = error.code
            except PinIncorrect as error:
                tries_left, self._last_problem = error.tries_left, self._report(error.code)
            else:
                self._accepted = True
                return

    def _ask(self, consent: Consent) -> Pin:
        self._asked = True
        pin = Pin.typed(self._ui.ask_pin(consent))
        if consent.tries_left == 1 and not self._ui.confirm_last_try(consent):
            raise Cancelled
        return pin

    def _consent(self, card: FoundCard, tries_left: int | None) -> Consent:
        claim = self._claim
        return Consent(
            origin=str(self._portal.origin),
            purpose=claim.purpose,
            parameters=claim.parameters,
            match_code=claim.match_code,
            reader=card.reader,
            tries_left=tries_left,
            last_problem=self._last_problem,
            ends=certificate_ends(self._certificate) if self._certificate else None,
        )

    def _choose(self, found: list[FoundCard]) -> FoundCard:
        names = [card.reader for card in found]
        if self._reader not in names:
            alone = len(names) == 1 and (not self._chosen or found[0].jpki.certificate() == self._certificate)
            self._chosen = not alone
            self._reader = names[0] if alone else self._ui.choose_reader(names)
        if self._reader is None:
            raise Cancelled
        return next(card for card in found if card.reader == self._reader)

    def _wait(self, problem: BridgeError) -> None:
        self._stop_where_asked()
        self._tell(problem.code)
        self._sleep(self._finder.patience)
        self._stop_where_asked()

    def _stop_where_asked(self) -> None:
        if self._ui.stopped():
            raise Cancelled

    def _tell(self, code: str) -> None:
        if code != self._told:
            self._ui.problem(code)
        elif self._now() - self._told_at < REPEAT:
            return
        self._told_at = self._now()
        self._report(code)

    def _resolve(self) -> None:
        if self._told is not None:
            self._ui.problem(None)
            self._report("resolved")
            self._told = None

    def _report(self, code: str) -> str:
        self._told = code
        self._reports.tell(code)
        return code

    def _end(self, error: BaseException) -> None:
        code = Cancelled.code if isinstance(error, KeyboardInterrupt) else sentence_code(error)
        told = page_code(code)
        farewell = Thread(target=self._tell_the_end, args=(told if told in _FINAL else "internal",), daemon=True)
        farewell.start()
        farewell.join(FAREWELL if code == Cancelled.code else None)

    def _tell_the_end(self, code: str) -> None:
        with suppress(*_PORTAL):
            self._portal.failure(self._claim, code)
