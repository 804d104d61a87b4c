"""The demo's authority rewrites a virtual card, as the real one's terminal does at the counter."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.serialization import Encoding

from demo.cards import PRINTS
from demo.instance import DemoInstance
from demo.virtual_card import VirtualCard
from portal.pki.path import key_digest


@dataclass(frozen=True)
class DemoRewriting:
    """Implements portal.domain.rewriting.Rewriting for the cards on the demo's desk."""

    instance: DemoInstance
    cards: dict[str, VirtualCard]

    def rewrite(self, issuer_key_id: str, serial_number: str, mykey_id: str) -> None:
        """Issue the card that bears this certificate a new one with these 14 characters.

        Raises LookupError where no card on the desk bears it.
        """
        name = self._bearer(issuer_key_id, serial_number)
        certificate, key = self.instance.reissued(name, mykey_id)
        self.cards[name].rewrite(certificate.public_bytes(Encoding.DER), key)

    def _bearer(self, issuer_key_id: str, serial_number: str) -> str:
        if issuer_key_id == key_digest(self.instance.authority.certificate):
            for each in PRINTS:
                if each.common_name and self.instance.serial_number(each.name) == serial_number:
                    return each.name
        raise LookupError(issuer_key_id, serial_number)
