"""The command `mykey`: run a portal in production."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import click
from pydantic import ValidationError

from portal.config import Settings
from portal.domain.errors import NotConfiguredError

LARGEST_BODY = 1024 * 1024


@click.group()
def main() -> None:
    """MyKey Portal. Settings come from the environment; docs/operations.md lists them."""
    os.umask(0o077)  # database and key are nobody else's
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")


@main.command()
def serve() -> None:
    """Serve the portal behind a TLS proxy, at MYKEY_LISTEN."""
    import waitress  # noqa: PLC0415 - `mykey --help` needs none of it

    from portal import create_app  # noqa: PLC0415
    from portal.store import is_current  # noqa: PLC0415

    settings = _settings()
    try:
        app = create_app(settings)
    except NotConfiguredError as error:
        _stop(str(error))
    with _database():
        current = is_current(settings.database)
    if not current:
        _stop("The database is not at the newest version. Run `mykey db upgrade` first.")
    if settings.revocation == "none":
        click.echo("電子証明書の有効性確認は行われていません。 (MYKEY_REVOCATION=none)", err=True)
    click.echo(f"{settings.origin} is served at {settings.listen}", err=True)
    # X-Forwarded-For is believed or not by the portal itself (MYKEY_TRUSTED_PROXIES)
    waitress.serve(
        app,
        listen=settings.listen,
        threads=8,
        clear_untrusted_proxy_headers=False,
        max_request_body_size=LARGEST_BODY,
        connection_limit=1000,  # idle ones cost little, and a hundred of them shall not shut everybody out
        channel_timeout=30,
    )


@main.group()
def db() -> None:
    """Care for the database."""


@db.command()
def upgrade() -> None:
    """Bring the database to the newest version; safe to run twice."""
    from portal.store import upgrade as upgrade_store  # noqa: PLC0415

    settings = _settings()
    (settings.instance / "trust").mkdir(parents=True, exist_ok=True)
    with _database():
        upgrade_store(settings.database)
    click.echo("The database is at the newest version.")


@contextmanager
def _database() -> Iterator[None]:
    """Stop with a sentence where the database does not answer; the error's own text may hold the password."""
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

    try:
        yield
    except (SQLAlchemyError, ImportError) as error:
        _stop(
            f"The database does not answer ({type(error).__name__}). See that it runs and that MYKEY_DATABASE_URL is "
            "its address; for PostgreSQL the package needs its extra: mykey-portal[postgresql]."
        )


def _settings() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        wrong = {str(each["loc"][0]): each["msg"] for each in error.errors()}
        _stop("\n".join(f"MYKEY_{name.upper()}: {told}. {_meaning(name)}." for name, told in wrong.items()))


def _meaning(name: str) -> str:
    return Settings.model_fields[name].description or ""


def _stop(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    sys.exit(1)
