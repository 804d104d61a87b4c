"""The power goes while many look up: whatever the file then holds, what was answered is in it.

What the portal writes is watched with strace, and each answer is a moment to cut: of what was not synced by then the
file has nothing, all, or any part. `make soak` asks it; the kills of test_killed_lookups lose nothing of the kind.
"""

import re
import shutil
import sqlite3
import subprocess
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from random import Random
from threading import Event

import pytest

from portal.extensions import db
from tests.portal.lives.test_killed_lookups import CLIENTS, asked, requests, serving  # noqa: F401 - fixtures

ANSWERS, SECTOR = 40, 512
"""How many answers one client wants, and what a disk writes as one."""
LOOKED_UP = """
SELECT service_id, count(*) FROM id_use JOIN service_link USING (person_id, service_provider_id)
WHERE what = 'looked-up' GROUP BY service_id
"""
WATCHED = "pwrite64,ftruncate,unlink,fsync,fdatasync,sendto"
LINE = re.compile(r"(\d+) +(?:<\.\.\. (\w+) resumed>|(\w+)\()(.*)")
FILE = re.compile(r'(?:\d+<([^>]*)>|"([^"]*)")')
SERVICE_ID = re.compile(rb'"service_id": ?"([^"]+)"')
TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


class Disk:
    """What is on the disk of each file for certain, and what was written since."""

    def __init__(self, files):
        self.synced = {str(file): file.read_bytes() for file in files}
        self.since = {}

    def write(self, file, change):
        self.since.setdefault(file, []).append(change)

    def sync(self, file, count):
        """Take what had been written when the sync began."""
        changes = self.since.get(file, [])
        self.synced[file] = after(self.synced.get(file, b""), changes[:count])
        self.since[file] = changes[count:]

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
def watched(process, log):
    """Write down what a process tells the system of its files and its answers."""
    command = (
        "strace",
        "-f",
        "-y",
        "-xx",
        "-s",
        "100000",
        "-o",
        str(log),
        "-e",
        f"trace={WATCHED}",
        "-p",
        str(process.pid),
    )
    strace = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
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
        elif name == "pwrite64":
            data = bytes.fromhex(TEXT.search(rest)[1].replace("\\x", ""))
            disk.write(file, (int(re.search(r'", \d+, (\d+)', rest)[1]), data))
        elif name == "ftruncate":
            disk.write(file, (int(re.search(r", (\d+)", rest)[1]), None))
        else:
            raise AssertionError(line)


def plain(text):
    """Return a path that strace wrote in hex, or not."""
    return bytes.fromhex(text.replace("\\x", "")).decode() if text.startswith("\\x") else text


def found_on(disk, kept, folder):
    """Return how many look-ups of each person a portal would find there after the power is back."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for file, content in disk.cut(kept).items():
        (folder / file.rpartition("/")[2]).write_bytes(content)
    with sqlite3.connect(folder / "portal.sqlite3") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return Counter(dict(connection.execute(LOOKED_UP).fetchall()))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_was_answered_is_on_the_disk_whenever_the_power_goes(app, serving, requests, tmp_path):  # noqa: F811
    log, ended = tmp_path / "log", Event()

    def count(number):
        if number == ANSWERS:
            ended.set()

    with app.app_context():
        db.engine.dispose()  # all of it is in the file then
    with serving() as (process, port):
        disk = Disk(tmp_path.glob("portal.sqlite3*"))
        with watched(process, log), ThreadPoolExecutor(CLIENTS) as threads:
            list(threads.map(lambda request: asked(port, request, ended, count), requests.values()))
    random, answered, cuts = Random(1), Counter(), 0  # noqa: S311 - not a secret
    for answer in moments(log, disk):
        if (named := SERVICE_ID.search(answer)) is None:
            continue
        answered[named[1].decode()] += 1
        for kept in (nothing, everything, torn(random)):
            found = found_on(disk, kept, tmp_path / "after")
            assert answered <= found, f"lost after answer {answered.total()}"
            assert (found - answered).total() <= CLIENTS
        cuts += 3
    assert answered.total() >= ANSWERS
    print(f"{cuts} cuts: {answered.total()} answered, none lost")  # noqa: T201
