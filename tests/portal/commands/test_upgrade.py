"""From the version before to this one with data, and back by its backup: no row and no value is lost."""

from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import MetaData, create_engine, inspect, text

from portal.commands import backup as backups
from portal.migrations import schema_version
from tests.conftest import a_database
from tests.portal.actors.staff import added_staff, signed_in_staff

BEFORE = schema_version.versions()[-2]


@pytest.fixture
def before(town, app, settings, clock):
    """Let people live, and take the tables to the version before; return every row of it."""
    town.stop(town.person_of(town.live()))
    signed_in_staff(app)
    added_staff(app, "窓口 太郎")
    clock.forward(minutes=1)
    command.downgrade(schema_version.alembic_config(settings.database), BEFORE)
    return rows(settings.database)


def rows(url):
    """Return every row of every table as this kind of database has it, whatever this program knows."""
    engine, found = create_engine(url), MetaData()
    with engine.connect() as connection:
        found.reflect(connection)
        read = {
            name: sorted(str(dict(sorted(row.items()))) for row in connection.execute(table.select()).mappings())
            for name, table in found.tables.items()
            if name != "alembic_version"
        }
    engine.dispose()
    return read


def columns(url):
    engine = create_engine(url)
    found = inspect(engine)
    told = {name: [each["name"] for each in found.get_columns(name)] for name in found.get_table_names()}
    engine.dispose()
    return told


def of_columns(url, wanted):
    """Return every value of these columns."""
    engine = create_engine(url)
    with engine.connect() as connection:
        read = {
            name: sorted(str(tuple(row)) for row in connection.execute(text(f"SELECT {', '.join(each)} FROM {name}")))  # noqa: S608 - names of our own tables
            for name, each in wanted.items()
            if name != "alembic_version"
        }
    engine.dispose()
    return read


def test_an_upgrade_keeps_every_row_and_begins_with_a_backup_that_leads_back(before, told, settings, tmp_path, request):
    assert sum(map(len, before.values())) > 40
    columns_before = {name: each for name, each in columns(settings.database).items() if name != "monthly_figure"}
    months = of_columns(settings.database, {"monthly_figure": ["service_provider_id", "month", "what", "times"]})
    values = of_columns(settings.database, columns_before)
    done = told("db", "upgrade", backups=tmp_path / "backups")
    assert (done["state"], done["from"]) == ("newest", BEFORE)
    assert schema_version.is_current(settings.database)
    still = {
        name: [each for each in there if each in columns_before.get(name, ())]
        for name, there in columns(settings.database).items()
    }
    assert {name: still[name] for name in columns_before} == columns_before
    assert of_columns(settings.database, columns_before) == values
    days = of_columns(settings.database, {"daily_figure": ["service_provider_id", "day", "what", "times"]})
    assert days["daily_figure"] == months["monthly_figure"] != []
    assert isinstance(told("audit", "verify"), dict)
    back_again(Path(done["backup"]), before, settings, tmp_path, request)
    assert "backup" not in told("db", "upgrade", backups=tmp_path / "backups")


def back_again(file, before, settings, tmp_path, request):
    """Bring the backup back into a database of the version before, of the same kind."""
    (tmp_path / "back").mkdir()
    kind = settings.database.partition("+")[0].partition(":")[0]
    for url in a_database(kind, request, tmp_path / "back"):
        command.downgrade(schema_version.alembic_config(url), BEFORE)
        elsewhere = settings.model_copy(update={"database_url": url, "instance": tmp_path / "back"})
        with file.open("rb") as opened:
            backups._restore(elsewhere, opened, any_version=True)
        left_out = {"browser_session", "card_session", "desk", "staff_link", "try_count"}
        after = rows(url)
        assert {name: after[name] for name in after if name not in left_out} == {
            name: before[name] for name in before if name not in left_out
        }


def test_where_the_backup_fails_nothing_is_upgraded(before, told, settings, tmp_path):  # noqa: ARG001
    engine = create_engine(settings.database)
    with engine.begin() as connection:
        connection.execute(text("UPDATE audit_entry SET event = 'nothing:at:all' WHERE number = 2"))
    engine.dispose()
    assert told("db", "upgrade", backups=tmp_path / "backups") == "audit-broken"
    assert schema_version.version_of(settings.database) == BEFORE


def test_what_this_program_does_not_know_is_no_backup(before, told, settings, tmp_path):  # noqa: ARG001
    engine = create_engine(settings.database)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE person ADD COLUMN of_old_times INTEGER"))
    engine.dispose()
    assert told("db", "upgrade", backups=tmp_path / "backups") == "backup-of-another-version"
    assert schema_version.version_of(settings.database) == BEFORE
