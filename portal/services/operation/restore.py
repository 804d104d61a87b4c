"""Bringing a backup back, into an empty database and beside nothing else: all of it or nothing.

The tar is read from its beginning to its end, once, by rules stricter than the format's: files alone, names that we
write ourselves, sizes that fit into memory. Nothing in it is believed before its digest and its place are known.
"""

import os
import re
import tarfile
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from portal.domain.codes import Code
from portal.domain.errors import CommandRefused
from portal.domain.formats.json_object import json_object
from portal.models import AuditHead
from portal.pki.crl import MAX_BYTES
from portal.services.operation.backup import FIRST, FORMAT, LAST
from portal.services.record.secrecy import KEY_BYTES, KEY_FILE
from portal.services.record.table_rows import TABLES, row_of
from portal.store import versions

LARGEST_MEMBER = MAX_BYTES
PIECE = re.compile(r"tables/([a-z_]+)/[0-9]{8}\.jsonl")
KEPT = re.compile(r"instance/(secret\.key|(?:trust|crl)/[^/\\\x00-\x1f]+)")
DAMAGED = "The file is no whole backup of this program ({}). Nothing was restored: take another backup."
UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError, tarfile.HeaderError)


def restore(file: BinaryIO, connection: Connection, instance: Path) -> dict[str, Any]:
    """Load a backup within the caller's transaction and put its files into place; return its manifest.

    Raises CommandRefused: restore-database-not-empty, backup-damaged, backup-of-another-version, restore-file-exists.
    """
    _refuse_unless_empty(connection)
    digests: dict[str, str] = {}
    rows: Counter[str] = Counter()
    with TemporaryDirectory(prefix=".restore-", dir=instance) as staging:
        for name, content in _members(file):
            if name in digests or (name == FIRST) != (not digests):
                raise _damaged("members out of order")
            if name == LAST:
                manifest = _manifest(content, digests, rows)
                break
            digests[name] = sha256(content).hexdigest()
            if name == FIRST:
                _refuse_other_version(content)
            elif piece := PIECE.fullmatch(name):
                rows[piece[1]] += _load(connection, piece[1], content)
            else:
                _stage(Path(staging), name, content)
        else:
            raise _damaged("no manifest")
        if f"instance/{KEY_FILE}" not in digests:
            raise _damaged("no secret key")
        if not _is_end(file.read(tarfile.RECORDSIZE + 1)):
            raise _damaged("cut off, or something after its end")
        _put_into_place(Path(staging), instance)
    return manifest


def _refuse_unless_empty(connection: Connection) -> None:
    """Hold up acts at the head of the audit chain, and refuse a database in which somebody has acted."""
    head = connection.execute(select(AuditHead.number).with_for_update()).scalar_one()
    tables = (table for table in TABLES.values() if table.name != AuditHead.__tablename__)
    if head or any(connection.execute(select(table).limit(1)).first() for table in tables):
        raise CommandRefused(
            Code.RESTORE_DATABASE_NOT_EMPTY,
            "The database is not empty. Restore into a new one, after `mykey db upgrade`.",
        )


def _members(file: BinaryIO) -> Iterator[tuple[str, bytes]]:
    """Read member after member; links, folders, long names and anything else that we do not write are refused."""
    while (header := file.read(tarfile.BLOCKSIZE)) != bytes(tarfile.BLOCKSIZE):
        try:
            member = tarfile.TarInfo.frombuf(header, "utf-8", "strict")
        except UNREADABLE:
            raise _damaged("cut off or changed") from None
        if member.type != tarfile.REGTYPE or member.linkname or not 0 <= member.size <= LARGEST_MEMBER:
            raise _damaged("a member of a strange kind or size")
        content = file.read(member.size)
        if len(content) != member.size:
            raise _damaged("cut off")
        file.read(-member.size % tarfile.BLOCKSIZE)
        yield member.name, content


def _is_end(rest: bytes) -> bool:
    return 2 * tarfile.BLOCKSIZE <= len(rest) <= tarfile.RECORDSIZE and not rest.strip(b"\0")


def _manifest(content: bytes, digests: dict[str, str], rows: Counter[str]) -> dict[str, Any]:
    """Read the manifest; what was read must be what was written."""
    try:
        manifest = json_object(content)
        datetime.fromisoformat(str(manifest["made_at"]))  # is shown
        sound = manifest["members"] == digests and manifest["rows"] == {name: rows[name] for name in TABLES}
    except UNREADABLE:
        raise _damaged("its manifest cannot be read") from None
    if not sound:
        raise _damaged("digests or numbers of rows differ")
    return manifest


def _refuse_other_version(content: bytes) -> None:
    try:
        header = json_object(content)
        found = (header["format"], header["revision"])
    except UNREADABLE:
        raise _damaged("its first member cannot be read") from None
    if found != (FORMAT, versions()[-1]):
        raise CommandRefused(
            Code.BACKUP_OF_ANOTHER_VERSION,
            f"The backup is of format {found[0]}, database version {found[1]}; this program has {FORMAT} and "
            f"{versions()[-1]}. Restore with the program that wrote it, then upgrade.",
        )


def _load(connection: Connection, name: str, content: bytes) -> int:
    """Load one piece of a table; return the number of its rows."""
    if name not in TABLES or not content:
        raise _damaged("an unknown table, or an empty piece")
    table = TABLES[name]
    # the head of the audit chain is there already, and acts may wait for it
    write = table.update() if name == AuditHead.__tablename__ else table.insert()
    try:
        rows = [row_of(table, line) for line in content.splitlines()]
        connection.execute(write, rows)
    except (*UNREADABLE, SQLAlchemyError):
        raise _damaged(f"rows of {name} that do not fit") from None
    return len(rows)


def _stage(staging: Path, name: str, content: bytes) -> None:
    """Write one file of the instance to where nobody looks yet."""
    kept = KEPT.fullmatch(name)
    if kept is None or kept[1].endswith(("/.", "/..")):
        raise _damaged("a member of another name")
    if kept[1] == KEY_FILE and len(content) != KEY_BYTES:
        raise _damaged("no secret key")
    path = staging / kept[1]
    path.parent.mkdir(exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _put_into_place(staging: Path, instance: Path) -> None:
    """Move the files to where the portal reads them; one of another content that is there already refuses all."""
    found = [(file, instance / file.relative_to(staging)) for file in sorted(staging.rglob("*")) if file.is_file()]
    for file, place in found:
        if place.exists() and place.read_bytes() != file.read_bytes():
            raise CommandRefused(
                Code.RESTORE_FILE_EXISTS, f"{place} is there already and differs from the backup's. Take it away first."
            )
    for file, place in found:
        place.parent.mkdir(exist_ok=True)
        file.replace(place)


def _damaged(what: str) -> CommandRefused:
    return CommandRefused(Code.BACKUP_DAMAGED, DAMAGED.format(what))
