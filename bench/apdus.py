"""Commands to a card, ours beside OpenSC's: reading the certificate, and reading and signing with a PIN."""

from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from demo.authority import Authority
from demo.virtual_card import VirtualCard
from demo.virtual_card.readers import VirtualReaders
from reader_bridge.card.jpki import Jpki
from tests.pcsc.desk.daemon import Daemon

SIGN = ("pkcs11-tool", "--sign", "--mechanism", "SHA256-RSA-PKCS", "--login", "--pin", "1234", "--id", "01")


def run() -> list[tuple[str, float]]:
    """Return the counts; OpenSC works over a PC/SC daemon of its own, the bridge in process."""
    authority = Authority.create(
        not_before=datetime(2025, 1, 1, tzinfo=UTC), not_after=datetime(2035, 1, 1, tzinfo=UTC)
    )
    key = rsa.generate_private_key(65537, 2048)
    issued = (authority.issue(public_key=key.public_key()), authority.certificate)
    der, authority_der = (certificate.public_bytes(Encoding.DER) for certificate in issued)
    card = VirtualCard(certificate=der, key=key, authority_certificate=authority_der)
    return [*ours(card), *theirs(card)]


def ours(card: VirtualCard) -> list[tuple[str, float]]:
    readers = VirtualReaders()
    readers.insert(card)
    connection = readers.list()[0].connect()
    jpki = Jpki(connection)
    jpki.select()
    jpki.certificate()
    read = len(card.trace)
    jpki.tries_left()
    jpki.verify_pin("1234")
    jpki.sign(bytes(32))
    connection.power_off()
    return [("commands to read, reader-bridge", read), ("commands to sign, reader-bridge", len(card.trace))]


def theirs(card: VirtualCard) -> list[tuple[str, float]]:
    counts = []
    with Daemon() as daemon:
        daemon.insert(card)
        for command in (("pkcs15-tool", "--read-certificate", "1"), (*SIGN, "--input-file", __file__)):
            card.trace.clear()
            daemon.run(*command)
            counts.append((f"commands to {'sign' if command[0] == SIGN[0] else 'read'}, {command[0]}", len(card.trace)))
    return counts
