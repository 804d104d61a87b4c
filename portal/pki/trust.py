"""Trust anchors: the authorities that the operator has put into a directory, and no others."""

from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.x509.oid import NameOID

from portal.pki.certificate import UNREADABLE
from portal.pki.errors import PkiError, TrustAnchorsUnusable
from portal.pki.profile import AUTHORITY_NAME, USER_AUTHENTICATION_UNIT
from portal.pki.signature import algorithm_of
from portal.pki.stamp import Stamp, stamp_of

SUFFIXES = {".pem", ".der", ".cer", ".crt"}
WHERE = "take authca*.cer from https://www.jpki.go.jp/ca/index.html, compare its fingerprint, then `mykey trust add` it"


@dataclass(frozen=True)
class _Reading:
    stamp: Stamp
    watched: tuple[str, ...]
    authorities: tuple[x509.Certificate, ...]

    def is_current(self) -> bool:
        try:
            return stamp_of(self.watched) == self.stamp
        except OSError:
            return False


class TrustAnchors:
    """Read the directory again whenever it has changed; refuse all of it while one file is bad."""

    def __init__(self, directory: Path, *, production: bool) -> None:
        self.directory = directory
        self._production = production
        self._reading: _Reading | None = None

    def certificates(self) -> tuple[x509.Certificate, ...]:
        """Return the authorities, expired generations too; the same tuple for as long as nothing has changed.

        Raise TrustAnchorsUnusable where the directory is absent or empty, or a file in it is no authority for us.
        """
        reading = self._reading
        if reading is None or not reading.is_current():
            reading = self._reading = self._read()
        return reading.authorities

    def files(self) -> list[Path]:
        """List the files that may hold authorities. Raise OSError where the directory is absent."""
        return sorted(file for file in self.directory.iterdir() if file.suffix.lower() in SUFFIXES)

    def read_file(self, file: Path) -> list[x509.Certificate]:
        """Return the authorities in one file, wherever it lies. Raise TrustAnchorsUnusable."""
        try:
            found = _parse(file.read_bytes())
            problems = [problem for one in found if (problem := self._problem(one))]
        except (OSError, UnsupportedAlgorithm, *UNREADABLE):
            raise TrustAnchorsUnusable(f"{file} holds no readable certificate: replace it, or take it away") from None
        if problems:
            raise TrustAnchorsUnusable(f"{file} {problems[0]}")
        return found

    def _read(self) -> _Reading:
        try:
            files = self.files()
            watched = (str(self.directory), *map(str, files))
            stamp = stamp_of(watched)  # before reading: what changes meanwhile is read again
        except OSError as error:
            raise TrustAnchorsUnusable(f"{self.directory} cannot be read ({error.strerror}): {WHERE}") from None
        authorities = tuple(dict.fromkeys(one for file in files for one in self.read_file(file)))
        if not authorities:
            raise TrustAnchorsUnusable(f"{self.directory} holds no authority: {WHERE}")
        return _Reading(stamp, watched, authorities)

    def _problem(self, authority: x509.Certificate) -> str | None:
        name = authority.subject
        units = [unit.value for unit in name.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)]
        if USER_AUTHENTICATION_UNIT not in units:
            return f"is no authority for user authentication ({name.rfc4514_string()}): {WHERE}"
        if not _is_self_signed_authority(authority):
            return f"is no self-signed authority with a sound key: {WHERE}"
        if self._production and name != AUTHORITY_NAME:
            return f"is a test or demo authority ({name.rfc4514_string()}), which production refuses: {WHERE}"
        return None


def _parse(content: bytes) -> list[x509.Certificate]:
    blocks = content.count(b"-----BEGIN")
    if not blocks:
        return [x509.load_der_x509_certificate(content)]
    found = x509.load_pem_x509_certificates(content)
    if len(found) != blocks:  # a block that is cut off, or no certificate, is passed over in silence
        raise ValueError
    return found


def _is_self_signed_authority(certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(certificate)
        algorithm_of(certificate.public_key())
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage)
    except (ValueError, TypeError, InvalidSignature, PkiError, x509.ExtensionNotFound):
        return False
    return constraints.critical and constraints.value.ca and usage.critical and usage.value.key_cert_sign
