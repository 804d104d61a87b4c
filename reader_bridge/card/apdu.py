"""Commands to a card and its answers (ISO 7816-4, short APDUs), behind the allow-list."""

import logging
import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

from reader_bridge.errors import CardUnreadable, CommandRefused

TRAFFIC = 5
_log = logging.getLogger(__name__)
_SELECT, _VERIFY, _SIGN, _GET_RESPONSE = 0xA4, 0x20, 0x2A, 0xC0
_MORE_TO_GET, _OTHER_LENGTH = 0x61, 0x6C  # SW1; SW2 is the length
_LONGEST_ANSWER = 16 * 1024
_MOST_PIECES = 64


class SW(IntEnum):
    """Name the status words the card is known for (github.com/soltia48/myna-card, src/apdu.rs)."""

    OK = 0x9000
    CORRUPTED = 0x6281
    END_OF_FILE = 0x6282
    FILE_INVALIDATED = 0x6283
    VERIFICATION_FAILED = 0x6300
    EXECUTION_ERROR = 0x6400
    MEMORY_FAILURE = 0x6581
    WRONG_LENGTH = 0x6700
    FILE_TYPE_UNSUITABLE = 0x6981
    SECURITY_STATUS_NOT_SATISFIED = 0x6982
    AUTHENTICATION_METHOD_BLOCKED = 0x6983
    REFERENCE_DATA_LOCKED = 0x6984
    CONDITIONS_NOT_SATISFIED = 0x6985
    NO_CURRENT_EF = 0x6986
    DATA_INCORRECT = 0x6A80
    FUNCTION_NOT_SUPPORTED = 0x6A81
    FILE_NOT_FOUND = 0x6A82
    PARAMETERS_INCORRECT = 0x6A86
    REFERENCED_DATA_NOT_FOUND = 0x6A88
    OFFSET_OUTSIDE_FILE = 0x6B00
    INSTRUCTION_NOT_SUPPORTED = 0x6D00
    CLASS_NOT_SUPPORTED = 0x6E00
    NO_DIAGNOSIS = 0x6F00


_NAMES = {int(word): word.name for word in SW}


def sw_text(sw: int) -> str:
    """Say a status word as `6A82 FILE_NOT_FOUND`."""
    return f"{sw:04X} {_NAMES.get(sw, '')}".rstrip()


def sw_text_after(ins: int, sw: int) -> str:
    """Say a status word; one that nobody knows after VERIFY may be the PIN, and is not shown."""
    known = sw in _NAMES or sw & 0xFFF0 == 0x63C0  # noqa: PLR2004
    return sw_text(sw) if known or ins != _VERIFY else "an unknown word"


@dataclass(frozen=True, repr=False)
class Command:
    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = b""
    le: int | None = None

    def encode(self) -> bytearray:
        """Return the bytes of the short APDU, which may hold the PIN and can be wiped; `le` 256 is written 00."""
        length = (len(self.data),) if self.data else ()
        ending = () if self.le is None else (self.le % 256,)
        return bytearray((self.cla, self.ins, self.p1, self.p2, *length, *self.data, *ending))  # made in one piece

    def __repr__(self) -> str:
        """Show the bytes; data only where it can be no PIN."""
        if self.data and self.ins not in (_SELECT, _SIGN):
            return f"{bytes((self.cla, self.ins, self.p1, self.p2, len(self.data))).hex(' ').upper()} …"
        return self.encode().hex(" ").upper()


@dataclass(frozen=True)
class Response:
    data: bytes
    sw: int


class Connection(Protocol):
    """The one seam to a card."""

    def transmit(self, command: bytearray) -> bytes:
        """Return the raw answer with SW1 SW2; raise CardRemoved, CardReset, CardUnreadable or ReaderBusy."""

    def power_off(self) -> None:
        """Cut the card's power and close; never raise."""

    def let_go(self) -> None:
        """Close and leave the card as it is, where no PIN was given; never raise."""


JPKI_AID = bytes.fromhex("D392F000260100000001")
SHA256_DIGEST_INFO = bytes.fromhex("3031300D060960864801650304020105000420")

# The whole commands a card may be sent; a list of instructions would let 00 20 00 9B … spend a signature PIN try.
_BOTH = (
    rb"\x00\xA4\x04\x0C\x0A" + re.escape(JPKI_AID),
    rb"\x00\xB0[\x00-\x7F]..",
    rb"\x00\xC0\x00\x00.",
)
_CITIZEN = (
    *_BOTH,
    rb"\x00\xA4\x02\x0C\x02\x00[\x06\x08\x0A\x0B\x17\x18]",
    rb"\x00\x20\x00\x80",
    rb"\x00\x20\x00\x80\x04[0-9]{4}",
    rb"\x80\x2A\x00\x80\x33" + re.escape(SHA256_DIGEST_INFO) + rb".{32}\x00",
)
# A terminal reads certificate and label, and sends no PIN; to the last one a service card's reader answers itself.
_TERMINAL = (*_BOTH, rb"\x00\xA4\x02\x0C\x02\x00[\x06\x0A]", rb"\xFF\xCA\x00\x00\x00")


def is_allowed(command: bytes | bytearray, *, terminal: bool = False) -> bool:
    """Tell whether these bytes are one of the allowed commands, whole."""
    return any(re.fullmatch(line, command, re.DOTALL) for line in (_TERMINAL if terminal else _CITIZEN))


def transmit(connection: Connection, command: Command, *, terminal: bool = False) -> Response:
    """Send one allowed command and collect its whole answer, through 6Cxx and 61xx.

    Raises CommandRefused before anything reaches a reader; CardUnreadable when the answer is no answer.
    """
    response = _exchange(connection, command, terminal=terminal)
    if response.sw >> 8 == _OTHER_LENGTH and command.le is not None:
        command = Command(command.cla, command.ins, command.p1, command.p2, command.data, response.sw & 0xFF)
        response = _exchange(connection, command, terminal=terminal)
    data = response.data
    for _ in range(_MOST_PIECES):
        if response.sw >> 8 != _MORE_TO_GET or command.ins == _VERIFY:  # VERIFY has no answer but its word
            break
        more = Command(0x00, _GET_RESPONSE, 0x00, 0x00, le=response.sw & 0xFF)
        response = _exchange(connection, more, terminal=terminal)
        data += response.data
        if not response.data or len(data) > _LONGEST_ANSWER:
            break
    return Response(data, response.sw)


def _exchange(connection: Connection, command: Command, *, terminal: bool) -> Response:
    encoded = command.encode()
    try:
        if not is_allowed(encoded, terminal=terminal):
            raise CommandRefused(f"not on the list of allowed commands: {command!r}")
        _log.log(TRAFFIC, "> %r", command)
        answer = connection.transmit(encoded)
    finally:
        encoded[:] = bytes(len(encoded))
    response = Response(answer[:-2], int.from_bytes(answer[-2:]))
    hidden = terminal or command.ins == _VERIFY  # a terminal logs nothing of anybody's card
    shown = sw_text_after(command.ins, response.sw) if hidden else answer.hex(" ").upper()
    _log.log(TRAFFIC, "< %s", shown)
    if len(answer) < 2:  # noqa: PLR2004
        raise CardUnreadable(f"{len(answer)} bytes instead of an answer")
    return response
