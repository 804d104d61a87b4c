"""Where a citizen is signed in: a session rests on one certificate and one version of the record."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete, select

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.domain.session_lifetime import CITIZEN, IDLE
from portal.models import BrowserSession, CardSession, Certificate, Person
from portal.pki.verifier import Verifier
from portal.transactions import Service, act, reads


class SignedIn(NamedTuple):
    """A browser in which a person is signed in, since when, and when it was used last, to within five minutes."""

    since: datetime
    used_at: datetime
    here: bool


class CitizenSessions(Service):
    verifier: Verifier

    @reads
    def begun(self, card_session_id: UUID) -> tuple[UUID, int | None]:
        """Return who signed with a card that has done its work, and the version of the record then."""
        done = self.database.get_one(CardSession, card_session_id)
        assert done.person_id
        return done.person_id, done.version

    @reads
    def signed_in(self, person_id: UUID, version: int, since: datetime) -> Person:
        """Return who signed in then, while the certificate and that version of the record hold.

        Raises PortalError sign-in-needed.
        """
        now, current = self.clock(), (Certificate.person_id == Person.person_id) & Certificate.retired_at.is_(None)
        of_person = select(Person, Certificate).join(Certificate, current).where(Person.person_id == person_id)
        for person, certificate in self.database.execute(of_person):
            in_time = now < min(since + CITIZEN, certificate.not_after)
            name = (certificate.issuer_key_id, certificate.serial_number)
            if person.version == version and in_time and not self.verifier.knows_revoked(*name, now):
                return person
        raise PortalError(Code.SIGN_IN_NEEDED)

    @reads
    def all(self, person_id: UUID, here: str | None) -> list[SignedIn]:
        """List where a person is signed in, the last used first; `here` is the hash of this browser's key."""
        now, version = self.clock(), self.database.get_one(Person, person_id).version
        mine = (BrowserSession.person_id == person_id, BrowserSession.expires_at > now)
        rows = self.database.scalars(select(BrowserSession).where(*mine).order_by(BrowserSession.expires_at.desc()))
        found = [
            SignedIn(datetime.fromisoformat(row.data["signed_in_at"]), row.expires_at - IDLE, row.key_hash == here)
            for row in rows
            if row.data["version"] == version
        ]
        return [each for each in found if now < each.since + CITIZEN]

    @act
    def end_others(self, person_id: UUID, here: str | None) -> None:
        """Sign a person out everywhere but in this browser."""
        others = (BrowserSession.person_id == person_id, BrowserSession.key_hash != here)
        self.database.execute(delete(BrowserSession).where(*others))
