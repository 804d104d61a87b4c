"""Files on a card (ISO 7816-4): select an application or a file, read it."""

from reader_bridge.card.apdu import SW, Command, Connection, Response, sw_text_after, transmit
from reader_bridge.errors import CardUnreadable, DataMalformed

CHUNK = 256
_SMALLER = {CHUNK: 0xE0, 0xE0: 0x80}  # what is asked for where a card or reader refuses the length
_BUSY = 0x6999  # a first answer that OpenSC asks again after
_LONGEST_FILE = 8 * 1024
_MOST_READS = 128
_SEQUENCE = 0x30
_LONG_FORM = 0x80
_BROKEN = (SW.NO_DIAGNOSIS, SW.EXECUTION_ERROR, SW.MEMORY_FAILURE)


class WordReceived(CardUnreadable):
    """The card answered a status word that nothing here was waiting for."""

    def __init__(self, command: Command, sw: int) -> None:
        super().__init__(f"{sw_text_after(command.ins, sw)} after {command.encode()[:4].hex(' ').upper()}")
        self.sw = sw


def expect(command: Command, response: Response, *allowed: int) -> bytes:
    """Return the data of an answer that is 9000 or one of the allowed words; raise WordReceived."""
    if response.sw not in (SW.OK, *allowed):
        raise WordReceived(command, response.sw)
    return response.data


class CardFiles:
    def __init__(self, connection: Connection, *, terminal: bool = False) -> None:
        self._connection = connection
        self._terminal = terminal
        self._selected: int | None = None
        self._chunk = CHUNK

    def send(self, command: Command) -> Response:
        """Transmit one command; see `apdu.transmit`."""
        return transmit(self._connection, command, terminal=self._terminal)

    def select_application(self, aid: bytes) -> int:
        """Select by name and return the status word; ask again after one 6F00 or 6999, which some cards begin with."""
        self._selected = None
        command = Command(0x00, 0xA4, 0x04, 0x0C, aid)
        response = self.send(command)
        if response.sw in (SW.NO_DIAGNOSIS, _BUSY):
            response = self.send(command)
        if response.sw in _BROKEN:
            raise WordReceived(command, response.sw)
        return response.sw

    def select(self, file: int) -> None:
        """Make a file the current one, if it is not; raise WordReceived (6A82 when there is none)."""
        if file == self._selected:
            return
        self._selected = None
        command = Command(0x00, 0xA4, 0x02, 0x0C, file.to_bytes(2))
        expect(command, self.send(command))
        self._selected = file

    def read(self, file: int, length: int, offset: int = 0) -> bytes:
        """Return up to `length` (at most 256) bytes of a file; nothing beyond its end."""
        self.select(file)
        command = Command(0x00, 0xB0, offset >> 8, offset & 0xFF, le=min(length, self._chunk))
        response = self.send(command)
        if response.sw == SW.WRONG_LENGTH and self._chunk in _SMALLER and length > _SMALLER[self._chunk]:
            self._chunk = _SMALLER[self._chunk]
            return self.read(file, length, offset)
        data = expect(command, response, SW.END_OF_FILE, SW.OFFSET_OUTSIDE_FILE)
        if len(data) > min(length, self._chunk):
            raise CardUnreadable(f"{len(data)} bytes where {length} were asked for")
        return data

    def read_der(self, file: int) -> bytes:
        """Return the one DER value that a file begins with, without the filler after it; nothing when it is empty.

        Raises CardUnreadable when what the card says about its length is false or beyond 8 KiB.
        """
        data = self.read(file, CHUNK)
        if not data.strip(b"\x00\xff"):
            return b""
        total = der_length(data)
        reads = 1
        while len(data) < total:
            if reads == _MOST_READS:
                raise CardUnreadable(f"{len(data)} of {total} bytes after {reads} reads")
            piece = self.read(file, total - len(data), len(data))
            if not piece:
                raise CardUnreadable(f"the file ends after {len(data)} of {total} bytes")
            data += piece
            reads += 1
        return data[:total]


def der_length(beginning: bytes) -> int:
    """Return the whole length of the DER SEQUENCE that begins so (X.690 §8.1.3); raise CardUnreadable."""
    first = beginning[1] if beginning[:1] == bytes([_SEQUENCE]) and len(beginning) > 1 else None
    size = 0 if first is None or first < _LONG_FORM else first - _LONG_FORM
    digits = beginning[2 : 2 + size]
    if first is None or first == _LONG_FORM or len(digits) < size:
        raise DataMalformed("the file does not begin with a DER SEQUENCE")
    total = 2 + size + (int.from_bytes(digits) if size else first)
    if total > _LONGEST_FILE:
        raise CardUnreadable(f"the card says {total} bytes; {_LONGEST_FILE} are the most")
    return total
