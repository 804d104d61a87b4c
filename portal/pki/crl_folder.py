"""Revocation data out of the operator's folder of lists (CRL); names inside a certificate or a list lead nowhere."""

import logging
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from threading import Lock

from cryptography import x509

from portal.pki.crl import MAX_BYTES, ODD, Crl, CrlUnusable, Point
from portal.pki.revocation import Period, RevocationStatus
from portal.pki.stamp import Stamp, stamp_of

_log = logging.getLogger(__name__)
Lists = dict[Point, Crl]


class CrlFolder:
    """Read `*.crl` again whenever a file has changed; pass over what is unusable, which leaves its issuer unknown."""

    def __init__(self, directory: Path, *, max_bytes: int = MAX_BYTES) -> None:
        self.directory = directory
        self._max_bytes = max_bytes
        self._reading: _Reading | None = None
        self._lock = Lock()  # of many threads one reads a changed list, which may take seconds

    def status(self, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> RevocationStatus:
        with self._lock:
            current = self._current(certificate, issuer, now)
            if not current:
                return RevocationStatus.UNKNOWN
            revoked = any(certificate.serial_number in crl.serial_numbers for crl in current)
        return RevocationStatus.REVOKED if revoked else RevocationStatus.GOOD

    def names(self, issuer: x509.Certificate, serial_number: int) -> bool:
        """Tell whether any list of an issuer holds a number, out of date or not."""
        with self._lock:
            self.lists()
            assert self._reading
            return any(serial_number in crl.serial_numbers for crl in self._reading.of(issuer).values())

    def period(self, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> Period | None:
        with self._lock:
            current = self._current(certificate, issuer, now)
        return max(crl.period for crl in current) if current else None

    def lists(self) -> tuple[Crl, ...]:
        """Return the usable lists; whose they are is not checked yet."""
        reading = self._reading
        if reading is None or not reading.is_current():
            reading = self._reading = _Reading(self.directory, self._max_bytes)
        return reading.lists

    def _current(self, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> list[Crl]:
        self.lists()
        assert self._reading
        lists = self._reading.of(issuer)
        points = _points_of(certificate) if lists.keys() - {None} else [None]  # to read them takes its time
        found = {id(crl): crl for point in points if (crl := lists.get(point))}
        return [crl for crl in found.values() if crl.is_current(now)]


class _Reading:
    """What the folder held at one moment."""

    def __init__(self, directory: Path, max_bytes: int) -> None:
        self._watched: tuple[str, ...] = (str(directory),)
        self._stamp: Stamp | None = None
        self._by_issuer: dict[x509.Certificate, Lists] = {}
        self.lists: tuple[Crl, ...] = ()
        try:
            files = sorted(file for file in directory.iterdir() if file.suffix.lower() == ".crl" and file.is_file())
            self._watched += tuple(map(str, files))
            self._stamp = stamp_of(self._watched)  # before reading: what changes meanwhile is read again
            self.lists = tuple(_usable(files, max_bytes))
        except OSError as error:
            self._stamp = None  # to be tried again
            _log.error("%s cannot be read (%s)", error.filename or directory, error.strerror)

    def is_current(self) -> bool:
        try:
            return stamp_of(self._watched) == self._stamp
        except OSError:
            return False

    def of(self, issuer: x509.Certificate) -> Lists:
        """Return the newest list of each distribution point that this issuer signed; checked once."""
        if issuer not in self._by_issuer:
            signed = sorted((crl for crl in self.lists if crl.is_by(issuer)), key=lambda crl: crl.number)
            self._by_issuer[issuer] = {point: crl for crl in signed for point in crl.points}
        return self._by_issuer[issuer]


def _usable(files: list[Path], max_bytes: int) -> Iterator[Crl]:
    for file in files:
        try:
            yield Crl.read(_content(file, max_bytes))
        except CrlUnusable as error:
            _log.error("%s is passed over: %s", file, error)


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
