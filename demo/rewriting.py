"""The demo's authority rewrites a virtual card, as the real one's terminal does at the counter."""

from dataclasses import dataclass

from cryptography.hazmat.primitives.serialization import Encoding

from demo.cards import PRINTS
from demo.instance import DemoInstance, Pair
from demo.virtual_card import VirtualCard
from portal.domain.formats.correspondence import HEADER
from portal.pki.path import key_digest


@dataclass
class DemoRewriting:
    """Implements portal.domain.rewriting.Rewriting for the cards on the demo's desk, and renews them."""

    instance: DemoInstance
    cards: dict[str, VirtualCard]
    renewed: str | None = None
    """Name of the card that was renewed last."""
    correspondence: str = ""
    """What a certified verifier would say of it: a correspondence file."""

    def rewrite(self, issuer_key_id: str, serial_number: str, mykey_id: str) -> None:
        """Issue the card that bears this certificate a new one with these 14 characters.

        Raises LookupError where no card on the desk bears it.
        """
        name = self._bearer(issuer_key_id, serial_number)
        self._write(name, self.instance.reissued(name, mykey_id))

    def renew(self, name: str) -> None:
        """Issue a card its next certificate, with other 14 characters and a later end."""
        old = self.instance.serial_number(name)
        self._write(name, self.instance.renewed(name))
        issuer, new = key_digest(self.instance.authority.certificate), self.instance.serial_number(name)
        self.renewed, self.correspondence = name, f"{HEADER}\n{issuer},{old},{issuer},{new}\n"

    def _write(self, name: str, issued: Pair) -> None:
        certificate, key = issued
        self.cards[name].rewrite(certificate.public_bytes(Encoding.DER), key)

    def _bearer(self, issuer_key_id: str, serial_number: str) -> str:
        if issuer_key_id == key_digest(self.instance.authority.certificate):
            for each in PRINTS:
                if each.common_name and self.instance.serial_number(each.name) == serial_number:
                    return each.name
        raise LookupError(issuer_key_id, serial_number)
