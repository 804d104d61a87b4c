"""A backup: one tar of the rows of every table, the secret key, the authorities and the lists of revoked certificates.

Written in memory of a fixed size, out of one transaction, so that it shows one moment while the portal goes on. It
begins with `backup.json` (format, version, when), holds tables in pieces, and ends with `manifest.json`: the same again
with the number of rows of each table and the SHA-256 of each member. Whoever holds a backup holds everything.
"""

import json
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import file_digest
from importlib.metadata import version
from io import BufferedReader, BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import Table, select

from portal.domain.codes import Code
from portal.domain.errors import CommandRefused
from portal.pki.revocation.crl import MAX_BYTES
from portal.pki.trust import SUFFIXES
from portal.services.record.secrecy import KEY_FILE
from portal.services.record.table_rows import TABLES, line_of
from portal.store import versions
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


def write(database: Database, instance: Path, path: Path, now: datetime) -> dict[str, int]:
    """Write a new file of mode 0600; return the number of rows of each table.

    Raises CommandRefused: backup-key-missing, backup-file-exists, backup-unwritable; no half file is left.
    """
    if not (instance / KEY_FILE).is_file():
        raise CommandRefused(Code.BACKUP_KEY_MISSING, f"{instance} has no {KEY_FILE}: is MYKEY_INSTANCE right?")
    with _new_file(path) as file:
        header = {
            "format": FORMAT,
            "portal": version("mykey-portal"),
            "revision": versions()[-1],
            "made_at": now.isoformat(timespec="seconds"),
        }
        with tarfile.open(fileobj=file, mode="w", format=tarfile.GNU_FORMAT, encoding="utf-8") as tar:
            members = _Members(tar)
            members.add_text(FIRST, header)
            database.connection(execution_options=SNAPSHOT[database.get_bind().dialect.name])
            rows = {name: _write_table(members, database, table) for name, table in TABLES.items()}
            for kept in kept_files(instance):
                with kept.open("rb") as content:
                    mode = os.fstat(content.fileno()).st_mode & 0o777
                    members.add(f"instance/{kept.relative_to(instance).as_posix()}", content, mode)
            members.add_text(LAST, header | {"rows": rows, "members": members.digests})
    return rows


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
