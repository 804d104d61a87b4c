"""`mykey db copy`: every row goes to the other database, broken off or not, and nothing is changed meanwhile."""

import json
import os
import signal
import subprocess
import sys
import tracemalloc
from threading import Thread
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, insert, make_url, text, update

from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.domain.roles import Role
from portal.extensions import db
from portal.migrations import schema_version
from portal.models import AuditHead, Base, Person, Review, ServiceProvider
from portal.read_only import FILE, ReadOnly
from portal.services.operation.database import database_copy as service
from portal.services.record.table_rows import line_of
from portal.serving.worker import Worker
from portal.transactions import acting
from tests.conftest import NOW, a_database
from tests.portal.actors.card_holders import rows
from tests.portal.actors.staff import added_staff, signed_in_staff
from tests.waiting import wait_until


@pytest.fixture
def life(town, app):
    """Let people live; every kind of row that the town's acts write."""
    town.live()
    added_staff(app, "窓口 太郎")
    return signed_in_staff(app, roles=(Role.CLERK, Role.OPERATOR))


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request, tmp_path):
    """Give an empty database of each kind."""
    (tmp_path / "target").mkdir()
    yield from a_database(request.param, request, tmp_path / "target")


@pytest.fixture
def sqlite_target(tmp_path):
    """Give the address of a database that is not there yet."""
    return f"sqlite:///{tmp_path / 'new.sqlite3'}"


def contents(url):
    """Return every row of every table, those that a backup leaves out too."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = {
            table.name: sorted(line_of(table, tuple(row)) for row in connection.execute(table.select()))
            for table in Base.metadata.sorted_tables
        }
    engine.dispose()
    return found


def test_every_row_is_there_and_the_portal_goes_on_where_everybody_is_signed_in(
    life, told, settings, target, app_with, town
):
    before = contents(settings.database)
    assert {"browser_session", "staff_link"} <= {name for name, found in before.items() if found}
    done = told("db", "copy", "--to", target)
    assert (done["rows"], done["tables"]) == (sum(map(len, before.values())), len(before))
    assert contents(target) == before == contents(settings.database)
    assert told("audit", "verify", database_url=target)["entries"] == done["audit_entries"] > 5
    assert told("db", "copy", "--to", target) == "copy-done"
    there = app_with(database_url=target)
    life.client.application = there
    assert "窓口 花子" in life.get("/staff").words
    town.app, town.services = there, there.extensions["mykey"]
    assert town.register(town.card("NEWCOMER12345607202002B")) not in set(Code)


def test_the_old_database_stays_read_only_and_the_new_one_never_is(life, told, settings, sqlite_target, app_with, town):  # noqa: ARG001
    told("db", "copy", "--to", sqlite_target)
    with pytest.raises(PortalError, match=Code.READ_ONLY):
        town.register(town.card("NEWCOMER12345607202002B"))
    assert [ReadOnly(settings.instance, each)() for each in (settings.database, sqlite_target)] == [True, False]
    assert told("db", "copy", "--give-up") == {"state": "given-up"}
    assert town.register(town.card("ANOTHER123456707202002B")) not in set(Code)
    assert told("db", "copy", "--to", sqlite_target) == "copy-target-not-empty"
    assert not (settings.instance / FILE).exists()


def test_a_new_database_that_is_not_whole_changes_nothing_either(life, told, settings, sqlite_target, monkeypatch):  # noqa: ARG001
    broken_off(told, sqlite_target, monkeypatch, after=3)
    assert [ReadOnly(settings.instance, each)() for each in (settings.database, sqlite_target)] == [True, True]
    assert told("db", "copy", "--to", "sqlite:///x", database_url=sqlite_target) == "read-only"


def test_an_address_that_is_none_is_told(life, told, settings):  # noqa: ARG001
    assert told("db", "copy", "--to", "postgresql://mykey@db:54e2/mykey") == "usage"
    assert told("db", "copy", "--to", "postgres://mykey@127.0.0.1:1/mykey") == "database-unavailable"
    assert not (settings.instance / FILE).exists()


def test_nothing_is_given_up_from_within_the_new_database(life, told, settings, sqlite_target, monkeypatch):  # noqa: ARG001
    broken_off(told, sqlite_target, monkeypatch, after=3)
    assert told("db", "copy", "--give-up", database_url=sqlite_target) == "read-only"
    assert ReadOnly(settings.instance, sqlite_target)()
    told("db", "copy", "--to", sqlite_target)
    assert told("db", "copy", "--give-up", database_url=sqlite_target) == "copy-done"
    assert ReadOnly(settings.instance, settings.database)()


class Broken(Exception):
    """Stand for whatever ends a copy."""


def broken_off(told, target, monkeypatch, *, after=None):
    """Begin a copy that ends after so many pieces, or right before the last one."""
    bring, pieces = service._Table._bring, []

    def counted(table, piece):
        pieces.append(piece)
        if len(pieces) > after if after is not None else table.table is service.HEAD:
            raise Broken
        bring(table, piece)

    with monkeypatch.context() as patched:
        patched.setattr(service._Table, "_bring", counted)
        with pytest.raises(AssertionError):
            told("db", "copy", "--to", target)
    return len(pieces) - 1


@pytest.mark.parametrize("after", [0, 1, 7])
def test_what_was_broken_off_goes_on_and_all_is_there(life, told, settings, target, monkeypatch, after):  # noqa: ARG001
    monkeypatch.setattr(service, "PIECE_ROWS", 5)
    before = contents(settings.database)
    assert broken_off(told, target, monkeypatch, after=after) == after
    assert contents(target) != before
    assert told("db", "copy", "--to", target)["rows"] == sum(map(len, before.values()))
    assert contents(target) == before


KILLED = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # in the background of a shell it is ignored
from portal.cli import main
from portal.services.operation.database import database_copy as service
service.PIECE_ROWS, left, bring = 5, [int(sys.argv[1])], service._Table._bring
def counted(table, piece):
    bring(table, piece)
    left[0] -= 1
    if not left[0]:
        os.kill(os.getpid(), getattr(signal, sys.argv[2]))
service._Table._bring = counted
main(["db", "copy", "--to", sys.argv[3]])
"""


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("by", ["SIGKILL", "SIGINT"])
def test_a_signal_in_the_middle_loses_nothing(life, told, settings, target, by):  # noqa: ARG001
    before = contents(settings.database)
    command = [sys.executable, "-c", KILLED, "4", by, target]
    named = {"MYKEY_ORIGIN": settings.origin, "MYKEY_INSTANCE": str(settings.instance), "MYKEY_REVOCATION": "none"}
    environment = os.environ | named | {"MYKEY_DATABASE_URL": settings.database}
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert done.returncode == (-signal.SIGKILL if by == "SIGKILL" else 1)
    assert ReadOnly(settings.instance, settings.database)()
    assert contents(target) != before
    assert told("db", "copy", "--to", target)["rows"] == sum(map(len, before.values()))
    assert contents(target) == before


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_new_server_that_goes_away_and_comes_back_loses_nothing(life, told, settings, request, tmp_path, monkeypatch):  # noqa: ARG001
    monkeypatch.setattr(service, "PIECE_ROWS", 5)
    before, bring, pieces = contents(settings.database), service._Table._bring, []
    target, server = next(a_database("postgresql", request, tmp_path)), request.getfixturevalue("postgresql")

    def ended(table, piece):
        pieces.append(piece)
        if len(pieces) == 4:
            with server.connect() as connection:
                connection.execute(text(ENDED), {"name": make_url(target).database})
        bring(table, piece)

    with monkeypatch.context() as patched:
        patched.setattr(service._Table, "_bring", ended)
        assert told("db", "copy", "--to", target) == "database-unavailable"
    assert told("db", "copy", "--to", target)["rows"] == sum(map(len, before.values()))
    assert contents(target) == before


ENDED = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("change", ["another row", "another value", "a row less and one more"])
def test_another_row_in_the_new_database_is_found(life, told, settings, sqlite_target, monkeypatch, change):  # noqa: ARG001
    broken_off(told, sqlite_target, monkeypatch)
    statements = {
        "another row": ["INSERT INTO taken_string (string, use) VALUES ('NOBODYS1234567', 'default')"],
        "another value": ["UPDATE service_provider SET name = 'x'"],
        "a row less and one more": [
            "DELETE FROM service_provider WHERE name = (SELECT min(name) FROM service_provider)",
            "UPDATE service_provider SET name = 'y'",
        ],
    }
    engine = create_engine(sqlite_target)
    with engine.begin() as connection:
        for statement in statements[change]:
            connection.execute(text(statement))
    engine.dispose()
    assert told("db", "copy", "--to", sqlite_target) == "copy-differs"
    assert ReadOnly(settings.instance, settings.database)()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_database_in_which_somebody_acted_is_left_alone(life, told, settings, tmp_path):  # noqa: ARG001
    other = f"sqlite:///{tmp_path / 'other.sqlite3'}"
    schema_version.upgrade(other)
    engine = create_engine(other)
    with engine.begin() as connection:
        connection.execute(update(AuditHead).values(number=1))
    engine.dispose()
    before = contents(other)
    assert told("db", "copy", "--to", other) == "copy-target-not-empty"
    assert told("db", "copy", "--to", settings.database) == told("db", "copy") == "usage"
    assert contents(other) == before
    assert not (settings.instance / FILE).exists()


def test_an_act_that_had_begun_is_refused_at_its_end_or_copied(life, told, settings, app, sqlite_target, monkeypatch):  # noqa: ARG001
    """Begin an act before the copy, and end it while the copy waits for it."""
    begun, outcome = [], []

    def act():
        with app.app_context():
            try:
                with acting(db.session):
                    db.session.execute(insert(Person).values(person_id=uuid4(), registered_at=NOW))
                    db.session.flush()
                    begun.append(1)
                    wait_until((settings.instance / FILE).exists)
                outcome.append("done")
            except PortalError as error:
                outcome.append(error.code)

    thread = Thread(target=act)
    thread.start()
    wait_until(lambda: begun)
    told("db", "copy", "--to", sqlite_target)
    thread.join()
    assert outcome == [Code.READ_ONLY]
    assert contents(sqlite_target) == contents(settings.database)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_memory_does_not_grow_with_the_database(app, told, settings, tmp_path, monkeypatch):
    monkeypatch.setattr(service, "PIECE_BYTES", 200_000)
    peaks = []
    for number, rows_of_10_kb in enumerate((100, 700)):
        (settings.instance / FILE).unlink(missing_ok=True)
        with app.app_context():
            facts = {"facts": {"a": "x" * 10_000}, "code": Code.RENEWAL_ORDER, "opened_at": NOW}
            db.session.execute(insert(Review), [{"review_key": uuid4().hex, **facts} for _ in range(rows_of_10_kb)])
            db.session.commit()
        schema_version.upgrade(target := f"sqlite:///{tmp_path / str(number)}")
        tracemalloc.start()
        assert told("db", "copy", "--to", target)["rows"] > rows_of_10_kb
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0], peaks


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_progress_is_told_by_table_and_how_long_it_takes_yet(life, typed, settings, sqlite_target, monkeypatch, app):  # noqa: ARG001
    from portal.commands import db_copy  # noqa: PLC0415

    monkeypatch.setattr(db_copy, "EVERY", db_copy.EVERY * 0)
    written = []
    monkeypatch.setattr(ReadOnly, "write", lambda _, move: written.append(move))
    done = typed("db", "copy", "--to", sqlite_target)
    assert f"service_provider: {len(rows(app, ServiceProvider))}/{len(rows(app, ServiceProvider))}" in done.err
    assert "MYKEY_DATABASE_URL" in done.out
    assert [written[0].until, written[0].done, written[-1].done] == [None, False, True]
    assert any(move.until for move in written)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_worker_pauses(life, told, app, sqlite_target, caplog):  # noqa: ARG001
    told("db", "copy", "--to", sqlite_target)
    before = contents(sqlite_target)
    worker = Worker(app)
    worker.start()
    worker._woken.set()
    wait_until(worker._thread.is_alive)
    worker.stop()
    assert "cannot be read" not in caplog.text
    assert contents(app.extensions["mykey"].settings.database) == before


def test_the_file_has_no_password(settings, told, life, tmp_path):  # noqa: ARG001
    told("db", "copy", "--to", f"sqlite:///{tmp_path / 'new.sqlite3'}")
    written = json.loads((settings.instance / FILE).read_text())
    assert {name: len(str(value)) for name, value in written.items() if name in ("source", "target")} == {
        "source": 64,
        "target": 64,
    }
    assert (settings.instance / FILE).stat().st_mode & 0o777 == 0o600
