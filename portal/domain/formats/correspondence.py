"""A correspondence file of a certified verifier: which new certificate replaces which old one."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

HEADER = "old_issuer_key_id,old_serial_number,new_issuer_key_id,new_serial_number"
_LINE = re.compile("([0-9a-f]{64}),([1-9a-f][0-9a-f]{0,39}),([0-9a-f]{64}),([1-9a-f][0-9a-f]{0,39})")


class IssuerAndSerial(NamedTuple):
    """Identify a certificate: SHA-256 of its issuer's key and serial number, both hex. Issuers may share a number."""

    issuer_key_id: str
    serial_number: str


class CertificatePair(NamedTuple):
    number: int
    old: IssuerAndSerial
    new: IssuerAndSerial


class LineMalformed(ValueError):
    """Say which line is not as HEADER says; `number` counts from 1."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def read_lines(content: bytes) -> list[CertificatePair]:
    """Read UTF-8 CSV with its header, with or without a byte order mark, or raise LineMalformed."""
    first, *rest = content.decode("utf-8-sig", "replace").splitlines() or [""]
    if first != HEADER:
        raise LineMalformed(1)
    lines = []
    for number, text in enumerate(rest, start=2):
        if not (parts := _LINE.fullmatch(text)):
            raise LineMalformed(number)
        lines.append(CertificatePair(number, IssuerAndSerial(parts[1], parts[2]), IssuerAndSerial(parts[3], parts[4])))
    return lines


def tangled(lines: list[CertificatePair]) -> Iterator[CertificatePair]:
    """Yield the lines that name a certificate twice: forks, chains, cycles, and one that replaces itself."""
    named = Counter(name for line in lines for name in (line.old, line.new))
    return (line for line in lines if named[line.old] > 1 or named[line.new] > 1)
