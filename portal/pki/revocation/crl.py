"""One list of revoked certificates (CRL; RFC 5280, section 5), and what makes it unusable."""

from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from typing import Self

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from portal.pki.certificate import UNREADABLE
from portal.pki.revocation.source import Period

MAX_BYTES = 64 * 1024 * 1024
ODD = (*UNREADABLE, UnsupportedAlgorithm, x509.ExtensionNotFound, TypeError)
INDIRECT = "it is indirect: it speaks for certificates of other issuers"
Point = x509.GeneralName | None
"""A distribution point, into whose certificates an issuer divides its lists; None is all of them."""


OF_ANOTHER_ISSUER = bytes.fromhex("0603551d1d")
"""The name of certificateIssuer (RFC 5280, 5.3.3), which an entry has in an indirect list alone."""


class CrlUnusable(Exception):
    """Say for the operator's log why a list is passed over."""


class Crl:
    """A list that is whole and sound in itself; whose it is, `is_by` tells."""

    def __init__(self, crl: x509.CertificateRevocationList) -> None:
        if crl.next_update_utc is None or crl.last_update_utc is None:
            raise CrlUnusable("it does not say until when it holds")
        if OF_ANOTHER_ISSUER in crl.tbs_certlist_bytes:
            raise CrlUnusable(INDIRECT)
        self._crl = crl
        self.number = crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
        self.points = frozenset(_points(crl.extensions))
        self.period = Period(crl.last_update_utc, crl.next_update_utc)

    @classmethod
    def read(cls, content: bytes) -> Self:
        """Read one list in DER or PEM; raise CrlUnusable."""
        blocks = content.count(b"-----BEGIN")
        try:
            return cls(x509.load_pem_x509_crl(content) if blocks == 1 else x509.load_der_x509_crl(content))
        except ODD as error:
            raise CrlUnusable(
                f"it is no list of revoked certificates that can be read ({type(error).__name__})"
            ) from None

    def is_by(self, issuer: x509.Certificate) -> bool:
        """Check name, right and signature of an issuer; issuers may share one name. The library refuses weak hashes."""
        try:
            usage = issuer.extensions.get_extension_for_class(x509.KeyUsage).value
            return (
                self._crl.issuer == issuer.subject
                and usage.crl_sign
                and self._crl.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]  # a TypeError says no
            )
        except ODD:
            return False

    def is_current(self, now: datetime) -> bool:
        return self.period.this_update <= now <= self.period.next_update

    @cached_property
    def serial_numbers(self) -> frozenset[int]:
        """Gather what is revoked, once: the library's own look-up walks through the whole list each time."""
        return frozenset(entry.serial_number for entry in self._crl)


def _points(extensions: x509.Extensions) -> Iterator[Point]:
    """Yield for which certificates the list speaks; raise CrlUnusable for what only a part of it would say."""
    divided = False
    for extension in extensions:
        value = extension.value
        if isinstance(value, x509.DeltaCRLIndicator):  # also where its authority did not mark it critical
            raise CrlUnusable("it is a delta: it holds the changes to another list alone")
        if isinstance(value, x509.IssuingDistributionPoint):
            if value.indirect_crl:
                raise CrlUnusable(INDIRECT)
            if value.only_some_reasons:
                raise CrlUnusable("it speaks for some reasons only")
            if value.only_contains_ca_certs or value.only_contains_attribute_certs or value.relative_name:
                raise CrlUnusable("it speaks for other certificates")
            divided = bool(value.full_name)
            yield from value.full_name or ()
        elif extension.critical:
            raise CrlUnusable(f"its critical extension {extension.oid.dotted_string} is not known here")
    if not divided:
        yield None
