"""`mykey db copy`: from the portal's database to another one, while the portal shows and changes nothing."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from portal.commands.audit import walk
from portal.commands.cli_context import read_settings, stop, stop_unless_current, wants_json
from portal.commands.output import Command, show
from portal.config import Settings, database_address
from portal.domain.codes import Code

if TYPE_CHECKING:
    from portal.read_only import Move, ReadOnly

NEXT = (
    "{rows} rows of {tables} tables are in the new database, each read again and compared; the audit chain holds: "
    "{audit_entries} entries. Now set MYKEY_DATABASE_URL to it and start the portal again. The old database stays "
    "read-only."
)
EVERY = timedelta(seconds=5)
"""So often the portal's pages are told anew how long it will take."""


@click.command("copy", cls=Command)
@click.option("--to", "target", help="Address of the new, empty database. 新しい空のデータベースのアドレスです。")
@click.option("--give-up", is_flag=True, help="Stay with the old database. 移行をやめ、元のデータベースに戻ります。")
def copy(target: str | None, *, give_up: bool) -> None:
    """Copy all of the portal's database into another one, of whichever kind, and compare every row.

    ポータルのデータベースを、別の空のデータベース（種類は問いません）に写し、すべての行を比べます。

    From the first row on the portal shows its pages and refuses what changes anything (read-only), until
    MYKEY_DATABASE_URL is the new address. Broken off, type it again: it goes on, and compares what is there. A password
    does not belong into the command line: PostgreSQL reads ~/.pgpass.
    """
    from portal.read_only import ReadOnly  # noqa: PLC0415 - `mykey --help` needs none of it

    settings = read_settings()
    read_only = ReadOnly(settings.instance, settings.database)
    if give_up:
        _refuse_in_the_new_one(settings, read_only.move())
        read_only.end()
        show({"state": "given-up"}, "The portal changes its own database again. What was copied is worth nothing.")
    elif target is None:
        raise click.UsageError("Name the new database: --to URL. 新しいデータベースを --to で指定してください。")
    else:
        _copy(settings, target, read_only)


def _copy(settings: Settings, target: str, read_only: "ReadOnly") -> None:
    from sqlalchemy import create_engine  # noqa: PLC0415

    from portal.read_only import Move, digest_of  # noqa: PLC0415
    from portal.services.operation.database import database_copy as service  # noqa: PLC0415

    stop_unless_current(settings)
    try:
        there = settings.model_copy(update={"database_url": database_address(target)})
    except ValueError as error:
        raise click.UsageError(f"--to {error}.") from None
    move, before = Move(digest_of(settings.database), digest_of(there.database)), read_only.move()
    if move.source == move.target:
        raise click.UsageError("That is the portal's own database. それは今のデータベースです。")
    if before and before.target == move.source and not before.done:
        stop("This database is not whole yet: set MYKEY_DATABASE_URL to the old one.", Code.READ_ONLY)
    begun = before is not None and before[:2] == move[:2]
    if before and begun and before.done:
        stop("All of it is in the new database already: set MYKEY_DATABASE_URL to it.", Code.COPY_DONE)
    _make_tables(there)
    old, new = (create_engine(each.database, hide_parameters=True) for each in (settings, there))
    try:
        if not begun:
            service.refuse_unless_empty(new)
        read_only.write(move)
        service.wait_for_acts(old)
        rows = service.copy(old, new, _Progress(read_only, move))
    finally:
        old.dispose()
        new.dispose()
    entries = walk(there)
    read_only.write(move._replace(done=True))
    show({"rows": sum(rows.values()), "tables": len(rows), "audit_entries": entries}, NEXT)


def _refuse_in_the_new_one(settings: Settings, move: "Move | None") -> None:
    """Stop where the portal is in the new database: only from the old one is there anything to give up."""
    from portal.read_only import digest_of  # noqa: PLC0415

    if move and move.target == digest_of(settings.database):
        if move.done:
            stop("This is the new database, and all of it is here: there is nothing to give up.", Code.COPY_DONE)
        stop("This database is not whole: set MYKEY_DATABASE_URL to the old one, then give up.", Code.READ_ONLY)


def _make_tables(there: Settings) -> None:
    """Make the tables where there are none yet."""
    from portal.migrations.schema_version import upgrade, version_of  # noqa: PLC0415

    if version_of(there.database) is None:
        upgrade(there.database)
    stop_unless_current(there)


class _Progress:
    """Say how far it is, to who typed it, and to the portal's pages roughly until when."""

    def __init__(self, read_only: "ReadOnly", move: "Move") -> None:
        self._read_only, self._move = read_only, move
        self._begun = self._told = datetime.now(UTC)

    def __call__(self, table: str, done: int, of: int, share: float) -> None:
        now = datetime.now(UTC)
        late = now > self._told + EVERY
        if (late or done == of) and not wants_json():
            click.echo(f"{table}: {done}/{of}", err=True)
        if late and share:
            self._told, until = now, self._begun + (now - self._begun) / share
            self._read_only.write(self._move._replace(until=until))
