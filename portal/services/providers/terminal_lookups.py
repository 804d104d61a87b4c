"""Look-ups by card through a terminal's call, the busiest act: all that wait at one moment are one transaction.

Here is done what is in order. Anything else is left as it is and told by None, and the ordinary act refuses it, or does
it, by itself: the rules and their order are there alone (`Enrolment.of_token`, `TappedCards.verify`, `Links.look_up`).
"""

from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple, cast
from uuid import UUID

from sqlalchemy import Row, Select, Table, bindparam, select, update

from portal.domain.limits import Limit
from portal.domain.providers import What
from portal.group_commit import Batches
from portal.limiter import Limiter
from portal.models import Certificate, MyKeyIdRecord, Person, ServiceLink, ServiceProvider, Terminal
from portal.pki.verifier import VerifiedCertificate
from portal.services.providers.enrolment import SEEN_EVERY
from portal.services.record.audit import Audit, Event
from portal.services.record.figures import Figures
from portal.services.record.secrecy import Secrecy
from portal.services.record.uses import Uses
from portal.transactions import Service, act

_MODELS = (Terminal, ServiceProvider, ServiceLink, Certificate, Person, MyKeyIdRecord)
_TERMINALS, _PROVIDERS, _LINKS, _CERTIFICATES, _PEOPLE, _IDS = (cast("Table", each.__table__) for each in _MODELS)
_KEY = (
    *(_TERMINALS.c.token_hash, _CERTIFICATES.c.issuer_key_id, _CERTIFICATES.c.serial_number),
    _CERTIFICATES.c.public_key_digest,
)
_NAMES = _KEY[:3]
"""What a look-up brings: the token, and the certificate by issuer and number."""
_MINE = select(_TERMINALS.c.terminal_id).where(_TERMINALS.c.terminal_id == bindparam("terminal"))
_SEEN = (
    update(_TERMINALS)
    .where(_TERMINALS.c.terminal_id == _MINE.with_for_update(skip_locked=True).scalar_subquery())
    .values(last_used_at=bindparam("at"), bridge=bindparam("called"))
)
"""Who holds the row writes the same, or is an operator; it is not waited for either."""


@cache  # an expanding parameter would be written into the statement anew each time, which is a tenth of a look-up
def _statements(number: int) -> tuple[Select[Any], Select[Any]]:
    """Make both statements about so many look-ups: who is to be held, and what must be known.

    To hold, nobody is waited for, so that no two transactions wait for each other; who is held already is looked up
    alone. To know is a row for each terminal and card that may, where the person has a link.
    """
    token, *named = (
        each.in_([bindparam(f"{each.name}{n}", type_=each.type) for n in range(number)]) for each in _NAMES
    )
    hold = select(_PEOPLE.c.person_id).where(_PEOPLE.c.person_id.in_(select(_CERTIFICATES.c.person_id).where(*named)))
    know = (
        select(_TERMINALS.c.terminal_id, _TERMINALS.c.last_used_at, _LINKS, *_KEY)
        .join(_TERMINALS, _TERMINALS.c.service_provider_id == _LINKS.c.service_provider_id)
        .join(_PROVIDERS, _PROVIDERS.c.service_provider_id == _LINKS.c.service_provider_id)
        .join(_CERTIFICATES, _CERTIFICATES.c.person_id == _LINKS.c.person_id)
        .join(_PEOPLE, _PEOPLE.c.person_id == _LINKS.c.person_id)
        .join(_IDS, _IDS.c.person_id == _LINKS.c.person_id)
        .where(token, *named, _TERMINALS.c.revoked_at.is_(None), _PROVIDERS.c.suspended_at.is_(None))
        .where(_PEOPLE.c.stopped_at.is_(None), _CERTIFICATES.c.retired_at.is_(None), _IDS.c.retired_at.is_(None))
    )
    return hold.with_for_update(read=True, skip_locked=True), know


class Asked(NamedTuple):
    """A terminal's token, a card that was verified, and what the bridge calls itself."""

    token_hash: str
    issuer_key_id: str
    serial_number: str
    public_key_digest: str
    bridge: str | None


class Found(NamedTuple):
    """A provider's own service ID."""

    service_provider_id: str
    service_id: str


class Lookups(Service):
    secrecy: Secrecy
    good_tokens: set[str]
    limiter: Limiter
    terminal_calls: Limit
    lookups_at_once: Batches[Asked, Found | None]
    uses: Uses
    figures: Figures
    audit: Audit

    def knows(self, token: str) -> bool:
        """Tell whether a token was good when it came last; no card is verified for others before they are looked up."""
        return self.secrecy.hash("terminal-token", token) in self.good_tokens

    def look_up(self, token: str, certificate: VerifiedCertificate, bridge: str | None) -> Found | None:
        """Look one up together with what other threads ask, and write its use; None where anything is not in order.

        Raises PortalError unavailable where its turn did not come.
        """
        found = certificate
        named = (found.issuer_key_id, found.serial_number, found.public_key_digest)
        asked = Asked(self.secrecy.hash("terminal-token", token), *named, bridge)
        return self.lookups_at_once.ask(asked, self.look_up_all)

    @act
    def look_up_all(self, asked: Sequence[Asked]) -> list[Found | None]:
        """Look up what is in order, with one statement for each table whatever their number."""
        hold, know = _statements(len(asked))
        named = {f"{name.name}{n}": each[place] for n, each in enumerate(asked) for place, name in enumerate(_NAMES)}
        connection = self.database.connection()
        held = connection.dialect.name == "sqlite" or set(connection.scalars(hold, named))
        rows = {
            row[-len(_KEY) :]: row
            for row in connection.execute(know, named)
            if held is True or row.person_id in held  # else joined to another between the two statements
        }
        found = [rows.get(each[: len(_KEY)]) for each in asked]
        answers = [self._told(row) if row else None for row in found]
        self._see({row.terminal_id: (row, each.bridge) for row, each in zip(found, asked, strict=True) if row})
        self._write([row for row, told in zip(found, answers, strict=True) if row and told])
        return answers

    def _told(self, row: Row[Any]) -> Found | None:
        within = self.limiter.hit(self.terminal_calls, row.terminal_id)
        return Found(row.service_provider_id, row.service_id) if within else None

    def _see(self, terminals: dict[UUID, tuple[Row[Any], str | None]]) -> None:
        """Write when terminals were last used, where that is due."""
        now = self.clock()
        for terminal_id, (row, bridge) in terminals.items():
            if row.last_used_at is None or now - row.last_used_at >= SEEN_EVERY:
                seen = {"terminal": terminal_id, "at": now, "called": bridge}
                self.database.connection().execute(_SEEN, seen)

    def _write(self, rows: Sequence[Row[Any]]) -> None:
        """Write uses, figures and entries; the figures in one order, so that no two transactions cross there."""
        uses = self.uses.write_many(What.LOOKED_UP, [(row.person_id, row.service_provider_id) for row in rows])
        digests = list(map(self.uses.digest_of, uses))
        for provider_id, times in sorted(Counter(row.service_provider_id for row in rows).items()):
            self.figures.count(provider_id, What.LOOKED_UP, times)
        self.audit.entries(Event.LOOKED_UP, digests)
