"""The version of the database's tables (Alembic), for SQLite and PostgreSQL alike."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, create_engine, inspect, make_url, text

from portal.domain.codes import Code
from portal.domain.errors import CommandRefused

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent
NOT_UTF8 = (
    "The database of MYKEY_DATABASE_URL is in {}, not in UTF8: make another one with "
    "`createdb --encoding UTF8 --template template0`."
)


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
    """Return the version of the tables; None where there are none yet.

    Raises CommandRefused setting-invalid where a database of PostgreSQL is not in UTF8.
    """
    postgresql = make_url(database).get_backend_name() == "postgresql"
    # Where the database has no encoding (SQL_ASCII), SQLAlchemy cannot begin without one.
    engine = create_engine(database, connect_args={"client_encoding": "utf8"} if postgresql else {})
    file = Path(engine.url.database or "")
    if engine.dialect.name == "sqlite" and file.parent.is_dir() and not file.exists():  # asking would make it
        return None
    try:
        with engine.connect().execution_options(reads=True) as connection:  # waits for nobody who writes
            encoding = connection.scalar(text("SHOW server_encoding")) if postgresql else "UTF8"
            if encoding != "UTF8":
                raise CommandRefused(Code.SETTING_INVALID, NOT_UTF8.format(encoding))
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
