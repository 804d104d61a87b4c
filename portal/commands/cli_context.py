"""What every command needs: the settings, a reachable database, and one sentence where something is wrong."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EPIPE, EROFS
from typing import TYPE_CHECKING, Any, NoReturn

import click

from portal.commands.japanese import JAPANESE
from portal.config import Settings
from portal.domain.codes import Code
from portal.domain.errors import CommandRefused, NotConfiguredError, Refusal
from portal.settings_file import SettingsRefused, load_settings

if TYPE_CHECKING:
    from sqlalchemy.orm import scoped_session

    from portal.container import Services

AS_JSON = "mykey.json"
"""Where click's context remembers that a program asks."""


def stop_for(error: Exception) -> None:
    """Stop with a sentence where a rule, the disk or the database is in the way; other errors are let be."""
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

    from portal.startup_checks import DISK_FULL  # noqa: PLC0415
    from portal.transactions import error_name, is_disk_full  # noqa: PLC0415

    cause = getattr(error, "orig", error)
    number = getattr(cause, "errno", None)
    if isinstance(error, CommandRefused | NotConfiguredError):
        stop(str(error), getattr(error, "code", Code.NOT_CONFIGURED))
    if is_disk_full(error):
        stop(f"{getattr(cause, 'filename', None) or 'Here'}: {DISK_FULL}", Code.DISK_FULL)
    if number == EROFS:
        place = getattr(cause, "filename", None) or "The folder"
        stop(f"{place} is read-only: mount it so that it can be written.", Code.FOLDER_READ_ONLY)
    if isinstance(error, SQLAlchemyError | ImportError):
        _stop_where_unwritable(error_name(error))
        stop(
            f"The database does not answer ({error_name(error)}). See that it runs and that "
            "MYKEY_DATABASE_URL is its address; for PostgreSQL the package needs its extra: mykey-portal[postgresql].",
            Code.DATABASE_UNAVAILABLE,
        )
    if isinstance(error, OSError) and number != EPIPE:
        stop(f"{error.filename or 'The system'}: {error.strerror or error}.", Code.SYSTEM_REFUSED)


def _stop_where_unwritable(name: str) -> None:
    """Say where SQLite cannot write, by the name of its error."""
    from portal.startup_checks import refuse_unwritable  # noqa: PLC0415

    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_IOERR")):
        try:
            refuse_unwritable(read_settings())
        except CommandRefused as refused:
            stop(f"The database does not answer: {refused}", refused.code)


@contextmanager
def open_database(settings: Settings, *, any_version: bool = False) -> Iterator["scoped_session[Any]"]:
    """Open the database as the server does, or stop where it does not answer or is not at the newest version."""
    from sqlalchemy import create_engine  # noqa: PLC0415
    from sqlalchemy.orm import scoped_session, sessionmaker  # noqa: PLC0415

    from portal import transactions  # noqa: F401, PLC0415 - how SQLite begins a transaction

    if not any_version:
        stop_unless_current(settings)
    engine = create_engine(settings.database, hide_parameters=True)
    database = scoped_session(sessionmaker(engine, expire_on_commit=False))
    try:
        yield database
    finally:
        database.remove()
        engine.dispose()


@contextmanager
def open_portal() -> Iterator["Services"]:
    """Open the portal as the server does, and end with what it refuses."""
    from flask_babel import force_locale  # noqa: PLC0415 - `mykey --help` needs none of it

    from portal import create_app  # noqa: PLC0415
    from portal.extensions import db  # noqa: PLC0415
    from portal.web.problems import problem_of  # noqa: PLC0415

    settings = read_settings()
    stop_unless_current(settings)
    app = create_app(settings)
    with app.app_context(), force_locale("en"):
        try:
            yield app.extensions["mykey"]
        except Refusal as error:
            stop(f"{problem_of(error.code).title} ({error.code})", error.code)
        finally:
            db.session.remove()
            db.engine.dispose()


def read_settings() -> Settings:
    """Read the settings from environment and file, or stop with what is wrong with them, or with who asks."""
    from portal.startup_checks import refuse_root  # noqa: PLC0415

    try:
        settings = load_settings()
    except SettingsRefused as error:
        hint = "\n`mykey setup` asks for what is missing." if "origin" in error.told else ""
        stop(f"{error}{hint}", Code.SETTING_INVALID)
    refuse_root(settings)
    return settings


def wants_json() -> bool:
    """Tell whether a program asks, and not a person."""
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.meta.get(AS_JSON))


def tell_error(sentence: str, code: Code, *, as_json: bool) -> None:
    """Say on standard error what is wrong."""
    said = f"{sentence}\n{JAPANESE[code]}" if code in JAPANESE else sentence
    told = json.dumps({"code": code, "message": said}, ensure_ascii=False) if as_json else readable(said)
    click.echo(told, err=True)


def readable(text: str) -> str:
    """Keep what came from a file from steering the operator's terminal, and from being read backwards."""
    return "".join(each if each.isprintable() or each == "\n" else "\N{REPLACEMENT CHARACTER}" for each in text)


def stop(sentence: str, code: Code) -> NoReturn:
    """End the command with a sentence, and for programs with a code."""
    tell_error(sentence, code, as_json=wants_json())
    sys.exit(1)


def stop_unless_current(settings: Settings) -> None:
    """Stop where the database does not answer or is not at the newest version."""
    from portal.migrations.schema_version import is_current  # noqa: PLC0415

    if not is_current(settings.database):
        stop("The database is not at the newest version. Run `mykey db upgrade` first.", Code.DATABASE_NOT_CURRENT)
