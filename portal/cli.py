"""The command `mykey`: run a portal in production."""

import logging
import os

import click

from portal.commands.audit import audit
from portal.commands.providers import link, provider
from portal.commands.staff import staff
from portal.commands.surroundings import answering_database, read_settings, stop, stop_unless_current
from portal.commands.terminals import terminal
from portal.domain.errors import NotConfiguredError

LARGEST_BODY = 1024 * 1024
SERVER = {
    "threads": 8,
    # X-Forwarded-For is believed or not by the portal itself (MYKEY_TRUSTED_PROXIES)
    "clear_untrusted_proxy_headers": False,
    "max_request_body_size": LARGEST_BODY,
    "connection_limit": 1000,  # idle ones cost little, and a hundred of them shall not shut everybody out
    "channel_timeout": 30,
}


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

    settings = read_settings()
    try:
        app = create_app(settings)
    except NotConfiguredError as error:
        stop(str(error))
    stop_unless_current(settings)
    if settings.revocation == "none":
        click.echo("電子証明書の有効性確認は行われていません。 (MYKEY_REVOCATION=none)", err=True)
    click.echo(f"{settings.origin} is served at {settings.listen}", err=True)
    waitress.serve(app, listen=settings.listen, **SERVER)


for group in (staff, provider, terminal, link, audit):
    main.add_command(group)


@main.group()
def db() -> None:
    """Care for the database."""


@db.command()
def upgrade() -> None:
    """Bring the database to the newest version; safe to run twice."""
    from portal.store import upgrade as upgrade_store  # noqa: PLC0415

    settings = read_settings()
    (settings.instance / "trust").mkdir(parents=True, exist_ok=True)
    with answering_database():
        upgrade_store(settings.database)
    click.echo("The database is at the newest version.")
