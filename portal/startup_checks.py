"""What a portal in production refuses to start with; each sentence says what to do."""

import os
import pwd
import shlex
import sys
from contextlib import suppress
from pathlib import Path

from portal.config import Settings
from portal.domain.codes import Code
from portal.domain.errors import CommandRefused, NotConfiguredError
from portal.domain.formats.origin import is_origin
from portal.domain.rewriting import Rewriting
from portal.pki.errors import PkiError
from portal.pki.revocation.crl_folder import CrlFolder
from portal.pki.trust import TrustAnchors

NO_REVOCATION_SOURCE = """\
MYKEY_REVOCATION is not set. Revocation data is given to certified verifiers only. To run without it, write
MYKEY_REVOCATION=none; every page that accepts a certificate then says 「電子証明書の有効性確認は行われていません。」
With lists of revoked certificates in the folder crl/, write MYKEY_REVOCATION=crl.
"""
NO_LISTS = """\
MYKEY_REVOCATION=crl, and {folder} holds no readable list of revoked certificates (*.crl, DER or PEM).
Put the list of each authority there, or write MYKEY_REVOCATION=none.
"""
DISK_FULL = "the disk is full. Make room, and type it again; `mykey doctor` shows where."
LEAST_BYTES = 64 * 1024
"""With less, SQLite cannot even open a database."""
OF_ANOTHER = """\
{folder} belongs to {owner}, and the portal could not use what root writes there. Type this instead:
{prefix} {command}
"""


def refuse_root(settings: Settings) -> None:
    """Refuse root where the folders are another's, whose portal could not write root's files. Raises CommandRefused."""
    for folder in settings.folders if os.geteuid() == 0 else ():
        owner = folder.stat().st_uid if folder.is_dir() else 0
        if owner:
            name, prefix = str(owner), f"setpriv --reuid {owner} --clear-groups"
            with suppress(KeyError):  # a container may know its user by number alone
                name = pwd.getpwuid(owner).pw_name
                prefix = f"runuser -u {name} --"
            told = OF_ANOTHER.format(folder=folder, owner=name, prefix=prefix, command=shlex.join(sys.argv))
            raise CommandRefused(Code.FOLDER_OF_ANOTHER, told.rstrip())


def refuse_unwritable(settings: Settings) -> None:
    """Say why files cannot be written. Raises CommandRefused: folder-read-only, folder-unwritable, disk-full."""
    for folder in settings.folders:
        if not folder.is_dir():
            told = f"{folder} is no folder: see MYKEY_INSTANCE and MYKEY_DATABASE_URL."
            raise CommandRefused(Code.FOLDER_UNWRITABLE, told)
        state = os.statvfs(folder)
        if state.f_flag & os.ST_RDONLY:
            told = f"{folder} is read-only: mount it so that it can be written (or name another, MYKEY_INSTANCE)."
            raise CommandRefused(Code.FOLDER_READ_ONLY, told)
        if state.f_bavail * state.f_frsize < LEAST_BYTES or (state.f_files and not state.f_favail):
            raise CommandRefused(Code.DISK_FULL, f"{folder}: {DISK_FULL}")
        for place in (folder, *_database_files(settings, folder)):
            if not os.access(place, os.R_OK | os.W_OK):
                told = f"{place} cannot be written by who types this: chown --reference={folder} {place}"
                raise CommandRefused(Code.FOLDER_UNWRITABLE, told)


def _database_files(settings: Settings, folder: Path) -> list[Path]:
    file = settings.sqlite_file
    return sorted(folder.glob(f"{file.name}*")) if file and file.parent == folder else []


def refuse_unsafe(settings: Settings, anchors: TrustAnchors, rewriting: Rewriting | None) -> None:
    """Raise NotConfiguredError for the first thing that a portal in production must not run with."""
    if not (is_origin(settings.origin) and settings.secure):
        raise NotConfiguredError(
            f"MYKEY_ORIGIN is {settings.origin!r}. Set it to the address that citizens open, as https://host or "
            "https://host:port in lower case, without a path; a TLS proxy in front of the portal answers there."
        )
    if settings.revocation is None:
        raise NotConfiguredError(NO_REVOCATION_SOURCE)
    if settings.revocation == "crl" and not CrlFolder(settings.crl_folder).lists():
        raise NotConfiguredError(NO_LISTS.format(folder=settings.crl_folder))
    if rewriting is not None:
        raise NotConfiguredError("Only a demo rewrites cards itself: start the portal with `mykey serve`.")
    try:
        anchors.certificates()
    except PkiError as error:
        raise NotConfiguredError(str(error)) from None
