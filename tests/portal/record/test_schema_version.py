"""Migrations and manners of the database, on SQLite and PostgreSQL."""

from contextlib import ExitStack

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from click.testing import CliRunner
from sqlalchemy import create_engine, inspect, text

from portal.cli import main
from portal.extensions import db
from portal.migrations import schema_version
from portal.models import Base
from portal.transactions import acting, reading
from tests.portal.actors.town import HANAKO, LIBRARY

REVISIONS = ["0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008", "0009"]
"""Each is taken down and up again, with what a registration wrote."""


@pytest.fixture
def engine(database):
    engine = create_engine(database)
    yield engine
    engine.dispose()


def test_the_tables_are_those_of_the_models(engine):
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_every_migration_is_tested_here():
    assert schema_version.versions() == REVISIONS


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_migration_goes_down_and_up_again_with_data(revision, database, engine, complete, citizen):
    complete()
    citizen.post("/registration")
    before = _schema(engine)
    command.downgrade(schema_version.alembic_config(database), f"{revision}-1" if revision != "0001" else "base")
    assert _schema(engine) != before
    schema_version.upgrade(database)
    assert _schema(engine) == before


def _schema(engine):
    found = inspect(engine)
    tables = sorted(set(found.get_table_names()) - {"alembic_version"})
    return {
        table: (
            sorted((column["name"], str(column["type"]), column["nullable"]) for column in found.get_columns(table)),
            sorted(str(index["column_names"]) for index in found.get_indexes(table)),
            found.get_pk_constraint(table)["constrained_columns"],
        )
        for table in tables
    }


def test_upgrading_twice_changes_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("MYKEY_ORIGIN", "https://id.example.jp")
    monkeypatch.setenv("MYKEY_INSTANCE", str(tmp_path / "new"))
    for _ in range(2):
        result = CliRunner().invoke(main, ["db", "upgrade"])
        assert (result.exit_code, result.output) == (0, "The database is at the newest version.\n")
    assert schema_version.is_current(f"sqlite:///{tmp_path / 'new' / 'portal.sqlite3'}")


def test_a_database_that_nobody_made_is_not_current(tmp_path):
    assert not schema_version.is_current(f"sqlite:///{tmp_path / 'empty.sqlite3'}")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_sqlite_is_durable_and_strict(app):
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 15000}
    with app.app_context():
        found = {name: db.session.scalar(text(f"PRAGMA {name}")) for name in wanted}
    assert found == wanted


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("blocks", "begins"),
    [((acting,), "BEGIN IMMEDIATE"), ((reading,), "BEGIN"), ((acting, reading), "BEGIN IMMEDIATE")],
)
def test_an_act_takes_the_lock_first_and_a_read_that_is_part_of_none_does_not(app, statements, blocks, begins):
    with app.app_context(), statements() as said, ExitStack() as stack:
        for block in blocks:
            stack.enter_context(block(db.session))
        db.session.execute(text("SELECT 1"))
    assert said[0] == begins


def test_a_move_that_may_be_undone_is_undone_after_an_upgrade_too(town, database):
    old = town.card()
    person_id = town.register(old, LIBRARY)
    printed, code = town.stop_code_of(old), town.code_of(old)
    linked = town.look_up(old)
    assert town.by_code(town.renewed(), code) == person_id
    command.downgrade(schema_version.alembic_config(database), "0006")
    schema_version.upgrade(database)
    assert town.do("renewal", "undo", old, "renew") == person_id
    assert (town.look_up(old), town.current_id(person_id)) == (linked, HANAKO[:14])
    with town.app.app_context():
        town.services.stop_codes.stop(printed)
    assert town.look_up(old) == "mykey-id-stopped"
