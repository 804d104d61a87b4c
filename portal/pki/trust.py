"""Trust anchors: the authorities that the operator has put into a directory, and no others."""

from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from portal.pki.certificate import UNREADABLE, UnverifiedCertificate
from portal.pki.errors import PkiError, TrustAnchorsUnusable
from portal.pki.path import check_authority, has_signed
from portal.pki.profile import AUTHORITY_NAME, USER_AUTHENTICATION_UNIT
from portal.pki.stamp import Stamp, is_current, stamp_of

SUFFIXES = {".pem", ".der", ".cer", ".crt"}
WHERE = "take authca*.cer from https://www.jpki.go.jp/ca/index.html, compare its fingerprint, then `mykey trust add` it"


@dataclass(frozen=True)
class _Reading:
    stamp: Stamp
    watched: tuple[str, ...]
    authorities: tuple[x509.Certificate, ...]


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
        if reading is None or not is_current(reading.watched, reading.stamp):
            reading = self._reading = self._read()
        return reading.authorities

    def files(self) -> list[Path]:
        """List the files that may hold authorities. Raise OSError where the directory is absent."""
        return sorted(file for file in self.directory.iterdir() if file.suffix.lower() in SUFFIXES)

    def read_file(self, file: Path) -> list[x509.Certificate]:
        """Return the authorities in one file, wherever it lies. Raise TrustAnchorsUnusable."""
        try:
            found = _parse(file.read_bytes())
            read = [UnverifiedCertificate.decode(one.public_bytes(Encoding.DER)) for one in found]
        except (OSError, PkiError, *UNREADABLE):
            raise TrustAnchorsUnusable(f"{file} holds no readable certificate: replace it, or take it away") from None
        for one in read:
            if problem := self._problem(one):
                raise TrustAnchorsUnusable(f"{file} {problem}")
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

    def _problem(self, authority: UnverifiedCertificate) -> str | None:
        name = authority.x509.subject
        units = [unit.value for unit in name.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)]
        if USER_AUTHENTICATION_UNIT not in units:
            return f"is no authority for user authentication ({name.rfc4514_string()}): {WHERE}"
        try:
            check_authority(authority)
        except PkiError as error:
            return f"is no authority below which a card could pass ({error}): {WHERE}"
        if not _is_self_signed(authority):
            return f"is no self-signed authority: {WHERE}"
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


def _is_self_signed(authority: UnverifiedCertificate) -> bool:
    if not has_signed(authority.x509, authority.x509):
        return False
    constraints, usage = authority.extension(x509.BasicConstraints), authority.extension(x509.KeyUsage)
    return bool(constraints and constraints.ca and usage and usage.key_cert_sign)
