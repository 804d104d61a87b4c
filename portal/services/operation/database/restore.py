"""Bringing a backup back, into an empty database and beside nothing else: all of it or nothing.

The tar is read from its beginning to its end, once, by rules stricter than the format's: files alone, names that we
write ourselves, sizes that fit into memory. Nothing in it is believed before its digest and its place are known.
"""

import os
import re
import tarfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, BinaryIO

from sqlalchemy import Connection, Table, select
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from portal.domain.codes import Code
from portal.domain.errors import CommandRefused
from portal.domain.formats.json_object import json_object
from portal.migrations.schema_version import version_in, versions
from portal.models import AuditHead
from portal.pki.revocation.crl import MAX_BYTES
from portal.services.operation.database.backup import FIRST, FORMAT, LAST
from portal.services.record.secrecy import KEY_BYTES, KEY_FILE
from portal.services.record.table_rows import row_of, tables_in

LARGEST_MEMBER = MAX_BYTES
LONGEST_END = tarfile.BLOCKSIZE + tarfile.RECORDSIZE
"""Bytes: of the two blocks that end an archive, one may fill a record, and the other begins one, which is filled up."""
KINDS = {tarfile.REGTYPE, tarfile.GNUTYPE_LONGNAME}
PIECE = re.compile(r"tables/([a-z_]+)/[0-9]{8}\.jsonl")
KEPT = re.compile(r"instance/(secret\.key|(?:trust|crl)/[^/\0]+)", re.DOTALL)
DAMAGED = "The file is no whole backup of this program ({}). Nothing was restored: take another backup."
UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError, tarfile.HeaderError)


def restore(file: BinaryIO, connection: Connection, instance: Path, undo: ExitStack | None = None) -> dict[str, Any]:
    """Load a backup within the caller's transaction and put its files into place; return its manifest.

    `undo` takes the files away again, unless the caller pops all of it once the transaction is committed.

    Raises CommandRefused: restore-database-not-empty, backup-damaged, backup-of-another-version, restore-file-exists.
    """
    tables = tables_in(connection)
    _refuse_unless_empty(connection, tables)
    digests: dict[str, str] = {}
    rows: Counter[str] = Counter()
    placing = _Placing(instance, undo or ExitStack())
    with placing.drafts:
        for name, content, mode in _members(file):
            if name in digests or (name == FIRST) != (not digests):
                raise _damaged("members out of order")
            if name == LAST:
                manifest = _manifest(content, digests, {name: rows[name] for name in tables})
                break
            digests[name] = sha256(content).hexdigest()
            if name == FIRST:
                _refuse_other_version(content, version_in(connection))
            elif piece := PIECE.fullmatch(name):
                rows[piece[1]] += _load(connection, tables.get(piece[1]), content)
            else:
                placing.draft(name, content, mode)
        else:
            raise _damaged("no manifest")
        if f"instance/{KEY_FILE}" not in digests:
            raise _damaged("no secret key")
        if not _is_end(file.read(LONGEST_END + 1)):
            raise _damaged("cut off, or something after its end")
        placing.put_into_place()
    return manifest


def version_of_backup(file: BinaryIO) -> str:
    """Return the version of the database that a backup is of, and wind the file back. Raises CommandRefused."""
    name, content, _ = next(_members(file), ("", b"", 0))
    file.seek(0)
    if name != FIRST:
        raise _damaged("members out of order")
    version = _header(content)[1]
    return version if version in versions() else versions()[-1]  # which refuses it


def _refuse_unless_empty(connection: Connection, tables: Mapping[str, Table]) -> None:
    """Hold up acts at the head of the audit chain, and refuse a database in which somebody has acted."""
    head = connection.execute(select(AuditHead.number).with_for_update()).scalar_one()
    others = (table for table in tables.values() if table.name != AuditHead.__tablename__)
    if head or any(connection.execute(select(table).limit(1)).first() for table in others):
        raise CommandRefused(
            Code.RESTORE_DATABASE_NOT_EMPTY,
            "The database is not empty. Restore into a new one, after `mykey db upgrade`.",
        )


def _members(file: BinaryIO) -> Iterator[tuple[str, bytes, int]]:
    """Read name, content and mode of member after member; links, folders and what else we do not write are refused."""
    long_name = ""
    while (header := file.read(tarfile.BLOCKSIZE)) != bytes(tarfile.BLOCKSIZE):
        try:
            member = tarfile.TarInfo.frombuf(header, "utf-8", "surrogateescape")
        except UNREADABLE:
            raise _damaged("cut off or changed") from None
        if member.type not in KINDS or member.linkname or not 0 <= member.size <= LARGEST_MEMBER:
            raise _damaged("a member of a strange kind or size")
        content = file.read(member.size)
        if len(content) != member.size:
            raise _damaged("cut off")
        file.read(-member.size % tarfile.BLOCKSIZE)
        if member.type == tarfile.GNUTYPE_LONGNAME:
            long_name = content.rstrip(b"\0").decode("utf-8", "surrogateescape")
        else:
            yield long_name or member.name, content, member.mode & 0o777
            long_name = ""


def _is_end(rest: bytes) -> bool:
    return 2 * tarfile.BLOCKSIZE <= len(rest) <= LONGEST_END and not rest.strip(b"\0")


def _manifest(content: bytes, digests: dict[str, str], rows: dict[str, int]) -> dict[str, Any]:
    """Read the manifest; what was read must be what was written."""
    try:
        manifest = json_object(content)
        datetime.fromisoformat(str(manifest["made_at"]))  # is shown
        sound = manifest["members"] == digests and manifest["rows"] == rows
    except UNREADABLE:
        raise _damaged("its manifest cannot be read") from None
    if not sound:
        raise _damaged("digests or numbers of rows differ")
    return manifest


def _header(content: bytes) -> tuple[object, object]:
    """Read format and version of the database."""
    try:
        header = json_object(content)
        return header["format"], header["revision"]
    except UNREADABLE:
        raise _damaged("its first member cannot be read") from None


def _refuse_other_version(content: bytes, own: str | None) -> None:
    found = _header(content)
    if found != (FORMAT, own):
        raise CommandRefused(
            Code.BACKUP_OF_ANOTHER_VERSION,
            f"The backup is of format {found[0]}, database version {found[1]}; this program has {FORMAT} and "
            f"{own}. Restore with the program that wrote it, then upgrade.",
        )


def _load(connection: Connection, table: Table | None, content: bytes) -> int:
    """Load one piece of a table; return the number of its rows."""
    if table is None or not content:
        raise _damaged("an unknown table, or an empty piece")
    name = table.name
    # the head of the audit chain is there already, and acts may wait for it
    write = table.update() if name == AuditHead.__tablename__ else table.insert()
    try:
        rows = [row_of(table, line) for line in content.splitlines()]
        connection.execute(write, rows)
    except OperationalError:  # the disk is full, or the database is gone
        raise
    except (*UNREADABLE, SQLAlchemyError):
        raise _damaged(f"rows of {name} that do not fit") from None
    return len(rows)


@dataclass(frozen=True)
class _Placing:
    """The files of an instance: each is a draft beside its place, which may be on a mount of its own, until all are."""

    instance: Path
    undo: ExitStack
    drafts: ExitStack = field(default_factory=ExitStack)
    files: list[tuple[str, Path]] = field(default_factory=list)

    def draft(self, name: str, content: bytes, mode: int) -> None:
        """Write one file to where nobody looks yet; one that is there already has the same content or refuses all."""
        kept = KEPT.fullmatch(name)
        if kept is None or kept[1].endswith(("/.", "/..")):
            raise _damaged("a member of another name")
        if kept[1] == KEY_FILE and len(content) != KEY_BYTES:
            raise _damaged("no secret key")
        place = self.instance / kept[1]
        if os.path.lexists(place):
            if not place.is_file() or place.read_bytes() != content:
                told = f"{place} is there already and differs from the backup's. Take it away first."
                raise CommandRefused(Code.RESTORE_FILE_EXISTS, told)
            return
        if not place.parent.is_dir():
            place.parent.mkdir(parents=True)
            self.undo.callback(place.parent.rmdir)
        with NamedTemporaryFile(dir=place.parent, prefix=".restore-", delete=False) as file:  # nobody else's to read
            self.drafts.callback(Path(file.name).unlink, missing_ok=True)
            file.write(content)
            os.fchmod(file.fileno(), 0o600 if kept[1] == KEY_FILE else mode)
            file.flush()
            os.fsync(file.fileno())
        self.files.append((file.name, place))

    def put_into_place(self) -> None:
        for draft, place in self.files:
            Path(draft).rename(place)
            self.undo.callback(place.unlink)


def _damaged(what: str) -> CommandRefused:
    return CommandRefused(Code.BACKUP_DAMAGED, DAMAGED.format(what))
