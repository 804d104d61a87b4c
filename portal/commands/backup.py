"""`mykey backup` and `mykey restore`: everything that a portal keeps, in one file."""

from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

import click

from portal.commands.audit import walk
from portal.commands.cli_context import open_database, read_settings, stop
from portal.commands.output import Command, show
from portal.config import Settings
from portal.domain.codes import Code

FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(cls=Command)
@click.argument("file", type=FILE)
def backup(file: Path) -> None:
    """Write database, secret key, authorities and lists of revoked certificates into a new FILE (.tar, mode 0600).

    データベース、秘密鍵、認証局の証明書、失効リストを、新しいファイル（.tar、モード0600）に書きます。

    It shows one moment and may run while the portal does. Sessions of browsers and cards, what tablets show at the
    moment, and one-time links of staff are left out. Whoever holds the file holds everything: keep it as you keep
    the portal.
    """
    from portal.services.operation.backup import write  # noqa: PLC0415 - `mykey --help` needs none of it

    settings = read_settings()
    with open_database(settings) as database:
        rows = write(database, settings.instance, file, datetime.now(UTC))
    total = sum(rows.values())
    show(
        {"file": str(file), "total": total, "rows": rows},
        "{file} holds {total} rows. Try it: mykey restore --check {file}",
    )


@click.command(cls=Command)
@click.argument("file", type=click.File("rb"))
@click.option("--check", is_flag=True, help="Change nothing: load it elsewhere and verify it. 何も変えずに確かめます。")
def restore(file: BinaryIO, *, check: bool) -> None:
    """Bring a backup back into an empty database, of whichever kind, after `mykey db upgrade`: all of it or nothing.

    バックアップを、空のデータベース（種類は問いません）に戻します。すべて戻るか、何も戻らないかです。

    With --check it is loaded into a database of its own in the folder for temporary files, where numbers of rows,
    digests and the audit chain are verified.
    """
    from portal.store import upgrade  # noqa: PLC0415

    with ExitStack() as stack:
        if check:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="mykey-")))
            settings = Settings(
                origin="https://check.invalid", instance=folder, database_url=f"sqlite:///{folder}/check.sqlite3"
            )
            upgrade(settings.database)
        else:
            settings = read_settings()
        manifest = _restore(settings, file)
        told: dict[str, Any] = {"made_at": manifest["made_at"], "total": sum(manifest["rows"].values())}
        told |= {"rows": manifest["rows"]}
        if check:
            told["audit_entries"] = _verified_entries(settings)
            show(
                told, "The backup of {made_at} is whole: {total} rows; the audit chain holds: {audit_entries} entries."
            )
        else:
            show(told, "The backup of {made_at} is restored: {total} rows. Everybody signs in again.")


def _restore(settings: Settings, file: BinaryIO) -> dict[str, Any]:
    from portal.services.operation import restore as service  # noqa: PLC0415
    from portal.transactions import acting  # noqa: PLC0415

    with open_database(settings) as database, ExitStack() as undo:
        with acting(database):
            manifest = service.restore(file, database.connection(), settings.instance, undo)
        undo.pop_all()
    return manifest


def _verified_entries(settings: Settings) -> int:
    entries, wrong = walk(settings)
    if wrong is not None:
        stop(
            f"The audit chain in the backup does not hold: entry {wrong} is missing or was changed.", Code.AUDIT_BROKEN
        )
    return entries
