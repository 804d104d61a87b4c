"""`mykey provider` and `mykey link`: service providers, and the service IDs of their customers."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from portal.commands.surroundings import open_portal
from portal.domain.reception import FirstLinks
from portal.domain.service_id import CHECK_DIGITS

LARGEST_CERTIFICATE = 64 * 1024
REASON = click.option("--reason", default="", help="Why, for the audit chain.")


@click.group()
def provider() -> None:
    """Admit, list and suspend service providers."""


@provider.command()
@click.argument("service_provider_id")
@click.argument("name")
def add(service_provider_id: str, name: str) -> None:
    """Admit a provider under its SERVICE_PROVIDER_ID (サービス提供ID) and the NAME that citizens read."""
    with open_portal() as rooms:
        rooms.providers.add(service_provider_id, name)
    click.echo(f"{service_provider_id} is a service provider.")


@provider.command(name="list")
def show_all() -> None:
    """List every provider: ID, name, suspended or not."""
    with open_portal() as rooms:
        for row in rooms.providers.all():
            click.echo(f"{row.service_provider_id}  {row.name}  {'suspended' if row.suspended_at else 'active'}")


@provider.command()
@click.argument("service_provider_id")
@REASON
def suspend(service_provider_id: str, **by: str) -> None:
    """Refuse a provider and its terminals from the next request on; links stay."""
    with open_portal() as rooms:
        rooms.providers.suspend(service_provider_id, **by)
    click.echo(f"{service_provider_id} is suspended.")


@provider.command()
@click.argument("service_provider_id")
@REASON
def resume(service_provider_id: str, **by: str) -> None:
    """Let a suspended provider act again."""
    with open_portal() as rooms:
        rooms.providers.resume(service_provider_id, **by)
    click.echo(f"{service_provider_id} may act again.")


@provider.command(name="set")
@click.argument("service_provider_id")
@click.option(
    "--picture", help="Form of a service ID: 9 a digit, A one of A-Z, X either, | between forms; '' for none."
)
@click.option("--check-digit", type=click.Choice(["", *CHECK_DIGITS]), help="'' for none.")
@click.option("--first-links", type=click.Choice([each.value for each in FirstLinks]), help="Who makes first links.")
@click.option("--typed-mykey-ids/--no-typed-mykey-ids", default=None, help="Look-ups by a typed MyKey ID.")
@click.option("--handoff-url", help="Where service IDs are handed over, https; '' for nowhere.")
@REASON
def set_up(service_provider_id: str, reason: str, **given: Any) -> None:
    """Set a provider up; what is not given stays."""
    from portal.services.providers import SetUp  # noqa: PLC0415 - `mykey --help` needs none of it

    changes: dict[str, Any] = {
        name: None if value == "" else value for name, value in given.items() if value is not None
    }
    with open_portal() as rooms:
        now = SetUp.of(rooms.providers.known(service_provider_id))
        rooms.providers.set_up(service_provider_id, replace(now, **changes), reason=reason)
    click.echo(f"{service_provider_id} is set up.")


@click.group()
def link() -> None:
    """Link service IDs, as a provider's terminal does."""


@link.command(name="add")
@click.argument("service_provider_id")
@click.argument("certificate_file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("service_id")
def add_link(service_provider_id: str, certificate_file: Path, service_id: str) -> None:
    """Link a SERVICE_ID to the person whose certificate is in CERTIFICATE_FILE (DER), verified as after a tap."""
    with certificate_file.open("rb") as file:
        der = file.read(LARGEST_CERTIFICATE)
    with open_portal() as rooms:
        certificate = rooms.verifier.verify_certificate(der, rooms.clock())
        rooms.reception.link(service_provider_id, certificate, service_id)
    click.echo(f"{service_id} is linked at {service_provider_id}.")
