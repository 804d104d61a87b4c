"""The authorities that a portal trusts, as its operator looks at them and adds one."""

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from portal.domain.codes import Code
from portal.domain.errors import CommandRefused
from portal.pki.errors import TrustAnchorsUnusable
from portal.pki.trust import TrustAnchors


@dataclass(frozen=True)
class Authority:
    """A certificate in the folder of authorities, and what a portal in production makes of it."""

    file: str
    certificate: x509.Certificate | None
    state: str
    """good, expired, demo (a test or demo authority), unusable (the whole folder is, with it)."""

    @property
    def fingerprint(self) -> str | None:
        """Return the SHA-256 of the certificate as authorities publish it, in pairs of digits."""
        return self.certificate.fingerprint(SHA256()).hex(":").upper() if self.certificate else None

    @property
    def subject(self) -> str | None:
        return self.certificate.subject.rfc4514_string() if self.certificate else None

    @property
    def not_after(self) -> datetime | None:
        return self.certificate.not_valid_after_utc if self.certificate else None


@dataclass(frozen=True)
class Authorities:
    """The folder of authorities of a portal in production."""

    directory: Path
    now: datetime

    def all(self) -> list[Authority]:
        """Return every certificate there is, file by file."""
        try:
            files = self._anchors().files()
        except OSError:
            return []
        return [authority for file in files for authority in self._in_file(file)]

    def candidate(self, file: Path) -> Authority:
        """Read a certificate that is to be trusted.

        Raises CommandRefused: authority-unusable, authority-expired, authority-known.
        """
        try:
            found = self._anchors().read_file(file)
        except TrustAnchorsUnusable as error:
            raise CommandRefused(Code.AUTHORITY_UNUSABLE, f"{error}.") from None
        if len(found) != 1:
            raise CommandRefused(
                Code.AUTHORITY_UNUSABLE, f"{file} holds {len(found)} certificates: give one at a time."
            )
        authority = self._seen(file, found[0])
        if authority.state == "expired":
            raise CommandRefused(Code.AUTHORITY_EXPIRED, f"{file} has expired ({authority.not_after:%Y-%m-%d}).")
        if any(known.certificate == authority.certificate for known in self.all()):
            raise CommandRefused(Code.AUTHORITY_KNOWN, f"{file} holds an authority that is trusted already.")
        return authority

    def add(self, authority: Authority) -> Path:
        """Put the file into the folder, which the portal may be reading: whole before it has its name."""
        assert authority.certificate
        self.directory.mkdir(parents=True, exist_ok=True)
        place = self.directory / f"{authority.certificate.fingerprint(SHA256()).hex()[:16]}.pem"
        with NamedTemporaryFile(dir=self.directory) as draft:  # which nobody else may write
            draft.write(authority.certificate.public_bytes(Encoding.PEM))
            draft.flush()
            os.fsync(draft.fileno())
            try:
                os.link(draft.name, place)
            except FileExistsError:
                raise CommandRefused(Code.AUTHORITY_KNOWN, f"{place} is there already.") from None
        return place

    def _anchors(self, *, production: bool = True) -> TrustAnchors:
        return TrustAnchors(self.directory, production=production)

    def _in_file(self, file: Path) -> list[Authority]:
        try:
            return [self._seen(file, one) for one in self._anchors().read_file(file)]
        except TrustAnchorsUnusable:
            pass
        try:
            return [Authority(file.name, one, "demo") for one in self._anchors(production=False).read_file(file)]
        except TrustAnchorsUnusable:
            return [Authority(file.name, None, "unusable")]

    def _seen(self, file: Path, certificate: x509.Certificate) -> Authority:
        state = "expired" if certificate.not_valid_after_utc < self.now else "good"
        return Authority(file.name, certificate, state)
