"""The bridge's installers on offer: a folder that a command fills, and that the page `/bridge` serves from."""

import errno
import hashlib
import os
import re
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from portal.domain.codes import Code
from portal.domain.errors import CommandRefused

LARGEST = 256 * 1024 * 1024
"""Bytes; an installer with its window has about 50 MB."""
CHUNK = 1024 * 1024
DIGEST = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class Kind:
    """One installer of each release: the system that it is for, its name, and the bytes that such a file has."""

    system: str
    name: str
    magic: bytes
    place: int = 0
    """Where these bytes are; from the end where negative."""

    def version(self, name: str) -> str | None:
        before, after = map(re.escape, self.name.split("VERSION"))
        found = re.fullmatch(rf"{before}([0-9]{{1,4}}\.[0-9]{{1,4}}\.[0-9]{{1,4}}){after}", name)
        return found and found[1]


EXE, DMG, DEB, XZ = b"MZ", b"koly", b"!<arch>\ndebian-binary", b"\xfd7zXZ\x00"
KINDS = (
    Kind("windows", "mykey-bridge-VERSION-windows-x64-setup.exe", EXE),
    Kind("windows", "mykey-bridge-VERSION-windows-arm64-setup.exe", EXE),
    Kind("macos", "mykey-bridge-VERSION-macos-arm64.dmg", DMG, -512),
    Kind("macos", "mykey-bridge-VERSION-macos-x86_64.dmg", DMG, -512),
    Kind("linux", "mykey-bridge_VERSION_amd64.deb", DEB),
    Kind("linux", "mykey-reader-bridge_VERSION_all.deb", DEB),
    Kind("linux", "mykey-bridge-VERSION-linux-x86_64.tar.xz", XZ),
)


@dataclass(frozen=True)
class Download:
    """One installer on offer. In the folder its SHA-256 follows its name: what it was when it was put there."""

    file: str
    sha256: str
    kind: Kind
    version: str
    size: int
    published: float
    at: Path


@dataclass(frozen=True)
class Downloads:
    """The folder: one installer of each kind is on offer, and has its name there once it is whole."""

    folder: Path

    def all(self) -> list[Download]:
        """Return what was published last of each kind, in the order of KINDS."""
        newest = {each.kind: each for each in sorted(self._there(), key=lambda each: each.published)}
        return [newest[kind] for kind in KINDS if kind in newest]

    def open(self, name: str) -> tuple[Download, BinaryIO] | None:
        """Open what is on offer under this name; withdrawn meanwhile, it stays whole for its reader."""
        for each in self.all():
            if each.file == name:
                try:
                    return each, each.at.open("rb")
                except OSError:
                    break
        return None

    def publish(self, files: Sequence[Path]) -> list[Download]:
        """Offer these files, all or none of them; each takes the place of what there was of its kind.

        Raises CommandRefused: bridge-file-unknown, bridge-file-unusable.
        """
        kinds = {_kind_of(file.name): file for file in files}
        if len(kinds) < len(files):
            raise CommandRefused(Code.BRIDGE_FILE_UNKNOWN, "Two of these files are of one kind: give one of each.")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.folder.chmod(0o755)  # what is in it is for everybody, whoever typed the command
            with TemporaryDirectory(dir=self.folder, prefix=".") as place:
                drafts = [_copied(file, kind, Path(place)) for kind, file in kinds.items()]
                former = [each for each in self._there() if each.kind in kinds]
                for draft in drafts:
                    draft.replace(self.folder / draft.name)
        except OSError as error:
            hint = " Give ordinary files, and no links." if error.errno == errno.ELOOP else ""
            told = f"{error.filename or self.folder}: {error.strerror}.{hint}"
            raise CommandRefused(Code.BRIDGE_FILE_UNUSABLE, told) from None
        for each in former:
            if each.at.name not in {draft.name for draft in drafts}:
                each.at.unlink(missing_ok=True)
        return [each for each in self.all() if each.kind in kinds]

    def withdraw(self, names: Sequence[str]) -> list[Download]:
        """Offer these no longer, all or none of them. Raises CommandRefused bridge-file-unknown."""
        found = [each for each in self._there() if each.file in names]
        if missing := set(names) - {each.file for each in found}:
            raise CommandRefused(Code.BRIDGE_FILE_UNKNOWN, f"Not on offer: {', '.join(sorted(missing))}.")
        for each in found:
            each.at.unlink(missing_ok=True)
        return found

    def _there(self) -> Iterator[Download]:
        try:
            there = list(self.folder.iterdir())
        except OSError:  # nothing was published
            return
        for at in there:
            name, _, digest = at.name.rpartition(".")
            for kind in KINDS:
                if (version := kind.version(name)) and DIGEST.fullmatch(digest):
                    with suppress(OSError):  # withdrawn meanwhile
                        now = at.lstat()
                        if stat.S_ISREG(now.st_mode):
                            yield Download(name, digest, kind, version, now.st_size, now.st_mtime, at)


def _kind_of(name: str) -> Kind:
    for kind in KINDS:
        if kind.version(name):
            return kind
    known = ", ".join(kind.name for kind in KINDS)
    raise CommandRefused(Code.BRIDGE_FILE_UNKNOWN, f"{name} is no installer of the bridge. Their names are {known}.")


def _copied(file: Path, kind: Kind, place: Path) -> Path:
    """Copy a file, and look at the copy: what its name says must be in it. Raises CommandRefused, OSError."""
    draft, digest = place / file.name, hashlib.sha256()
    with open(file, "rb", opener=_no_link) as original, draft.open("w+b") as copy:
        if not stat.S_ISREG(os.fstat(original.fileno()).st_mode):
            raise CommandRefused(Code.BRIDGE_FILE_UNUSABLE, f"{file} is no ordinary file.")
        while (chunk := original.read(CHUNK)) and copy.tell() <= LARGEST:
            digest.update(chunk)
            copy.write(chunk)
        size = copy.tell()
        copy.seek(max(0, size + kind.place) if kind.place < 0 else kind.place)
        if size > LARGEST or copy.read(len(kind.magic)) != kind.magic:
            told = f"{file} is no {kind.name.rpartition('.')[2]} file, or has more than {LARGEST >> 20} MiB."
            raise CommandRefused(Code.BRIDGE_FILE_UNUSABLE, told)
        os.fchmod(copy.fileno(), 0o644)
        os.fsync(copy.fileno())
    return draft.rename(f"{draft}.{digest.hexdigest()}")


def _no_link(path: str, flags: int) -> int:
    """Open a file where it is: no link to elsewhere is followed, and no pipe waits for a writer."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)
