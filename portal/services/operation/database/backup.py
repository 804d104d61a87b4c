"""A backup: one tar of the rows of every table, the secret key, the authorities and the lists of revoked certificates.

Written in memory of a fixed size, out of one transaction, so that it shows one moment while the portal goes on. It
begins with `backup.json` (format, version, when), holds tables in pieces, and ends with `manifest.json`: the same again
with the number of rows of each table and the SHA-256 of each member. Whoever holds a backup holds everything.

A database of the version before is written as that version's own program writes it, so that an upgrade can be undone.
In a folder of backups a file has its name only once it is whole and has been checked.
"""

import fcntl
import json
import os
import re
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from hashlib import file_digest
from importlib.metadata import version
from io import BufferedReader, BytesIO
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from sqlalchemy import Connection, Table, select

from portal.domain.codes import Code
from portal.domain.errors import CommandRefused
from portal.migrations.schema_version import version_in, versions
from portal.pki.revocation.crl import MAX_BYTES
from portal.pki.trust import SUFFIXES
from portal.services.record.secrecy import KEY_FILE
from portal.services.record.table_rows import TABLES, line_of, tables_in
from portal.transactions import READS, Database

FORMAT = 1
FIRST, LAST = "backup.json", "manifest.json"
PIECE_BYTES = 1024 * 1024
ROWS_AT_ONCE = 1000
SNAPSHOT: dict[str, dict[str, Any]] = {
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
    "sqlite": READS,
}
"""What makes a transaction of each kind of database show one moment, and hold up nobody who writes."""
KEPT_NAME, KEPT_TIME = re.compile(r"mykey-[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9]{6}\.tar"), "mykey-%Y-%m-%d-%H%M%S.tar"
"""A file in a folder of backups: when it was begun, in UTC."""
DRAFT = ".part"
OLD = timedelta(hours=48)
"""So long after the newest backup the operator is told."""


class KeptBackup(NamedTuple):
    """One file in a folder of backups."""

    file: Path
    made_at: datetime


def kept_backups(folder: Path) -> list[KeptBackup]:
    """List the backups of a folder, the oldest first; none where there is no such folder."""
    found = []
    for file in sorted(folder.glob("mykey-*.tar")):
        if KEPT_NAME.fullmatch(file.name) and file.is_file():
            with suppress(ValueError):  # no such day: not ours
                found.append(KeptBackup(file, datetime.strptime(file.name, KEPT_TIME).replace(tzinfo=UTC)))
    return found


def newest_backup(folder: Path) -> KeptBackup | None:
    """Return the newest backup of a folder, whole and checked; None where there is none."""
    return max(kept_backups(folder), key=lambda each: each.made_at, default=None)


def write_kept(  # noqa: PLR0913, PLR0917 - what a backup is made of, and how many are kept
    database: Database, instance: Path, folder: Path, now: datetime, check: Callable[[Path], object], keep: int
) -> tuple[Path, dict[str, int], list[Path]]:
    """Write a new backup into a folder, check it, and only then take away all but the newest `keep`.

    Return its file, the number of rows of each table, and the files that were taken away.

    Raises CommandRefused: as `write` and `check` do, and already-going-on where another one is being written there.
    """
    with _alone_in(folder):
        file = folder / now.astimezone(UTC).strftime(KEPT_TIME)
        draft = file.with_name(f".{file.name}{DRAFT}")
        if file.exists():
            raise CommandRefused(Code.BACKUP_FILE_EXISTS, f"{file} is there already: wait a second.")
        rows = write(database, instance, draft, now)
        try:
            check(draft)
            draft.rename(file)
        finally:
            draft.unlink(missing_ok=True)
        older = [each.file for each in kept_backups(folder) if each.file != file]  # the clock may have gone back
        over = older[: max(0, len(older) + 1 - keep)]
        for each in over:
            each.unlink()
    return file, rows, over


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Make the folder where only itself is missing, and hold it; what a killed one left there half written goes."""
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise CommandRefused(Code.BACKUP_UNWRITABLE, f"{folder} cannot be used ({error.strerror}).") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for half in folder.glob(f".mykey-*.tar{DRAFT}"):
            half.unlink()
        yield
        os.fsync(descriptor)
    except BlockingIOError:
        told = f"Another backup is being written into {folder}: wait for its end."
        raise CommandRefused(Code.ALREADY_GOING_ON, told) from None
    finally:
        os.close(descriptor)


def write(database: Database, instance: Path, path: Path, now: datetime) -> dict[str, int]:
    """Write a new file of mode 0600; return the number of rows of each table.

    Raises CommandRefused: backup-key-missing, backup-file-exists, backup-unwritable, backup-of-another-version; no half
    file is left.
    """
    if not (instance / KEY_FILE).is_file():
        raise CommandRefused(Code.BACKUP_KEY_MISSING, f"{instance} has no {KEY_FILE}: is MYKEY_INSTANCE right?")
    with _new_file(path) as file:
        connection = database.connection(execution_options=SNAPSHOT[database.get_bind().dialect.name])
        revision = version_in(connection)
        header = {
            "format": FORMAT,
            "portal": version("mykey-portal"),
            "revision": revision,
            "made_at": now.isoformat(timespec="seconds"),
        }
        with tarfile.open(fileobj=file, mode="w", format=tarfile.GNU_FORMAT, encoding="utf-8") as tar:
            members = _Members(tar)
            members.add_text(FIRST, header)
            tables = TABLES if revision == versions()[-1] else _older(connection)
            rows = {name: _write_table(members, database, table) for name, table in tables.items()}
            for kept in kept_files(instance):
                with kept.open("rb") as content:
                    mode = os.fstat(content.fileno()).st_mode & 0o777
                    members.add(f"instance/{kept.relative_to(instance).as_posix()}", content, mode)
            members.add_text(LAST, header | {"rows": rows, "members": members.digests})
    return rows


def _older(connection: Connection) -> Mapping[str, Table]:
    try:
        return tables_in(connection)
    except LookupError as error:
        raise CommandRefused(
            Code.BACKUP_OF_ANOTHER_VERSION,
            f"The database is of another version, with {error}: back it up with the program that belongs to it.",
        ) from None


def kept_files(instance: Path) -> list[Path]:
    """List what an instance holds beside its database."""
    kept = [file for file in (instance / "trust").glob("*") if file.suffix.lower() in SUFFIXES]
    kept += [file for file in (instance / "crl").glob("*") if file.suffix.lower() == ".crl"]
    kept = [file for file in sorted(kept) if file.is_file()]
    for file in kept:
        if file.stat().st_size > MAX_BYTES:  # which restoring would refuse
            raise CommandRefused(Code.BACKUP_UNWRITABLE, f"{file} has more than {MAX_BYTES} bytes: take it away.")
    return [instance / KEY_FILE, *kept]


class _Members:
    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self.digests: dict[str, str] = {}

    def add(self, name: str, content: BufferedReader | BytesIO, mode: int = 0o600) -> None:
        """Add what a file holds; it is read twice, from its beginning."""
        content.seek(0)
        self.digests[name] = file_digest(content, "sha256").hexdigest()
        member = tarfile.TarInfo(name)
        member.size, member.mode = content.seek(0, os.SEEK_END), mode
        content.seek(0)
        self._tar.addfile(member, content)

    def add_text(self, name: str, values: dict[str, Any]) -> None:
        self.add(name, BytesIO(json.dumps(values, indent=1).encode()))


def _write_table(members: _Members, database: Database, table: Table) -> int:
    """Write a table in pieces; return the number of its rows."""
    rows, pieces, piece = 0, 0, BytesIO()
    with database.execute(select(table).execution_options(yield_per=ROWS_AT_ONCE)) as found:
        for row in found:
            rows += 1
            piece.write(line_of(table, tuple(row)))
            if piece.tell() >= PIECE_BYTES:
                pieces += 1
                members.add(f"tables/{table.name}/{pieces:08}.jsonl", piece)
                piece = BytesIO()
    if piece.tell():
        members.add(f"tables/{table.name}/{pieces + 1:08}.jsonl", piece)
    return rows


@contextmanager
def _new_file(path: Path) -> Iterator[BinaryIO]:
    """Make a file that nobody else reads; take it away again where it does not become whole."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise CommandRefused(Code.BACKUP_FILE_EXISTS, f"{path} is there already: give another name.") from None
    except OSError as error:
        raise CommandRefused(Code.BACKUP_UNWRITABLE, f"{path} cannot be written ({error.strerror}).") from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        path.unlink()
        told = f"{path} cannot be written ({error.filename or 'it'}: {error.strerror})."
        raise CommandRefused(Code.BACKUP_UNWRITABLE, told) from None
    except BaseException:
        path.unlink()
        raise
