"""元に戻す: a move keeps the record as it is, and the key before it takes it back as it was.

What came in between is put aside with the move: it works nowhere, holder and staff see it, and it goes after its time.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table, delete, select, tuple_, update

from portal.domain.continuity import ASIDE
from portal.domain.errors import PortalError
from portal.models import Certificate, Move, MyKeyIdRecord, ServiceProvider
from portal.services.record.people import People
from portal.services.record.table_rows import TABLES, plain, read_row
from portal.transactions import Service

Row = dict[str, Any]
Rows = dict[str, list[Row]]
"""Rows by the names of their tables."""
FOR_EVER = ("person", "certificate", "mykey_id")
"""Tables whose rows are never deleted: they are given back as they were, or retired."""
KEYS = {
    "service_link": ("service_provider_id", "service_id"),
    "pending_link": ("service_provider_id", "service_id"),
    "reservation": ("receipt_number",),
    "stop_code": ("code_hash",),
    "carry_over_code": ("code_hash",),
}
"""What else hangs on a person, and the columns by which two rows are one thing."""
USES = TABLES["id_use"]
NOT_SHOWN = {"person_id", "code_hash", "use_id"}


class BeforeMove(Service):
    people: People

    def kept(self, person_id: UUID, joins: UUID | None) -> Rows:
        """Return the record that moves, and the fresh one that may be joined to it, as JSON by table.

        Of uses only those of the other one, which must be told apart later.
        """
        self.database.flush()
        people = {person_id, joins or person_id}
        kept = {name: self._rows(TABLES[name], TABLES[name].c.person_id.in_(people)) for name in (*FOR_EVER, *KEYS)}
        return kept | {"id_use": self._rows(USES, USES.c.person_id == joins) if joins else []}

    def give_back(self, move: Move) -> dict[str, str]:
        """Give back what a move kept, and put aside what came since; the caller holds the people of the move.

        Returns how much was added since, and of how much the place was taken by somebody else.
        """
        kept = {name: [_read(TABLES[name], row) for row in rows] for name, rows in (move.before or {}).items()}
        people = people_of(move)
        self._give_back_names(kept, people)
        found = {"added": {name: self._cleared(name, kept[name], people) for name in KEYS}}
        found["taken"] = {name: self._restored(name, kept[name]) for name in KEYS}
        found["added"]["id_use"] = self._part_uses(kept["id_use"], people, move)
        move.undone_at, move.before, move.kept_until = self.clock(), None, None
        counts = {why: sum(map(len, each.values())) for why, each in found.items()}
        if any(counts.values()):
            move.aside, move.kept_until = self._shown(found), self.clock() + ASIDE
        return {why: str(count) for why, count in counts.items()}

    def _rows(self, table: Table, where: ColumnElement[bool]) -> list[Row]:
        return [plain(table, row) for row in self.database.execute(select(table).where(where))]

    def _give_back_names(self, kept: Rows, people: list[UUID]) -> None:
        """Let people, certificates and IDs be what they were; those that were not there before are retired."""
        for row in kept["person"]:
            person = self.people.lock(row["person_id"])
            for column in ("ended_at", "stopped_at", "stopped_by"):
                setattr(person, column, row[column])
        borne_by = {_of(("random_string", "terminal_code"), row): row["person_id"] for row in kept["certificate"]}
        models: tuple[Any, ...] = (Certificate, MyKeyIdRecord)
        for model in models:
            key = [column.name for column in model.__table__.primary_key]
            before = {_of(key, row): row for row in kept[model.__tablename__]}
            theirs = select(model).where(model.person_id.in_(people)).execution_options(populate_existing=True)
            for each in self.database.scalars(theirs).all():
                name = tuple(getattr(each, column) for column in key)
                there = {"person_id": borne_by.get(name, each.person_id), "retired_at": each.retired_at or self.clock()}
                for column, value in before.get(name, there).items():
                    setattr(each, column, value)
        self.database.flush()

    def _cleared(self, name: str, kept: Iterable[Row], people: list[UUID]) -> list[Row]:
        """Take away what hangs on the people now, and return what of it was not there before."""
        table, key = TABLES[name], KEYS[name]
        gone = delete(table).where(table.c.person_id.in_(people)).returning(*table.columns)
        rows = [dict(row) for row in self.database.execute(gone).mappings()]
        for row in rows:
            if name == "reservation" and row["ended_at"] is None:
                self.people.release(row["person_id"], row["mykey_id"])
        before = {_of(key, row) for row in kept}
        return [row for row in rows if _of(key, row) not in before]

    def _restored(self, name: str, kept: list[Row]) -> list[Row]:
        """Write rows again, and return those whose place somebody else has taken since."""
        taken = self._in_use(kept) if name == "service_link" else []
        if name == "reservation":
            taken = [row for row in kept if not self._reserve_again(row)]
        if rows := [row for row in kept if row not in taken]:
            self.database.execute(TABLES[name].insert(), rows)
        return taken

    def _in_use(self, links: list[Row]) -> list[Row]:
        """Return the links whose service ID is somebody else's now."""
        columns = [TABLES["service_link"].c[name] for name in KEYS["service_link"]]
        wanted = {_of(KEYS["service_link"], row): row for row in links}
        if not wanted:
            return []
        return [
            wanted[tuple(each)] for each in self.database.execute(select(*columns).where(tuple_(*columns).in_(wanted)))
        ]

    def _reserve_again(self, row: Row) -> bool:
        """Take the characters of a reservation that would still hold; tell whether it may be written."""
        if row["ended_at"] is None and row["expires_at"] > self.clock():
            try:
                self.people.choose(row["person_id"], row["mykey_id"], row["expires_at"], row["reserved_at"])
            except PortalError:
                return False
        return True

    def _part_uses(self, kept: list[Row], people: list[UUID], move: Move) -> list[Row]:
        """Give each its own uses of before, and take away and return those since."""
        ids = [row["use_id"] for row in kept]
        since = (USES.c.person_id.in_(people), USES.c.used_at >= move.moved_at, USES.c.use_id.not_in(ids))
        added = self.database.execute(delete(USES).where(*since).returning(*USES.columns)).mappings().all()
        if kept:
            back = update(USES).where(USES.c.use_id.in_(ids)).values(person_id=kept[0]["person_id"])
            self.database.execute(back)
        return [dict(row) for row in added]

    def _shown(self, found: dict[str, dict[str, list[Row]]]) -> dict[str, dict[str, list[Row]]]:
        """Write what was put aside as holder and staff see it: by provider's name, and without hashes."""
        rows = (row for each in found.values() for rows in each.values() for row in rows)
        provider = ServiceProvider.service_provider_id
        known = provider.in_({row.get("service_provider_id") for row in rows})
        names = {row[0]: row[1] for row in self.database.execute(select(provider, ServiceProvider.name).where(known))}

        def shown(name: str, row: Row) -> Row:
            facts = {key: value for key, value in plain(TABLES[name], row.values()).items() if key not in NOT_SHOWN}
            return facts | ({"name": names.get(row["service_provider_id"])} if "service_provider_id" in row else {})

        return {
            why: {name: [shown(name, row) for row in rows] for name, rows in each.items() if rows}
            for why, each in found.items()
        }


def people_of(move: Move) -> list[UUID]:
    """Name whom a move changed, in the one order in which everybody holds them."""
    return sorted(UUID(row["person_id"]) for row in (move.before or {}).get("person", ()))


def _of(key: Iterable[str], row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in key)


def _read(table: Table, kept: Row) -> Row:
    """Read a row that a move kept; a column that the table has got since is empty in it."""
    return read_row(table, dict.fromkeys(table.columns.keys()) | kept)
