"""`mykey backup` and `mykey restore`: everything that a portal keeps, in one file."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
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
KEPT = 14
NO_FOLDER = "Name a FILE, or set MYKEY_BACKUPS to a folder. ファイルを指定するか、MYKEY_BACKUPSを設定してください。"


@click.command(cls=Command)
@click.argument("file", type=FILE, required=False)
@click.option(
    "--keep",
    type=click.IntRange(min=1),
    default=KEPT,
    show_default=True,
    help="How many the folder of MYKEY_BACKUPS keeps. MYKEY_BACKUPSに残す数です。",
)
def backup(file: Path | None, *, keep: int) -> None:
    """Write database, secret key, authorities and lists of revoked certificates into a new FILE (.tar, mode 0600).

    データベース、秘密鍵、認証局の証明書、失効リストを、新しいファイル（.tar、モード0600）に書きます。

    Without FILE it is mykey-YYYY-MM-DD-HHMMSS.tar (UTC) in the folder of MYKEY_BACKUPS: it is checked as
    `mykey restore --check` does, and only then all but the newest are taken away.

    It shows one moment and may run while the portal does. Sessions of browsers and cards, what tablets show at the
    moment, and one-time links of staff are left out. Whoever holds the file holds everything: keep it as you keep
    the portal.
    """
    from portal.services.operation.database.backup import write  # noqa: PLC0415 - `mykey --help` needs none of it

    settings = read_settings()
    if file is None:
        if settings.backups is None:
            raise click.UsageError(NO_FOLDER)
        show(
            back_up_into(settings, settings.backups, keep),
            "{file} holds {total} rows, and is whole. {kept} are kept there, {removed} were removed.",
        )
        return
    with open_database(settings) as database:
        rows = write(database, settings.instance, file, datetime.now(UTC))
    total = sum(rows.values())
    show(
        {"file": str(file), "total": total, "rows": rows},
        "{file} holds {total} rows. Try it: mykey restore --check {file}",
    )


def back_up_into(settings: Settings, folder: Path, keep: int = KEPT, *, any_version: bool = False) -> dict[str, Any]:
    """Write a checked backup into a folder; tell what was done. An upgrade begins with one of the version before."""
    from portal.services.operation.database.backup import kept_backups, write_kept  # noqa: PLC0415

    def check(draft: Path) -> None:
        with draft.open("rb") as file:
            rehearse(file)

    with open_database(settings, any_version=any_version) as database:
        file, rows, removed = write_kept(database, settings.instance, folder, datetime.now(UTC), check, keep)
    told: dict[str, Any] = {"file": str(file), "total": sum(rows.values()), "rows": rows}
    return told | {"kept": len(kept_backups(folder)), "removed": len(removed)}


@click.command(cls=Command)
@click.argument("file", type=click.File("rb"), required=False)
@click.option("--check", is_flag=True, help="Change nothing: load it elsewhere and verify it. 何も変えずに確かめます。")
def restore(file: BinaryIO | None, *, check: bool) -> None:
    """Bring a backup back into an empty database, of whichever kind, after `mykey db upgrade`: all of it or nothing.

    バックアップを、空のデータベース（種類は問いません）に戻します。すべて戻るか、何も戻らないかです。

    With --check it is loaded into a database of its own in the folder for temporary files, where numbers of rows,
    digests and the audit chain are verified; one of an older version is upgraded there. Without FILE the newest in
    the folder of MYKEY_BACKUPS is checked.
    """
    if check:
        with _file_or_newest(file) as found:
            told = rehearse(found)
        show(told, "The backup of {made_at} is whole: {total} rows; the audit chain holds: {audit_entries} entries.")
    elif file is None:
        raise click.UsageError("Name the FILE to bring back. 戻すファイルを指定してください。")
    else:
        manifest = _restore(read_settings(), file)
        show(_of_manifest(manifest), "The backup of {made_at} is restored: {total} rows. Everybody signs in again.")


@contextmanager
def _file_or_newest(file: BinaryIO | None) -> Iterator[BinaryIO]:
    from portal.services.operation.database.backup import newest_backup  # noqa: PLC0415

    if file is not None:
        yield file
        return
    folder = read_settings().backups
    if folder is None:
        raise click.UsageError(NO_FOLDER)
    newest = newest_backup(folder)
    if newest is None:
        stop(f"{folder} holds no backup: `mykey backup` writes one.", Code.BACKUP_MISSING)
    with newest.file.open("rb") as found:
        yield found


def rehearse(file: BinaryIO) -> dict[str, Any]:
    """Bring a backup back into a database of its own, upgrade that, and walk its audit chain; tell what it holds."""
    from portal.migrations.schema_version import upgrade  # noqa: PLC0415
    from portal.services.operation.database.restore import version_of_backup  # noqa: PLC0415

    with TemporaryDirectory(prefix="mykey-") as name:
        folder = Path(name)
        settings = Settings(
            origin="https://check.invalid", instance=folder, database_url=f"sqlite:///{folder}/check.sqlite3"
        )
        upgrade(settings.database, version_of_backup(file) if file.seekable() else "head")
        manifest = _restore(settings, file, any_version=True)
        upgrade(settings.database)
        return _of_manifest(manifest) | {"audit_entries": walk(settings)}


def _of_manifest(manifest: dict[str, Any]) -> dict[str, Any]:
    return {"made_at": manifest["made_at"], "total": sum(manifest["rows"].values()), "rows": manifest["rows"]}


def _restore(settings: Settings, file: BinaryIO, *, any_version: bool = False) -> dict[str, Any]:
    from portal.services.operation.database import restore as service  # noqa: PLC0415
    from portal.transactions import acting  # noqa: PLC0415

    with open_database(settings, any_version=any_version) as database, ExitStack() as undo:
        with acting(database):
            manifest = service.restore(file, database.connection(), settings.instance, undo)
        undo.pop_all()
    return manifest
