"""Commands and answers as the virtual card sees them."""

from dataclasses import dataclass

MOST = 256  # bytes in a short answer
GET_RESPONSE = 0xC0
_HEAD = 4


@dataclass(frozen=True)
class Apdu:
    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes
    le: int | None


def parse(apdu: bytes) -> Apdu | None:
    """Read a short APDU (ISO 7816-3 §12.1.3, cases 1 to 4); None when its lengths are false."""
    if len(apdu) < _HEAD:
        return None
    cla, ins, p1, p2 = apdu[:_HEAD]
    rest = apdu[_HEAD:]
    if len(rest) <= 1:
        return Apdu(cla, ins, p1, p2, b"", (rest[0] or MOST) if rest else None)
    size = rest[0]
    data, ending = rest[1 : 1 + size], rest[1 + size :]
    if not size or len(data) < size or len(ending) > 1:
        return None
    return Apdu(cla, ins, p1, p2, data, (ending[0] or MOST) if ending else None)


def word(sw: int) -> bytes:
    """Return a status word's two bytes."""
    return sw.to_bytes(2)
