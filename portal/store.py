"""The version of the database's tables (Alembic), for SQLite and PostgreSQL alike."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import create_engine

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(database: str, revision: str = "head") -> None:
    """Bring the tables to a version, the newest unless told otherwise."""
    command.upgrade(_config(database), revision)


def downgrade(database: str, revision: str) -> None:
    """Bring the tables back to an earlier version."""
    command.downgrade(_config(database), revision)


def is_current(database: str) -> bool:
    """Tell whether the tables are at the newest version."""
    engine = create_engine(database)
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    engine.dispose()
    return found == revisions()[-1].revision


def revisions() -> list[Script]:
    """Return every version there is, the oldest first."""
    return list(ScriptDirectory(str(MIGRATIONS)).walk_revisions())[::-1]


def _config(database: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["database"] = database
    return config
