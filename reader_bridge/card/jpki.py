"""The JPKI application: certificate, PIN and signature for user authentication (OpenSC, card-jpki.c)."""

import re
import unicodedata
from collections.abc import Callable
from typing import TypeVar

from reader_bridge.card.apdu import JPKI_AID, SHA256_DIGEST_INFO, SW, Command, Connection, sw_text, sw_text_after
from reader_bridge.card.files import CardFiles, WordReceived, expect
from reader_bridge.errors import (
    CardError,
    CardNotSupported,
    CardReset,
    CardStopped,
    CardUnreadable,
    CertificateAbsent,
    PinBlocked,
    PinIncorrect,
    PinMalformed,
)

LABEL = "JPKIAPICCTOKEN2"  # the plastic My Number card; the old 住基カード and the phones say something else
_LABEL_LENGTH = 32
_TOKEN_INFO, _CERTIFICATE, _AUTHORITY, _KEY, _PIN = 0x0006, 0x000A, 0x000B, 0x0017, 0x0018
_VERIFY = 0x20
_COUNTER, _COUNTER_MASK = 0x63C0, 0xFFF0
_LOCKED = (_COUNTER, SW.AUTHENTICATION_METHOD_BLOCKED, SW.REFERENCE_DATA_LOCKED)
_STOPPED = (SW.FILE_INVALIDATED, 0x6285, SW.CONDITIONS_NOT_SATISFIED)  # deactivated, terminated (ISO 7816-4)
_MOST_TRIES = 3
_DIGEST_LENGTH, _SHORTEST_SIGNATURE = 32, 256
_Answer = TypeVar("_Answer")


def fold_pin(typed: str) -> str:
    """Return what was typed with full-width digits made ASCII (NFKC), and nothing else mended."""
    return unicodedata.normalize("NFKC", typed)


class Jpki:
    def __init__(self, connection: Connection, *, terminal: bool = False) -> None:
        """Speak to a card; at a terminal within its own list of commands, which has no PIN."""
        self._files = CardFiles(connection, terminal=terminal)
        self._counter_asked = False

    def select(self) -> None:
        """Select the application; raise CardNotSupported when the card has none."""
        self._counter_asked = False
        sw = self._files.select_application(JPKI_AID)
        if sw in _STOPPED:
            raise CardStopped(sw_text(sw))
        if sw != SW.OK:
            raise CardNotSupported(f"no JPKI application: {sw:04X}")

    def certificate(self) -> bytes:
        """Return the certificate's DER; raise CertificateAbsent, CardNotSupported (a phone, the old 住基カード)."""
        return self._read_certificate(_CERTIFICATE)

    def authority_certificate(self) -> bytes:
        """Return the DER of the authority's certificate, which proves nothing: it came off the same card."""
        return self._read_certificate(_AUTHORITY)

    def token_label(self) -> str:
        """Return the name the application gives itself; the first 32 bytes of CK_TOKEN_INFO."""
        beginning = self._after_reset(lambda: self._files.read(_TOKEN_INFO, _LABEL_LENGTH))
        return beginning.decode("ascii", "replace").rstrip("\x00 ")

    def tries_left(self) -> int | None:
        """Ask the PIN's counter without spending a try; 0 is locked, None verified already or untold."""
        return self._after_reset(self._ask_counter)

    def verify_pin(self, pin: str) -> None:
        """Send the PIN, once; raise PinMalformed before any command, PinIncorrect, PinBlocked."""
        command = _verify(pin)
        del pin
        if command is None:
            raise PinMalformed("a PIN is four digits")
        if not self._counter_asked and self.tries_left() == 0:
            raise PinBlocked("no try left")
        sw, problem = self._send_pin(command)
        del command  # no traceback keeps the PIN
        if problem:
            raise problem
        if sw in _LOCKED:
            raise PinBlocked(f"{sw:04X}")
        if sw & _COUNTER_MASK == _COUNTER:
            raise PinIncorrect(_tries(sw))
        if sw == SW.VERIFICATION_FAILED:  # counted by the card, and not told
            raise PinIncorrect(self.tries_left())
        if sw != SW.OK:
            raise CardUnreadable(f"{sw_text_after(_VERIFY, sw)} after VERIFY")

    def sign(self, digest: bytes) -> bytes:
        """Return the RS256 signature (PKCS#1 v1.5) over a SHA-256 digest of 32 bytes."""
        if len(digest) != _DIGEST_LENGTH:
            raise ValueError(f"a SHA-256 digest has {_DIGEST_LENGTH} bytes")
        self._files.select(_KEY)
        command = Command(0x80, 0x2A, 0x00, 0x80, SHA256_DIGEST_INFO + digest, le=256)
        signature = expect(command, self._files.send(command))
        if len(signature) < _SHORTEST_SIGNATURE:
            raise CardUnreadable(f"a signature of {len(signature)} bytes")
        return signature

    def _read_certificate(self, file: int) -> bytes:
        try:
            found = self._after_reset(lambda: self._files.read_der(file))
        except WordReceived as refusal:
            if refusal.sw not in (SW.FILE_NOT_FOUND, SW.SECURITY_STATUS_NOT_SATISFIED):
                raise
            found = b""
        if not found and self.token_label() != LABEL:
            raise CardNotSupported("not the plastic My Number card")
        if not found:
            raise CertificateAbsent(f"no certificate in file {file:04X}")
        return found

    def _ask_counter(self) -> int | None:
        try:
            self._files.select(_PIN)
        except WordReceived as refusal:
            raise CardNotSupported(f"no PIN for user authentication: {refusal}") from None
        command = Command(0x00, 0x20, 0x00, 0x80)
        response = self._files.send(command)
        self._counter_asked = True
        if response.sw in _LOCKED:
            return 0
        if response.sw & _COUNTER_MASK == _COUNTER:
            return _tries(response.sw)
        if response.sw == SW.WRONG_LENGTH:  # it takes no VERIFY without a PIN
            return None
        expect(command, response)
        return None

    def _send_pin(self, command: Command) -> tuple[int, CardError | None]:
        try:
            self._files.select(_PIN)
            return self._files.send(command).sw, None
        except CardError as problem:
            return 0, problem.with_traceback(None)

    def _after_reset(self, read: Callable[[], _Answer]) -> _Answer:
        """Read, and once more from SELECT on when another program has reset the card; nothing here spends a try."""
        try:
            return read()
        except CardReset:
            self.select()
            return read()


def _tries(sw: int) -> int | None:
    """Read a counter of 63Cx; more tries than a PIN ever has are no count."""
    tries = sw - _COUNTER
    return tries if tries <= _MOST_TRIES else None


def _verify(pin: str) -> Command | None:
    return Command(0x00, 0x20, 0x00, 0x80, pin.encode("ascii")) if re.fullmatch("[0-9]{4}", pin) else None
