"""The files of a backup: whatever their names and mounts, all of them come back or none does."""

import os
import shutil
import signal
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal.services.operation.database import backup as service
from tests.conftest import sqlite_alone as database  # noqa: F401 (a fixture)

NAMESPACE = ("unshare", "--map-root-user", "--mount", "sh", "-ec")
MYKEY = (sys.executable, "-W", "error", "-c", "from portal.cli import main; main(prog_name='mykey')")
NAMES = (
    b"authca.pem",
    "利用者証明用認証局".encode() * 9 + b"12345678.pem",  # 255 bytes, as long as a name may be
    "鍵".encode("euc-jp") + b"\xff.pem",
    b"a\nb\x1b[2J\\c.PEM",
    b" .cer",
    b"-rf.crt",
    b".hidden.der",
    b"...pem",
    ("\u202e" + "e\u0301" * 60).encode() + b".pem",
    b"percent%41%2F.pem",
)


@pytest.fixture
def instance(tmp_path):
    """Fill an instance with every kind of name."""
    for folder, ending in (("trust", b""), ("crl", b".crl")):
        (tmp_path / folder).mkdir()
        for number, name in enumerate(NAMES):
            file = tmp_path / folder / os.fsdecode(name[: 255 - len(ending)] + ending)
            file.write_bytes(b"%d" % number)
            file.chmod(0o640 if number % 2 else 0o604)
    (tmp_path / "secret.key").write_bytes(os.urandom(32))
    (tmp_path / "secret.key").chmod(0o600)
    return tmp_path


@pytest.fixture
def elsewhere(tmp_path, empty_sqlite):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    shutil.copy(empty_sqlite, folder / "portal.sqlite3")
    return {"instance": folder, "database_url": f"sqlite:///{folder}/portal.sqlite3"}


@pytest.fixture
def file(told, tmp_path, instance):  # noqa: ARG001
    assert isinstance(told("backup", tmp_path / "b.tar"), dict)
    return tmp_path / "b.tar"


@pytest.mark.parametrize("blocks_left", [0, 1, 2, 3])
def test_a_backup_may_end_anywhere_in_a_record_of_the_archive(told, tmp_path, instance, blocks_left):
    def end_of_a_backup(name, size):
        (instance / "trust" / "long.pem").write_bytes(b"x" * size)
        told("backup", tmp_path / name)
        with tarfile.open(tmp_path / name) as tar:
            last = tar.getmembers()[-1]
        return last.offset_data + -(-last.size // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE

    wanted = -blocks_left * tarfile.BLOCKSIZE
    more = (wanted - end_of_a_backup("first.tar", tarfile.BLOCKSIZE)) % tarfile.RECORDSIZE
    assert (end_of_a_backup("b.tar", tarfile.BLOCKSIZE + more) - wanted) % tarfile.RECORDSIZE == 0
    assert told("restore", "--check", tmp_path / "b.tar")["rows"] is not None


def files(instance):
    """Return name, content and mode of each file that a backup keeps."""
    kept = [file for folder in ("trust", "crl") for file in (instance / folder).iterdir()]
    kept += [instance / "secret.key"]
    return {file.relative_to(instance): (file.read_bytes(), file.stat().st_mode & 0o777) for file in kept}


def nothing_is_restored(elsewhere):
    """See that neither file nor row is there, nor a draft of one."""
    there = {file.name for file in elsewhere["instance"].iterdir()}
    assert {name for name in there if not name.startswith("portal.sqlite3")} == set()
    engine = create_engine(elsewhere["database_url"])
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM service_provider")) == 0
    engine.dispose()


def test_any_name_and_mode_comes_back(file, instance, told, elsewhere):
    with tarfile.open(file) as tar:
        assert len(tar.getnames()) > 2 * len(NAMES)  # which other programs read too
    assert isinstance(told("restore", "--check", file), dict)
    assert isinstance(done := told("restore", file, **elsewhere), dict), done
    assert files(elsewhere["instance"]) == files(instance)


def test_one_that_differs_is_told_and_nothing_is_restored(file, told, typed, elsewhere):
    for make in (Path.mkdir, Path.touch, lambda place: place.symlink_to("nowhere")):
        (elsewhere["instance"] / "crl").mkdir()
        make(place := elsewhere["instance"] / "crl" / os.fsdecode(NAMES[3] + b".crl"))
        assert told("restore", file, **elsewhere) == "restore-file-exists"
        assert "a\nb\N{REPLACEMENT CHARACTER}[2J\\c.PEM.crl is there already" in typed("restore", file, **elsewhere).err
        place.rmdir() if make is Path.mkdir else place.unlink()
        (elsewhere["instance"] / "crl").rmdir()
        nothing_is_restored(elsewhere)


@pytest.mark.parametrize("at", [0, 1, 11, 20])
def test_a_rename_that_is_refused_half_way_takes_all_back(file, told, elsewhere, monkeypatch, at):
    done, rename = [], Path.rename

    def refused(draft, place):
        if len(done) == at:
            raise PermissionError(1, "Operation not permitted", str(place))
        done.append(place)
        return rename(draft, place)

    monkeypatch.setattr(Path, "rename", refused)
    assert told("restore", file, **elsewhere) == "system-refused"
    assert len(done) == at
    nothing_is_restored(elsewhere)


def test_a_commit_that_fails_takes_the_files_back(file, told, elsewhere, monkeypatch):
    def full(_):
        raise OperationalError("COMMIT", {}, OSError(28, "No space left on device"))

    with monkeypatch.context() as patched:
        patched.setattr(Session, "commit", full)
        assert told("restore", file, **elsewhere) == "disk-full"
    nothing_is_restored(elsewhere)
    assert isinstance(told("restore", file, **elsewhere), dict)


def test_a_file_that_cannot_be_kept_or_read_is_named(told, typed, tmp_path, instance, monkeypatch):
    monkeypatch.setattr(service, "MAX_BYTES", 9)
    (instance / "crl" / "large.crl").write_bytes(bytes(10))
    assert told("backup", tmp_path / "b.tar") == "backup-unwritable"
    assert "large.crl has more than 9 bytes" in typed("backup", tmp_path / "b.tar").err
    assert not (tmp_path / "b.tar").exists()


@pytest.mark.usefixtures("instance")
def test_a_backup_that_is_told_to_end_leaves_no_half_file(typed, tmp_path, monkeypatch):
    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr(service, "_write_table", lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    done = typed("backup", tmp_path / "b.tar")
    assert (done.status, done.err, (tmp_path / "b.tar").exists()) == (1, "Aborted!", False)
    assert signal.getsignal(signal.SIGTERM) is before


MOUNTED = 'mount -t tmpfs -o size=4m none "$1/trust"; mount -t tmpfs -o size=$2 none "$1/crl"; shift 2; "$@"; status=$?'


@pytest.mark.parametrize(("room", "status"), [("4m", 0), ("8k", 1)])
def test_folders_that_are_mounts_of_their_own(file, instance, elsewhere, room, status):
    """Restore where neither folder can be renamed into; and where one is full half way."""
    there = elsewhere["instance"]
    for name in ("trust", "crl"):
        (there / name).mkdir()
    settings = {"MYKEY_ORIGIN": "https://id.example.jp", "MYKEY_INSTANCE": str(there), "MYKEY_DATABASE_URL": ""}
    script = f'set +e; {MOUNTED}; cp -a "$MYKEY_INSTANCE" "$OUT"; exit $status'
    done = subprocess.run(
        [*NAMESPACE, script, "sh", there, room, *MYKEY, "restore", "--json", file],
        env=os.environ | settings | {"OUT": str(there.with_name("out"))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stderr
    out = there.with_name("out")
    if status:
        assert '"code": "disk-full"' in done.stderr
        assert [*(out / "trust").iterdir(), *(out / "crl").iterdir()] == []
        assert not (out / "secret.key").exists()
    else:
        assert files(out) == files(instance)
