"""Cards that are read at a provider, without a PIN: verified, and whose they are."""

from typing import NamedTuple, cast
from uuid import UUID

from sqlalchemy import Table, and_, bindparam, select

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.models import Certificate, MyKeyIdRecord, Person
from portal.pki.verifier import ReadCertificate, TracedCertificate, Verifier
from portal.transactions import Service, act, reads

# Made once: every tap runs them.
_PEOPLE, _CERTIFICATES, _IDS = (cast("Table", each.__table__) for each in (Person, Certificate, MyKeyIdRecord))
_NAMED = and_(
    _CERTIFICATES.c.issuer_key_id == bindparam("issuer_key_id"),
    _CERTIFICATES.c.serial_number == bindparam("serial_number"),
)
_HOLD = (
    select(_PEOPLE.c.person_id)
    .where(_PEOPLE.c.person_id == select(_CERTIFICATES.c.person_id).where(_NAMED).scalar_subquery())
    .with_for_update()
)
_STANDING = (
    select(_CERTIFICATES.c.public_key_digest, _CERTIFICATES.c.person_id, _IDS.c.mykey_id, _PEOPLE.c.stopped_at)
    .join(_PEOPLE, _PEOPLE.c.person_id == _CERTIFICATES.c.person_id)
    .join(_IDS, _IDS.c.person_id == _CERTIFICATES.c.person_id)
    .where(_NAMED, _CERTIFICATES.c.retired_at.is_(None), _IDS.c.retired_at.is_(None))
)
"""One row for a certificate that names somebody with a MyKey ID now."""


class CardHolder(NamedTuple):
    """Whose a card is, and their MyKey ID; the person is held until the transaction ends."""

    person_id: UUID
    mykey_id: str


class TappedCards(Service):
    """A certificate that was only read is a claimed identity: good for a provider's own links, and for nothing else."""

    verifier: Verifier

    @act
    def verify(self, der: bytes, *, traced: TracedCertificate | None = None) -> CardHolder:
        """Verify a certificate that was only read, or has been traced; one of nobody is refused before revocation.

        Raises PortalError: mykey-id-not-registered, mykey-id-stopped; PkiError.
        """
        traced = traced or self.verifier.trace(der, self.clock())
        holder = self._holder(traced.read)
        self.verifier.check_revocation(traced, self.clock())
        return holder

    @reads
    def look(self, der: bytes) -> CardHolder:
        """Return whose card was read, for a page that only shows it. Raises PortalError as verify; PkiError."""
        return self._standing(self.verifier.trace(der, self.clock()).read)

    def _holder(self, certificate: ReadCertificate) -> CardHolder:
        """Return whose card it is, held as by People.held, but in two statements, for every tap runs them.

        One whose record has gone on, or that only reserved, names nobody; another key under a known serial number
        names nobody either: that is for staff to see when it registers, not for a shop. Raises PortalError:
        mykey-id-not-registered, mykey-id-stopped.
        """
        held = self.database.connection().scalar(_HOLD, _named(certificate))
        holder = self._standing(certificate)
        return holder if holder.person_id == held else self._holder(certificate)  # joined to another meanwhile

    def _standing(self, certificate: ReadCertificate) -> CardHolder:
        standing = self.database.connection().execute(_STANDING, _named(certificate)).one_or_none()
        if standing is None or standing.public_key_digest != certificate.public_key_digest:
            raise PortalError(Code.MYKEY_ID_NOT_REGISTERED)
        if standing.stopped_at:
            raise PortalError(Code.MYKEY_ID_STOPPED)
        return CardHolder(standing.person_id, standing.mykey_id)


def _named(certificate: ReadCertificate) -> dict[str, str]:
    return {"issuer_key_id": certificate.issuer_key_id, "serial_number": certificate.serial_number}
