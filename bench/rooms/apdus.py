"""Commands to a card and seconds of a whole reading, ours beside OpenSC's on the same virtual reader."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from time import monotonic

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from bench.figure import Figure
from demo.authority import Authority
from demo.virtual_card import VirtualCard
from demo.virtual_card.readers import VirtualReaders
from reader_bridge.card.jpki import Jpki
from tests.pcsc.desk.daemon import Daemon

ROUNDS = 15
OURS, THEIRS = (sys.executable, "-m", "reader_bridge", "show"), ("pkcs15-tool", "--read-certificate", "1")
SIGN = ("pkcs11-tool", "--sign", "--mechanism", "SHA256-RSA-PKCS", "--login", "--pin", "1234", "--id", "01")


def run() -> list[tuple[str, float] | Figure]:
    """Return counts, the bridge's in process, and medians in seconds, both over a PC/SC daemon of their own."""
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


def theirs(card: VirtualCard) -> list[tuple[str, float] | Figure]:
    counts: list[tuple[str, float] | Figure] = []
    with Daemon() as daemon:
        daemon.insert(card)
        rounds = [(_seconds(daemon, THEIRS), _seconds(daemon, OURS)) for _ in range(ROUNDS)]
        for command in (THEIRS, (*SIGN, "--input-file", __file__)):
            card.trace.clear()
            daemon.run(*command)
            counts.append((f"commands to {'sign' if command[0] == SIGN[0] else 'read'}, {command[0]}", len(card.trace)))
    floor, spent = zip(*rounds, strict=True)
    return [
        *counts,
        Figure.of("floor: seconds of `pkcs15-tool --read-certificate`", floor),
        Figure.of("seconds of `reader-bridge show` (target 0.25)", spent),
    ]


def _seconds(daemon: Daemon, command: tuple[str, ...]) -> float:
    begin = monotonic()
    subprocess.run(command, env=os.environ | daemon.environment, check=True, capture_output=True)
    return monotonic() - begin
