"""What every command needs: the settings, a reachable database, and one sentence where something is wrong."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

import click
from pydantic import ValidationError

from portal.config import Settings
from portal.domain.codes import Code
from portal.domain.errors import Refusal

if TYPE_CHECKING:
    from sqlalchemy.orm import scoped_session

    from portal.container import Services

AS_JSON = "mykey.json"
"""Where click's context remembers that a program asks."""


@contextmanager
def answering_database() -> Iterator[None]:
    """Stop with a sentence where the database does not answer; the error's own text may hold the password."""
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

    try:
        yield
    except (SQLAlchemyError, ImportError) as error:
        stop(
            f"The database does not answer ({type(error).__name__}). See that it runs and that MYKEY_DATABASE_URL is "
            "its address; for PostgreSQL the package needs its extra: mykey-portal[postgresql].",
            Code.DATABASE_UNAVAILABLE,
        )


@contextmanager
def open_database(settings: Settings) -> Iterator["scoped_session[Any]"]:
    """Open the database as the server does, or stop where it does not answer or is not at the newest version."""
    from sqlalchemy import create_engine  # noqa: PLC0415
    from sqlalchemy.orm import scoped_session, sessionmaker  # noqa: PLC0415

    from portal import transactions  # noqa: F401, PLC0415 - how SQLite begins a transaction

    stop_unless_current(settings)
    with answering_database():
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
    with app.app_context(), force_locale("en"), answering_database():
        try:
            yield app.extensions["mykey"]
        except Refusal as error:
            stop(f"{problem_of(error.code).title} ({error.code})", error.code)
        finally:
            db.session.remove()
            db.engine.dispose()


def read_settings() -> Settings:
    """Read the settings from the environment, or stop with what is wrong with them."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = {str(each["loc"][0]): each["msg"] for each in error.errors()}
        stop(
            "\n".join(
                f"MYKEY_{name.upper()}: {told}. {Settings.model_fields[name].description}."
                for name, told in wrong.items()
            ),
            Code.SETTING_INVALID,
        )


def wants_json() -> bool:
    """Tell whether a program asks, and not a person."""
    context = click.get_current_context(silent=True)
    return context is not None and bool(context.meta.get(AS_JSON))


def tell_error(sentence: str, code: Code, *, as_json: bool) -> None:
    """Say on standard error what is wrong."""
    told = json.dumps({"code": code, "message": sentence}, ensure_ascii=False) if as_json else readable(sentence)
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
    from portal.store import is_current  # noqa: PLC0415

    with answering_database():
        current = is_current(settings.database)
    if not current:
        stop("The database is not at the newest version. Run `mykey db upgrade` first.", Code.DATABASE_NOT_CURRENT)
