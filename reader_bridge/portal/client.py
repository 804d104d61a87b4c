"""The bridge's only way out: the protocol's calls and a look at the clock, over TLS that is always verified."""

import http.client
import json
import logging
import ssl
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import Future
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from email.utils import parsedate_to_datetime
from threading import Thread, Timer, local
from typing import TypeVar

from reader_bridge import __version__
from reader_bridge.errors import PortalReplyMalformed, PortalUnreachable, PortalUntrusted
from reader_bridge.portal.origin import Origin
from reader_bridge.portal.replies import (
    Claim,
    Completion,
    Enrolment,
    read_claim,
    read_completion,
    read_enrolment,
    read_object,
    read_refusal,
)
from reader_bridge.portal.way_out import WayOut

MAX_REPLY = 16 * 1024
SLOW = 3.0  # seconds without a reply after which somebody is told
_log = logging.getLogger(__name__)
_Outcome = TypeVar("_Outcome")


class PortalClient:
    """Speak to the portal at one origin.

    No redirect is followed, nothing sent twice; `trust` and `pins` as in WayOut.
    """

    def __init__(
        self,
        origin: Origin,
        *,
        trust: ssl.SSLContext | None = None,
        pins: Collection[str] = (),
        language: str = "ja",
        slow: Callable[[], None] | None = None,
    ) -> None:
        """Take what stands for the origin, and who is told that a call has no reply yet."""
        if trust is not None and not (trust.check_hostname and trust.verify_mode):
            raise ValueError("a trust context that verifies nothing")
        self.origin = origin
        self._way, self._slow = WayOut(origin, trust, pins), slow
        self._ahead = local()  # of the thread that asked for it: a terminal serves each reader on its own
        self._always = {
            "Host": origin.authority,
            "User-Agent": f"reader-bridge/{__version__}",
            "Accept-Language": language,
        }

    def claim(self, *, handle: str | None = None, pairing_code: str | None = None) -> Claim:
        """Take a card session by exactly one of its two names."""
        if (handle is None) == (pairing_code is None):
            raise ValueError("a handle or a pairing code, one of them")
        body = {"handle": handle} if handle is not None else {"pairing_code": pairing_code}
        return read_claim(self._post("bridge/claims", body, expected=201), by_handle=handle is not None)

    def answer(self, claim: Claim, token: Mapping[str, str]) -> Completion:
        """Post the token; never twice, since the first answer spends the nonce."""
        reply = self._post("bridge/answers", token, expected=200, bearer=claim.token)
        return read_completion(reply, self.origin, by_handle=claim.by_handle)

    def failure(self, claim: Claim, code: str) -> None:
        """Tell the waiting page what is in the way, or that it no longer is."""
        self._post("bridge/failures", {"code": code}, expected=204, bearer=claim.token, awaited=False)

    def enrol(self, code: str) -> Enrolment:
        """Spend an operator's code for the token of a terminal."""
        return read_enrolment(self._post("terminals", {"enrolment_code": code}, expected=201))

    def tap(self, token: str, tap: Mapping[str, str]) -> None:
        """Bring a tap to the terminal's page; never twice, for the page may ask for the next one already."""
        self._post("taps", tap, expected=204, bearer=token)

    def be_present(self, token: str) -> None:
        """Tell the terminal's page that cards can be read here."""
        self._post("presence", {}, expected=204, bearer=token, awaited=False)

    @contextmanager
    def connecting(self) -> Iterator[None]:
        """Connect for the block's one call while the block gets ready to make it."""
        self._ahead.connection = begun(self._way.connect)
        try:
            yield
        finally:
            if (unused := self._take_ahead()) is not None:
                with suppress(Exception):
                    unused.result().close()

    def clock(self) -> datetime:
        """Read the portal's clock off the Date header of its health page."""
        _, headers, _ = self._exchange("GET", "/healthz", None, {})
        try:
            date = parsedate_to_datetime(headers.get("Date") or "")
        except (ValueError, OverflowError):
            date = None
        if date is None or date.tzinfo is None:  # "-0000" says that nobody knows the zone
            raise PortalReplyMalformed("the portal names no date")
        return date

    def _post(
        self, call: str, body: Mapping[str, object], *, expected: int, bearer: str | None = None, awaited: bool = True
    ) -> dict[str, object]:
        headers = {"Content-Type": "application/json", "Accept": "application/json, application/problem+json"}
        if bearer is not None:
            headers["Authorization"] = f"Bearer {bearer}"
        payload = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        status, reply_headers, reply = self._exchange("POST", f"/api/v1/{call}", payload, headers, awaited=awaited)
        _log.debug("%s %s: %d", self.origin, call, status)
        content_type = reply_headers.get_content_type()
        if 400 <= status <= 599:  # noqa: PLR2004
            raise read_refusal(status, reply_headers, reply)
        if status != expected:
            raise PortalReplyMalformed(f"the portal answered {status}; redirects are not followed")
        if status == http.client.NO_CONTENT:
            return {}
        if content_type != "application/json":
            raise PortalReplyMalformed("the reply is not called JSON")
        return read_object(reply)

    def _exchange(
        self,
        method: str,
        path: str,
        body: bytes | None,
        headers: Mapping[str, str],
        *,
        awaited: bool = True,
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        try:
            ahead = self._take_ahead() or begun(self._way.connect)  # a resolver hears no Ctrl+C
            say = self._slow if awaited and self._slow else lambda: None
            with said_after(SLOW, say), closing(ahead.result()) as connection:
                connection.request(method, path, body, self._always | dict(headers))
                with connection.getresponse() as response:
                    return response.status, response.headers, _capped(response)
        except ssl.SSLEOFError:
            raise PortalUnreachable(f"{self.origin} hung up") from None
        except ssl.SSLError as error:
            raise PortalUntrusted(f"no trusted TLS with {self.origin}: {error.reason}") from None
        except (OSError, http.client.IncompleteRead) as error:
            raise PortalUnreachable(f"no reply from {self.origin}: {type(error).__name__}") from None
        except (http.client.HTTPException, ValueError) as error:
            raise PortalReplyMalformed(f"the reply is not HTTP: {type(error).__name__}") from None

    def _take_ahead(self) -> Future[http.client.HTTPConnection] | None:
        ahead: Future[http.client.HTTPConnection] | None = getattr(self._ahead, "connection", None)
        self._ahead.connection = None
        return ahead


@contextmanager
def said_after(seconds: float, say: Callable[[], None]) -> Iterator[None]:
    """Say it, from a thread, where the block takes longer."""
    slow = Timer(seconds, say)
    slow.daemon = True
    slow.start()
    try:
        yield
    finally:
        slow.cancel()


def begun(work: Callable[[], _Outcome]) -> Future[_Outcome]:
    """Do it in a thread of its own, which the end of the program does not wait for."""
    outcome: Future[_Outcome] = Future()

    def do() -> None:
        try:
            outcome.set_result(work())
        except Exception as problem:  # noqa: BLE001 (raised where it is waited for)
            outcome.set_exception(problem)

    Thread(target=do, daemon=True).start()
    return outcome


def _capped(response: http.client.HTTPResponse) -> bytes:
    body = response.read(MAX_REPLY + 1)
    if len(body) > MAX_REPLY:
        raise PortalReplyMalformed("the reply is too long")
    return body
