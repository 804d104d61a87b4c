"""A terminal's work: watch the readers, and bring each tap to the portal, once (bridge-protocol, "Terminals")."""

import time
from _thread import interrupt_main
from base64 import b64encode
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing
from functools import partial
from http import HTTPStatus
from threading import Event, Lock, Thread
from typing import NoReturn

from reader_bridge.card.jpki import Jpki
from reader_bridge.card.service_card import is_storage, read_uid
from reader_bridge.errors import (
    BridgeError,
    CardError,
    CardNotSupported,
    CardUnreadable,
    NoReader,
    NotEnrolled,
    PortalRefused,
    ServiceCardUnsuitable,
)
from reader_bridge.portal.client import PortalClient
from reader_bridge.readers import Listed, PutIn, WatchedReaders
from reader_bridge.terminal.presence import stay_present

PAUSE = 1.0  # seconds until a service that is not there is looked for again
WATCHING = "terminal-watching"


def read_tap(card: PutIn) -> dict[str, str]:
    """Read what a tap is, without a PIN: a My Number card's certificate, or a service card's UID.

    Raises CardError; the card stays powered, for it holds no PIN status of ours.
    """
    connection = card.reader.connect()
    try:
        jpki = Jpki(connection, terminal=True)
        try:
            jpki.select()
        except (CardNotSupported, CardUnreadable) as other_card:
            if is_storage(card.atr):
                return {"service_card": read_uid(connection)}
            raise ServiceCardUnsuitable if isinstance(other_card, CardNotSupported) else other_card from None
        return {"certificate": b64encode(jpki.certificate()).decode()}
    finally:
        connection.let_go()


def _in_a_thread(tap: Callable[[], None]) -> None:
    Thread(target=tap, daemon=True).start()


class Taps:
    """Post taps for one terminal; `tell` gets the name of a sentence, and the readers that it is about."""

    def __init__(  # noqa: PLR0913 (each is one of the parties)
        self,
        portal: PortalClient,
        token: str,
        readers: WatchedReaders,
        tell: Callable[[str, str], None],
        *,
        start: Callable[[Callable[[], None]], None] = _in_a_thread,
        beside: Callable[[Callable[[], None]], None] = _in_a_thread,
        interrupt: Callable[[], None] = interrupt_main,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._portal, self._token, self._readers, self._tell = portal, token, readers, tell
        self._beside, self._changed, self._over = beside, Event(), False
        self._start, self._interrupt, self._sleep, self._monotonic = start, interrupt, sleep, monotonic
        self._at_readers: defaultdict[str, Lock] = defaultdict(Lock)
        self._failure: BaseException | None = None
        self._silent_until = 0.0
        self._standing: tuple[str, str] | None = None

    def run(self) -> NoReturn:
        """Watch until the token is refused: NotEnrolled. A tap that cannot be brought is told and forgotten."""
        self._beside(partial(self._ending_all, self._stay_present))
        try:
            self._watch_on()
        except KeyboardInterrupt:
            if self._failure is None:
                raise
            raise self._failure from None
        finally:
            self._over = True
            self._changed.set()

    def _stay_present(self) -> None:
        is_ready = lambda: self._standing is not None and self._standing[0] == WATCHING  # noqa: E731
        stay_present(self._portal, self._token, ready=is_ready, is_over=self._is_over)

    def _is_over(self, seconds: float) -> bool:
        """Wait until the readers have changed, or it is over; tell which."""
        self._changed.wait(seconds)
        self._changed.clear()
        return self._over

    def _watch_on(self) -> NoReturn:
        while True:
            try:
                with closing(self._readers.watch()) as events:
                    for event in events:
                        self._see(event)
            except CardError as problem:
                self._stand(problem.code, "")
                self._sleep(PAUSE)

    def _see(self, event: Listed | PutIn) -> None:
        if isinstance(event, Listed):
            self._stand(WATCHING if event.names else NoReader.code, ", ".join(event.names))
        elif event.just_now:
            self._start(partial(self._ending_all, partial(self._serve, event)))
        else:
            self._tell("terminal-card-lies", event.reader.name)

    def _serve(self, card: PutIn) -> None:
        """Bring a tap while the other readers are watched."""
        with self._at_readers[card.reader.name]:
            self._tell(self._tap(card), card.reader.name)

    def _ending_all(self, work: Callable[[], None]) -> None:
        """Do what goes on beside the watching; what ends the terminal ends it from here too."""
        try:
            work()
        except BaseException as failure:  # noqa: BLE001 (raised by run)
            self._failure = failure
            self._interrupt()

    def _stand(self, name: str, about: str) -> None:
        """Tell how the readers are, when that has changed."""
        standing = name, about
        if standing != self._standing:
            self._standing = standing
            self._changed.set()
            self._tell(*standing)

    def _tap(self, card: PutIn) -> str:
        """Bring one tap, and name the sentence that tells how it went."""
        if self._monotonic() < self._silent_until:
            return "terminal-silent"
        try:
            with self._portal.connecting():
                tap = read_tap(card)
                self._portal.tap(self._token, tap)
        except PortalRefused as refusal:
            if refusal.status == HTTPStatus.UNAUTHORIZED:
                raise NotEnrolled(refusal.problem_code) from None
            self._silent_until = self._monotonic() + refusal.retry_after
            return refusal.problem_code
        except BridgeError as problem:
            return problem.code
        return "terminal-tap-certificate" if "certificate" in tap else "terminal-tap-service-card"
