"""A My Number card in software, after OpenSC's card-jpki.c and what github.com/soltia48/myna-card measured."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from demo.virtual_card.command import GET_RESPONSE, MOST, Apdu, parse, word
from demo.virtual_card.files import Entry, File, Key, Pin
from reader_bridge.card.apdu import JPKI_AID, SW
from reader_bridge.errors import CardRemoved

CONTACT_ATR = bytes.fromhex("3BE000FF8131FE4514")
CARD_LABEL, ANDROID_LABEL, IPHONE_LABEL = "JPKIAPICCTOKEN2", "JPKIAPGPSETOKEN", "JPKIAPIOSTOKEN"
_FCI = bytes.fromhex("6F0C840A") + JPKI_AID


@dataclass(frozen=True)
class Quirks:
    """How a card answers where cards and readers differ."""

    first_command_fails: bool = False  # 6F00 to the first command after power-up
    get_response: bool = False  # 61xx in place of data
    exact_length: bool = False  # 6Cxx unless Le is what there is
    longest_read: int = MOST  # fewer bytes than were asked for
    filler: int = 64  # bytes of FF after each certificate
    mute: bool = False  # no answer to power: a card put in upside down
    uid: bytes | None = None  # what the reader says to FF CA; None is 6A81


class VirtualCard:
    """One card; `trace` holds every command and answer, `power_offs` counts the losses of power."""

    def __init__(  # noqa: PLR0913 - a card has that many parts
        self,
        *,
        certificate: bytes | None,
        key: RSAPrivateKey | None,
        authority_certificate: bytes | None,
        pin: str = "1234",
        tries: int = 3,
        label: str = CARD_LABEL,
        signing_certificate: bytes | None = None,
        signing_key: RSAPrivateKey | None = None,
        signing_authority: bytes | None = None,
        signing_pin: str = "ABC123",
        signing_tries: int = 5,
        other_card: bool = False,
        quirks: Quirks | None = None,
    ) -> None:
        self.atr = CONTACT_ATR
        self.quirks = quirks or Quirks()
        self.trace: list[tuple[bytes, bytes]] = []
        self.power_offs = 0
        self.pin = Pin(pin.encode(), 3, tries)
        self.signing_pin = Pin(signing_pin.encode(), 5, signing_tries)
        self._aid = None if other_card else JPKI_AID
        self._files: dict[int, Entry] = {
            0x0006: File(label.encode().ljust(160, b"\x00")),
            0x0008: File(bytes([0x8F if signing_certificate else 0x00, 0x8F if certificate else 0x00, 0x00])),
            0x0017: Key(key, self.pin),
            0x0018: self.pin,
            0x001A: Key(signing_key, self.signing_pin),
            0x001B: self.signing_pin,
        }
        for file, der, reader in (
            (0x0001, signing_certificate, self.signing_pin),
            (0x0002, signing_authority, None),
            (0x000A, certificate, None if label == CARD_LABEL else self.pin),
            (0x000B, authority_certificate, None),
        ):
            if der is not None:
                self._files[file] = File(der + b"\xff" * self.quirks.filler, reader)
        self._stays: int | None = None
        self._current: Entry | None = None
        self.powered = self._fresh = False
        self._forget_selection()

    @property
    def tries_left(self) -> int:
        return self.pin.tries

    def remove_after(self, answers: int) -> None:
        """Have the card pulled out once it has given so many more answers."""
        self._stays = answers

    @property
    def gone(self) -> bool:
        return self._stays == 0

    def rewrite(self, certificate: bytes, key: RSAPrivateKey) -> None:
        """Take a new user authentication certificate, as an authority's terminal writes it; no command here does.

        A card that had none raises KeyError.
        """
        self.power_off()
        there = self._files[0x000A]
        assert isinstance(there, File)
        self._files[0x000A] = File(certificate + b"\xff" * self.quirks.filler, there.pin)
        self._files[0x0017] = Key(key, self.pin)

    def power_on(self) -> None:
        if not self.powered:
            self.powered = self._fresh = True
            self._forget_selection()

    def power_off(self) -> None:
        """Lose power, and every PIN status with it."""
        self.power_offs += self.powered
        self.powered = self.pin.verified = self.signing_pin.verified = False

    def reset(self) -> None:
        """Reset with the power on: the selection goes, the PIN status stays."""
        self.power_on()
        self._forget_selection()

    def respond(self, apdu: bytes) -> bytes:
        """Answer one command; raise CardRemoved when the card has been pulled out."""
        if self.gone:
            raise CardRemoved("the virtual card was pulled out")
        answer = self._answer(apdu)
        self.trace.append((apdu, answer))
        if self._stays:
            self._stays -= 1
        return answer

    def _answer(self, apdu: bytes) -> bytes:
        fresh, self._fresh = self._fresh, False
        if fresh and self.quirks.first_command_fails:
            return word(SW.NO_DIAGNOSIS)
        command = parse(apdu)
        if command is None:
            return word(SW.WRONG_LENGTH)
        if command.ins != GET_RESPONSE:
            self._pending = b""
        data, sw = self._execute(command)
        if sw != SW.OK or not data:
            return data + word(sw)
        return self._hand_over(command, data)

    def _hand_over(self, command: Apdu, data: bytes) -> bytes:
        length = len(data) % MOST
        if command.ins != GET_RESPONSE and (self.quirks.get_response or command.le is None):
            self._pending = data
            return word(0x6100 | length)
        if self.quirks.exact_length and command.le != len(data):
            return word(0x6C00 | length)
        return data[: command.le] + word(SW.OK)

    def _execute(self, command: Apdu) -> tuple[bytes, int]:
        known = {
            (0x00, 0xA4): self._select,
            (0x00, 0xB0): self._read,
            (0x00, 0x20): self._verify,
            (0x80, 0x2A): self._sign,
            (0x00, GET_RESPONSE): self._get_response,
            (0xFF, 0xCA): self._uid,
        }
        if command.cla not in {cla for cla, _ in known}:
            return b"", SW.CLASS_NOT_SUPPORTED
        execute = known.get((command.cla, command.ins))
        return execute(command) if execute else (b"", SW.INSTRUCTION_NOT_SUPPORTED)

    def _select(self, command: Apdu) -> tuple[bytes, int]:
        if (command.p1, command.p2) in ((0x04, 0x0C), (0x04, 0x00)):
            self._forget_selection()
            self._application = bool(command.data and self._aid and self._aid.startswith(command.data))
            fci = b"" if command.p2 else _FCI
            return (fci, SW.OK) if self._application else (b"", SW.FILE_NOT_FOUND)
        if len(command.data) != 2 or (command.p1, command.p2) not in ((0x02, 0x0C), (0x00, 0x0C)):  # noqa: PLR2004
            return b"", SW.PARAMETERS_INCORRECT
        found = self._files.get(int.from_bytes(command.data)) if self._application and command.p1 else None
        self._current = found
        return b"", SW.OK if found is not None else SW.FILE_NOT_FOUND

    def _read(self, command: Apdu) -> tuple[bytes, int]:
        short = command.p1 & 0x80
        entry, sw = self._entry(command.p1 if short else 0x80)
        if entry is None:
            return b"", sw
        if not isinstance(entry, File):
            return b"", SW.FILE_TYPE_UNSUITABLE
        if not entry.readable:
            return b"", SW.SECURITY_STATUS_NOT_SATISFIED
        rest = entry.content[command.p2 if short else command.p1 << 8 | command.p2 :]
        if not rest:
            return b"", SW.OFFSET_OUTSIDE_FILE
        return rest[: min(command.le or MOST, self.quirks.longest_read)], SW.OK

    def _verify(self, command: Apdu) -> tuple[bytes, int]:
        entry, sw = self._entry(command.p2)
        if command.p1 or not command.p2 & 0x80:
            return b"", SW.PARAMETERS_INCORRECT
        if not isinstance(entry, Pin):
            return b"", sw or SW.FILE_TYPE_UNSUITABLE
        return b"", entry.verify(command.data) if command.data else entry.ask()

    def _sign(self, command: Apdu) -> tuple[bytes, int]:
        entry, sw = self._entry(command.p2)
        if not isinstance(entry, Key):
            return b"", sw or SW.FILE_TYPE_UNSUITABLE
        if not entry.pin.verified:
            return b"", SW.SECURITY_STATUS_NOT_SATISFIED
        signature = entry.sign(command.p1, command.data)
        return (signature, SW.OK) if signature else (b"", SW.PARAMETERS_INCORRECT)

    def _get_response(self, command: Apdu) -> tuple[bytes, int]:
        if not self._pending:
            return b"", SW.CONDITIONS_NOT_SATISFIED
        length = command.le or MOST
        data, self._pending = self._pending[:length], self._pending[length:]
        return data, 0x6100 | min(len(self._pending), 0xFF) if self._pending else SW.OK

    def _uid(self, _command: Apdu) -> tuple[bytes, int]:
        return (self.quirks.uid, SW.OK) if self.quirks.uid else (b"", SW.FUNCTION_NOT_SUPPORTED)

    def _entry(self, reference: int) -> tuple[Entry | None, int]:
        """Find the current file (80) or the one of a short id (80 | id), which becomes the current one."""
        if reference & 0x1F:
            self._current = self._files.get(reference & 0x1F) if self._application else None
            return self._current, 0 if self._current is not None else SW.FILE_NOT_FOUND
        return self._current, 0 if self._current is not None else SW.NO_CURRENT_EF

    def _forget_selection(self) -> None:
        self._application = False
        self._current = None
        self._pending = b""
