"""`mykey backup` into a folder: whole and checked before it has its name, the newest are kept, the newest is tried."""

import fcntl
import os
import re
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from portal.commands import backup as command
from portal.extensions import db
from portal.services.operation.database.backup import newest_backup
from tests.conftest import sqlite_alone as database  # noqa: F401 (a fixture)
from tests.portal.actors.town import HANAKO, LIBRARY


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "backups"


@pytest.fixture
def life(town):
    town.register(town.card(HANAKO), LIBRARY)


@pytest.fixture
def back_up(told, folder, life):  # noqa: ARG001
    def run(*words):
        return told("backup", *words, backups=folder)

    return run


def older(folder, *days):
    """Put files of the right name there, made so many days ago; return their names."""
    folder.mkdir(exist_ok=True)
    names = [(datetime.now(UTC) - timedelta(days=each)).strftime("mykey-%Y-%m-%d-%H%M%S.tar") for each in days]
    for name in names:
        (folder / name).write_bytes(b"older")
    return names


def names(folder):
    return sorted(each.name for each in folder.iterdir())


def test_a_new_one_is_written_checked_and_named_after_its_time(back_up, folder, told):
    done = back_up()
    [name] = names(folder)
    assert re.fullmatch(r"mykey-\d{4}-\d\d-\d\d-\d{6}\.tar", name)
    assert (done["file"], done["kept"], done["removed"]) == (str(folder / name), 1, 0)
    assert [(folder / each).stat().st_mode & 0o777 for each in (".", name)] == [0o700, 0o600]
    assert abs(newest_backup(folder).made_at - datetime.now(UTC)) < timedelta(minutes=5)
    checked = told("restore", "--check", backups=folder)
    assert (checked["rows"], checked["audit_entries"]) == (done["rows"], done["rows"]["audit_entry"])


def test_the_newest_are_kept_and_what_has_another_name_is_let_be(back_up, folder):
    _, *kept = older(folder, 4, 3, 2, 1)
    others = ["mykey-2026-11-25.tar", "mykey-2026-13-01-000000.tar", "notes", "mykey-2020-01-01-000000.tar.gpg"]
    for name in others:
        (folder / name).write_bytes(b"others'")
    done = back_up("--keep", 4)
    assert (done["kept"], done["removed"]) == (4, 1)
    assert set(names(folder)) == {*kept, *others, Path(done["file"]).name}


def test_a_clock_that_went_back_never_takes_the_new_one_away(back_up, folder):
    ahead = older(folder, -400, -401, -402)
    done = back_up("--keep", 2)
    assert (done["kept"], done["removed"]) == (2, 2)
    assert set(names(folder)) == {ahead[-1], Path(done["file"]).name}


@pytest.mark.parametrize("damage", ["chain", "disk"])
def test_nothing_is_taken_away_before_the_new_one_is_whole(back_up, folder, app, monkeypatch, damage):
    kept = older(folder, 3, 2)
    if damage == "chain":
        with app.app_context():
            db.session.execute(text("UPDATE audit_entry SET event = 'nothing:at:all' WHERE number = 2"))
            db.session.commit()
    else:
        monkeypatch.setattr(command, "rehearse", lambda _: (_ for _ in ()).throw(OSError(28, "No space left")))
    assert back_up("--keep", 1) == ("audit-broken" if damage == "chain" else "disk-full")
    assert names(folder) == sorted(kept)


def test_what_a_killed_one_left_goes_and_two_at_a_time_do_not(back_up, folder):
    folder.mkdir()
    (folder / ".mykey-2026-11-25-010203.tar.part").write_bytes(b"half")
    with held(folder):
        assert back_up() == "already-going-on"
    back_up()
    assert [name for name in names(folder) if name.endswith(".part")] == []


@contextmanager
def held(folder):
    """Hold a folder as another `mykey backup` does."""
    descriptor = os.open(folder, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    yield
    os.close(descriptor)


def test_without_folder_or_backup_it_is_said_what_is_missing(told, typed, folder, life):  # noqa: ARG001
    assert told("backup") == told("restore", "--check") == told("restore") == "usage"
    assert typed("backup").status == 2
    folder.mkdir()
    assert told("restore", "--check", backups=folder) == "backup-missing"
    assert told("backup", backups=folder / "no" / "such") == "backup-unwritable"


@pytest.mark.parametrize(("days", "status"), [((1, 9), "ok"), ((3,), "warn"), ((), "warn"), ((-400, 3), "warn")])
def test_doctor_says_how_old_the_newest_is(typed, folder, days, status):
    older(folder, *days)
    told = [line.split(maxsplit=2) for line in typed("doctor", backups=folder).out.splitlines()]
    assert {line[1]: line[0] for line in told}["backups:"] == status
    assert "backups:" not in typed("doctor").out
