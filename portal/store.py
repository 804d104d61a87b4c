"""The version of the database's tables (Alembic), for SQLite and PostgreSQL alike."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, create_engine, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(database: str, version: str = "head") -> None:
    """Bring the tables to a version, the newest if no other is named."""
    from alembic import command  # noqa: PLC0415 - a third of the portal's start-up, which needs none of it

    command.upgrade(alembic_config(database), version)


def versions() -> list[str]:
    """Return every version there is, the oldest first; a migration's file is named after its own."""
    return sorted(file.stem.partition("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def is_current(database: str) -> bool:
    """Tell whether the tables are at the newest version."""
    return version_of(database) == versions()[-1]


def version_of(database: str) -> str | None:
    """Return the version of the tables; None where there are none yet."""
    engine = create_engine(database)
    file = Path(engine.url.database or "")
    if engine.dialect.name == "sqlite" and file.parent.is_dir() and not file.exists():  # asking would make it
        return None
    try:
        with engine.connect().execution_options(reads=True) as connection:  # waits for nobody who writes
            return version_in(connection)
    finally:
        engine.dispose()


def version_in(connection: Connection) -> str | None:
    """Return the version of the tables that a connection reaches, as `version_of` does."""
    made = inspect(connection).has_table("alembic_version")
    return connection.scalar(text("SELECT version_num FROM alembic_version")) if made else None


def alembic_config(database: str) -> "Config":
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["database"] = database
    return config
