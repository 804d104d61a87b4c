"""The demo's folder: its authority and the certificates of its cards, made at the first start and kept."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID

from demo.authority import Authority
from portal.domain.errors import NotConfiguredError
from portal.domain.formats.japanese_date import JST
from portal.domain.formats.typed_code import code_of

Pair = tuple[x509.Certificate, rsa.RSAPrivateKey]
_LONG = timedelta(days=20 * 365)
_OF_A_CARD = timedelta(days=4 * 365)
_PAST = timedelta(days=30)


class DemoInstance:
    """Keep `trust/` as a portal's instance does, and beside it `demo/` with a key and certificate a file."""

    def __init__(self, folder: Path, now: datetime | None = None) -> None:
        if (folder / "secret.key").exists() and not (folder / "demo").exists():
            raise NotConfiguredError(f"{folder} belongs to a portal that is no demo: name another folder.")
        self.folder = folder
        self._now = (now or datetime.now(UTC)).replace(microsecond=0)
        for each in ("trust", "demo"):
            (folder / each).mkdir(parents=True, exist_ok=True)
        self.authority = Authority(*self._kept("authority", self._new_authority))
        _write(folder / "trust" / "demo.pem", self.authority.pem())

    def issued(self, name: str, common_name: str, *, expired: bool = False) -> Pair:
        """Return a card's certificate and key, the same ones at every start."""
        end = self._now - _PAST if expired else self._now + _OF_A_CARD

        def issue() -> Pair:
            key = rsa.generate_private_key(65537, 2048)
            return self.authority.issue(
                common_name, public_key=key.public_key(), not_before=end - _OF_A_CARD - _PAST, not_after=end
            ), key

        return self._kept(name, issue)

    def serial_number(self, name: str) -> str:
        """Return the serial number of a card's certificate as it is now, in hex."""
        certificate, _ = self._read(name)
        return f"{certificate.serial_number:x}"

    def renewed(self, name: str) -> Pair:
        """Issue a card's next certificate with other 14 characters, to the same birthday in five years."""
        end = self._read(name)[0].not_valid_after_utc.astimezone(JST)
        last_day = min(end.day, 28) if end.month == 2 else end.day  # noqa: PLR2004 - February
        year = datetime.now(UTC).year + 5
        return self.reissued(name, code_of(os.urandom(24), 14), end.replace(year=year, day=last_day))

    def reissued(self, name: str, random_string: str, not_after: datetime | None = None) -> Pair:
        """Issue a card's next certificate with these 14 characters and a new key, and keep it in place of the last."""
        last, _ = self._read(name)
        [common_name] = last.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        key = rsa.generate_private_key(65537, 2048)
        certificate = self.authority.issue(
            random_string + str(common_name.value)[len(random_string) :],
            public_key=key.public_key(),
            not_before=datetime.now(UTC).replace(microsecond=0),
            not_after=not_after or last.not_valid_after_utc,
        )
        self._keep(name, (certificate, key))
        return certificate, key

    def _new_authority(self) -> Pair:
        key = rsa.generate_private_key(65537, 2048)
        authority = Authority.create(not_before=self._now - _LONG, not_after=self._now + _LONG, key=key)
        return authority.certificate, key

    def _kept(self, name: str, make: Callable[[], Pair]) -> Pair:
        if not self._file(name).exists():
            self._keep(name, make())
        return self._read(name)

    def _keep(self, name: str, pair: Pair) -> None:
        certificate, key = pair
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        _write(self._file(name), private + certificate.public_bytes(Encoding.PEM))

    def _read(self, name: str) -> Pair:
        content = self._file(name).read_bytes()
        loaded = load_pem_private_key(content, None)
        assert isinstance(loaded, rsa.RSAPrivateKey)
        return x509.load_pem_x509_certificate(content), loaded

    def _file(self, name: str) -> Path:
        return self.folder / "demo" / f"{name}.pem"


def _write(file: Path, content: bytes) -> None:
    """Write the whole file or nothing of it, readable by its owner alone."""
    unfinished = file.with_suffix(f".{os.getpid()}")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as open_file:
        open_file.write(content)
    unfinished.replace(file)
