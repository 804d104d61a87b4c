"""Moving to another database of whichever kind: every row of every table, in pieces, each read again and compared.

Nothing is remembered of how far it came: what was broken off is begun again, and what is there already is compared
instead of written. So to go on and to verify are the same, and no row is believed to be there that was not read.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from time import monotonic, sleep
from typing import Any, cast

from sqlalchemy import Connection, Engine, Table, func, select, text, tuple_

from portal.domain.codes import Code
from portal.domain.errors import CommandRefused
from portal.models import AuditHead, Base
from portal.services.operation.database.backup import SNAPSHOT
from portal.services.record.table_rows import line_of
from portal.transactions import READS

HEAD = cast("Table", AuditHead.__table__)
TABLES = [*(table for table in Base.metadata.sorted_tables if table is not HEAD), HEAD]
"""Every table; the head of the audit chain comes last, so that a copy that was broken off is no chain."""
PIECE_ROWS, PIECE_BYTES = 500, 1024 * 1024
ACTS_END_WITHIN = 60.0
"""Seconds that an act which had begun may take yet."""
Told = Callable[[str, int, int, float], None]
"""Table, rows of it that are done and that there are, and the share of all rows that is."""
Piece = list[tuple[Any, ...]]


def wait_for_acts(source: Engine) -> None:
    """Wait until every act that began before is committed or rolled back; later ones find the portal read-only.

    Raises CommandRefused already-going-on where one does not end.
    """
    with source.connect() as connection:
        if source.dialect.name == "sqlite":
            connection.exec_driver_sql("SELECT 1")  # after BEGIN IMMEDIATE, for which each act has to end
            return
        connection.execution_options(isolation_level="AUTOCOMMIT")
        last = connection.scalar(text("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"))
        until = monotonic() + ACTS_END_WITHIN
        while connection.scalar(text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")) < last:
            if monotonic() > until:
                raise CommandRefused(Code.ALREADY_GOING_ON, "An act on the old database does not end. Try again later.")
            sleep(0.05)


def refuse_unless_empty(target: Engine) -> None:
    """Raise CommandRefused copy-target-not-empty where somebody has written into a database already."""
    with target.connect().execution_options(**READS) as connection:
        head = connection.execute(select(AuditHead.number)).scalar_one()
        if head or any(connection.execute(select(table).limit(1)).first() for table in TABLES[:-1]):
            told = "The new database is not empty. Name a new one, or empty it."
            raise CommandRefused(Code.COPY_TARGET_NOT_EMPTY, told)


def copy(source: Engine, target: Engine, told: Told) -> dict[str, int]:
    """Copy what is not there yet and compare all of it; return the number of rows of each table.

    Raises CommandRefused copy-differs where the new database holds another row.
    """
    with source.connect() as connection:
        connection = connection.execution_options(**SNAPSHOT[source.dialect.name])  # noqa: PLW2901 - of one moment
        rows, before = {table.name: _count(connection, table) for table in TABLES}, 0
        for table in TABLES:
            for done in _Table(table, target).copy(connection):
                told(table.name, done, rows[table.name], (before + done) / sum(rows.values()))
            before += rows[table.name]
            with target.connect().execution_options(**READS) as there:
                if (found := _count(there, table)) != rows[table.name]:
                    raise _differs(table, f"{found} rows, not {rows[table.name]}")
    return rows


@dataclass(frozen=True)
class _Table:
    """One table on its way."""

    table: Table
    target: Engine

    def copy(self, source: Connection) -> Iterator[int]:
        """Bring piece after piece; yield how many rows there are after each."""
        yield (done := 0)
        for piece in self._pieces(source):
            self._bring(piece)
            yield (done := done + len(piece))

    def _pieces(self, source: Connection) -> Iterator[Piece]:
        """Read the table in the order of its key, in pieces of a bounded size."""
        ordered = select(self.table).order_by(*self.table.primary_key)
        with source.execute(ordered.execution_options(yield_per=PIECE_ROWS // 5)) as found:
            piece, size = [], 0
            for row in found:
                piece.append(tuple(row))
                size += len(line_of(self.table, tuple(row)))
                if len(piece) == PIECE_ROWS or size >= PIECE_BYTES:
                    yield piece
                    piece, size = [], 0
            if piece:
                yield piece

    def _bring(self, piece: Piece) -> None:
        """Write what is missing of a piece in one transaction, then read all of it again and compare."""
        names = self.table.columns.keys()
        with self.target.begin() as connection:
            there = {self._key(row) for row in self._read(connection, piece)}
            missing = [dict(zip(names, row, strict=True)) for row in piece if self._key(row) not in there]
            if missing:
                connection.execute(self.table.insert(), missing)
            elif self.table is HEAD:  # whose one row is there from the beginning
                connection.execute(
                    HEAD.update().where(HEAD.c.number == 0).values(dict(zip(names, piece[0], strict=True)))
                )
        with self.target.connect().execution_options(**READS) as connection:
            if self._digest(self._read(connection, piece)) != self._digest(piece):
                raise _differs(self.table, "a row that is another one")

    def _read(self, connection: Connection, piece: Piece) -> Piece:
        """Read the rows of the same keys."""
        key = list(self.table.primary_key)
        keys = [self._key(row) for row in piece]
        which = key[0].in_([each[0] for each in keys]) if len(key) == 1 else tuple_(*key).in_(keys)
        return [tuple(row) for row in connection.execute(select(self.table).where(which))]

    def _key(self, row: Sequence[Any]) -> tuple[Any, ...]:
        places = self.table.columns.keys()
        return tuple(row[places.index(column.name)] for column in self.table.primary_key)

    def _digest(self, rows: Piece) -> bytes:
        return sha256(b"".join(sorted(line_of(self.table, row) for row in rows))).digest()


def _count(connection: Connection, table: Table) -> int:
    return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _differs(table: Table, what: str) -> CommandRefused:
    return CommandRefused(
        Code.COPY_DIFFERS,
        f"The new database holds in {table.name} {what}: somebody else has written there. The portal stays read-only. "
        "Give up (`mykey db copy --give-up`), and copy into a new, empty one.",
    )
