"""Revocation data out of the operator's folder of lists (CRL); names inside a certificate or a list lead nowhere."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock

from cryptography import x509

from portal.pki.path import key_digest
from portal.pki.revocation.crl import MAX_BYTES, ODD, Crl, CrlUnusable, Point
from portal.pki.revocation.crl_numbers import CrlNumbers
from portal.pki.revocation.source import Period, RevocationStatus
from portal.pki.stamp import Stamp, is_current, stamp_of

_log = logging.getLogger(__name__)
Lists = dict[Point, Crl]
NOT_SIGNED = "no authority of trust/ that may sign lists has signed it"


class CrlFolder:
    """Read `*.crl` again whenever a file has changed; pass over what is unusable, which leaves its issuer unknown."""

    def __init__(self, directory: Path, *, max_bytes: int = MAX_BYTES) -> None:
        self.directory = directory
        self._max_bytes = max_bytes
        self._numbers = CrlNumbers(directory.with_name(f"{directory.name}-numbers.json"))
        self._reading: _Reading | None = None
        self._lock = Lock()  # of many threads one reads a changed list, which may take seconds

    def status(self, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> RevocationStatus:
        with self._lock:
            current = self._current(certificate, issuer, now)
            if not current:
                return RevocationStatus.UNKNOWN
            revoked = any(certificate.serial_number in crl.serial_numbers for crl in current)
        return RevocationStatus.REVOKED if revoked else RevocationStatus.GOOD

    def names(self, issuer: x509.Certificate, serial_number: int, now: datetime) -> bool:
        """Tell whether a list of an issuer that counts holds a number, out of date or not."""
        with self._lock:
            return any(serial_number in crl.serial_numbers for crl in self._lists_of(issuer, now).values())

    def period(self, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> Period | None:
        with self._lock:
            current = self._current(certificate, issuer, now)
        return max(crl.period for crl in current) if current else None

    def ends(self, issuers: Iterable[x509.Certificate], now: datetime) -> list[datetime | None]:
        """Return until when each issuer's revocations are known; None where no list of it holds now."""
        with self._lock:
            lists = [self._lists_of(issuer, now).values() for issuer in issuers]
        current = ([crl.period.next_update for crl in each if crl.is_current(now)] for each in lists)
        return [max(each, default=None) for each in current]

    def lists(self) -> tuple[Crl, ...]:
        """Return the readable lists; whose they are is not checked yet."""
        return tuple(self._read().lists.values())

    def look(self, issuers: Iterable[x509.Certificate], now: datetime) -> tuple[list[list[Crl]], dict[Path, str]]:
        """Return the lists that hold now of each issuer, and why each file that does not count is refused.

        Nothing is kept.
        """
        reading = self._read()
        found = [reading.of(issuer, now, self._numbers).lists.values() for issuer in issuers]
        signed = {id(crl) for lists in reading.by_issuer.values() for crl in lists.signed}
        foreign = {file: NOT_SIGNED for file, crl in reading.lists.items() if id(crl) not in signed}
        return [[crl for crl in lists if crl.is_current(now)] for lists in found], foreign | reading.refused

    def _read(self) -> "_Reading":
        reading = self._reading
        if reading is None or not is_current(reading.watched, reading.stamp):
            reading = self._reading = _Reading(self.directory, self._max_bytes)
        return reading

    def _current(self, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> list[Crl]:
        lists = self._lists_of(issuer, now)
        points = _points_of(certificate) if lists.keys() - {None} else [None]  # to read them takes its time
        found = {id(crl): crl for point in points if (crl := lists.get(point))}
        return [crl for crl in found.values() if crl.is_current(now)]

    def _lists_of(self, issuer: x509.Certificate, now: datetime) -> Lists:
        """Return the lists of an issuer that count, and keep their numbers, whoever asks first."""
        reading = self._read()
        known, found = reading.by_issuer.get(issuer), reading.of(issuer, now, self._numbers)
        if found is not known:
            self._numbers.keep(found.numbers)
        return found.lists


@dataclass(frozen=True)
class _OfIssuer:
    """What an issuer signed: its newest list of each distribution point, and when one that is too early will begin."""

    signed: list[Crl]
    lists: Lists
    numbers: dict[str, int]
    until: datetime | None


class _Reading:
    """What the folder held at one moment."""

    def __init__(self, directory: Path, max_bytes: int) -> None:
        self.watched: tuple[str, ...] = (str(directory),)
        self.stamp: Stamp | None = None
        self.by_issuer: dict[x509.Certificate, _OfIssuer] = {}
        self.lists: dict[Path, Crl] = {}
        self.refused: dict[Path, str] = {}
        try:
            files = sorted(file for file in directory.iterdir() if file.suffix.lower() == ".crl" and file.is_file())
            self.watched += tuple(map(str, files))
            self.stamp = stamp_of(self.watched)  # before reading: what changes meanwhile is read again
            for file in files:
                try:
                    self.lists[file] = Crl.read(_content(file, max_bytes))
                except CrlUnusable as error:
                    self._refuse(file, str(error))
        except OSError as error:
            self.stamp = None  # to be tried again
            _log.error("%s cannot be read (%s)", error.filename or directory, error.strerror)

    def of(self, issuer: x509.Certificate, now: datetime, numbers: CrlNumbers) -> _OfIssuer:
        """Return what this issuer signed; checked once, and again when a list begins that was too early."""
        found = self.by_issuer.get(issuer)
        if found is None or (found.until and now >= found.until):
            found = self.by_issuer[issuer] = self._of(issuer, now, numbers)
        return found

    def _of(self, issuer: x509.Certificate, now: datetime, numbers: CrlNumbers) -> _OfIssuer:
        signed = {file: crl for file, crl in self.lists.items() if crl.is_by(issuer)}
        if not signed:
            _log.error("%s: no list by %s", self.watched[0], issuer.subject.rfc4514_string())
        lists: Lists = {}
        seen: dict[str, int] = {}
        for file, crl in sorted(signed.items(), key=lambda item: item[1].number):
            self.refused.pop(file, None)
            keys = {point: f"{key_digest(issuer)} {point}" for point in crl.points}
            last = max(numbers.last(key) for key in keys.values())
            if crl.period.this_update > now:
                self._refuse(file, f"it is from the future ({crl.period.this_update:%Y-%m-%d %H:%M} UTC)")
            elif crl.number < last:
                self._refuse(file, f"its number {crl.number} is older than {last}, which was here before")
            else:
                lists |= dict.fromkeys(crl.points, crl)
                seen |= dict.fromkeys(keys.values(), crl.number)
        early = [crl.period.this_update for crl in signed.values() if crl.period.this_update > now]
        return _OfIssuer(list(signed.values()), lists, seen, min(early, default=None))

    def _refuse(self, file: Path, reason: str) -> None:
        self.refused[file] = reason
        _log.error("%s is passed over: %s", file, reason)


def _content(file: Path, max_bytes: int) -> bytes:
    if file.stat().st_size > max_bytes:
        raise CrlUnusable(f"it is larger than {max_bytes} bytes")
    return file.read_bytes()


def _points_of(certificate: x509.Certificate) -> Iterator[Point]:
    """Yield the distribution points at which a certificate could be listed."""
    yield None
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except ODD:
        return
    for point in points:
        yield from point.full_name or ()
