"""A library or shop card in software: FeliCa or MIFARE behind a contactless reader, which tells the UID itself."""

from functools import reduce
from operator import xor

from demo.virtual_card.card import Quirks, VirtualCard
from demo.virtual_card.command import Apdu
from reader_bridge.card.apdu import SW
from reader_bridge.card.service_card import FELICA, STORAGE, TYPE_A

_FELICA_NAME, _MIFARE_1K_NAME = b"\x00\x3b", b"\x00\x01"  # PC/SC part 3, supplement


class ServiceCard(VirtualCard):
    """A storage card: the reader answers `FF CA 00 00 00` and nothing else."""

    def __init__(self, uid: bytes, *, felica: bool) -> None:
        super().__init__(
            certificate=None, key=None, authority_certificate=None, other_card=True, quirks=Quirks(uid=uid)
        )
        standard = bytes([FELICA]) + _FELICA_NAME if felica else bytes([TYPE_A]) + _MIFARE_1K_NAME
        atr = STORAGE + standard + bytes(4)
        self.atr = atr + bytes([reduce(xor, atr[1:])])

    def _execute(self, command: Apdu) -> tuple[bytes, int]:
        known = (command.cla, command.ins) == (0xFF, 0xCA)
        return super()._execute(command) if known else (b"", SW.FUNCTION_NOT_SUPPORTED)
