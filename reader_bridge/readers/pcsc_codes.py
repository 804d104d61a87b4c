"""What PC/SC's return codes mean."""

import sys

from reader_bridge.errors import (
    AccessDenied,
    CardError,
    CardMute,
    CardRemoved,
    CardReset,
    CardUnreadable,
    NoCard,
    NoReader,
    NoService,
    ReaderBusy,
    ServiceMismatched,
)
from reader_bridge.readers.versions import pcsc_versions

_UNSIGNED, _TIMEOUT = 0xFFFFFFFF, 0x8010000A  # some platforms give return codes a sign
_PROBLEMS: dict[int, type[CardError]] = {
    0x80100009: NoReader,  # unknown reader
    0x8010000B: ReaderBusy,  # sharing violation
    0x8010000C: NoCard,
    0x80100017: NoReader,  # reader unavailable
    0x8010001D: NoService,
    # service stopped: on Windows with its last reader; pcsc-lite says so of a client of another version
    0x8010001E: NoService if sys.platform == "win32" else ServiceMismatched,
    0x8010002E: NoReader,  # no readers available
    0x80100066: CardMute,
    0x80100068: CardReset,
    0x80100069: CardRemoved,
    0x8010006A: AccessDenied,
}


def problem_of(code: int) -> CardError | None:
    """Say what a PC/SC return code means; None for success."""
    code &= _UNSIGNED
    kind = _PROBLEMS.get(code, CardUnreadable)
    text = pcsc_versions() if kind is ServiceMismatched else f"PC/SC says {code:08X}"
    return kind(text) if code else None


def problem_of_service(code: int) -> NoReader:
    """Say what kept the service from telling of its readers."""
    problem = problem_of(code)
    return problem if isinstance(problem, NoReader) else NoService(str(problem))


def timed_out(code: int) -> bool:
    """Tell whether the time ran out before anything changed."""
    return code & _UNSIGNED == _TIMEOUT
