"""`mykey provider` and `mykey link`: service providers, and the service IDs of their customers."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from portal.commands.surroundings import answering_database, read_settings, stop, stop_unless_current
from portal.domain.errors import NotConfiguredError, PortalError
from portal.pki.errors import PkiError

if TYPE_CHECKING:
    from portal.routes.access import Rooms

LARGEST_CERTIFICATE = 64 * 1024


@click.group()
def provider() -> None:
    """Admit service providers."""


@provider.command()
@click.argument("service_provider_id")
@click.argument("name")
def add(service_provider_id: str, name: str) -> None:
    """Admit a provider under its SERVICE_PROVIDER_ID (サービス提供ID) and the NAME that citizens read."""
    with _portal() as rooms:
        rooms.providers.add(service_provider_id, name)
    click.echo(f"{service_provider_id} is a service provider.")


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
    with _portal() as rooms:
        certificate = rooms.verifier.verify_certificate(der, rooms.clock())
        rooms.reception.link(service_provider_id, certificate, service_id)
    click.echo(f"{service_id} is linked at {service_provider_id}.")


@contextmanager
def _portal() -> Iterator["Rooms"]:
    """Open the portal as the server does, and end with what it refuses."""
    from portal import create_app  # noqa: PLC0415 - `mykey --help` needs none of it
    from portal.extensions import db  # noqa: PLC0415
    from portal.routes.problems import problem_of  # noqa: PLC0415

    settings = read_settings()
    stop_unless_current(settings)
    try:
        app = create_app(settings)
    except NotConfiguredError as error:
        stop(str(error))
    # as a request that may write, in English
    with app.test_request_context(method="POST", headers={"Accept-Language": "en"}), answering_database():
        try:
            yield app.extensions["mykey"]
        except (PortalError, PkiError) as error:
            stop(f"{problem_of(error.code).title} ({error.code})")
        finally:
            db.session.remove()
            db.engine.dispose()
