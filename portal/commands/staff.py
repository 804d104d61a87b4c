"""`mykey staff`: who may work here. The one-time links are shown once, here, and kept nowhere."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from portal.commands.surroundings import open_database, read_settings, stop
from portal.config import Settings
from portal.domain.errors import NotConfiguredError, PortalError
from portal.domain.roles import Role

if TYPE_CHECKING:
    from portal.models import Staff
    from portal.services.staff import StaffList

LONGEST_NAME = 60
REFUSED = {
    "staff-without-provider": "The role provider and --provider go together.",
    "service-provider-unknown": "There is no such provider. `mykey provider list` shows every one.",
}
ROLES = click.Choice([each.value for each in Role])


@click.group()
def staff() -> None:
    """Add, suspend and recover those who work here."""


@staff.command()
@click.argument("name")
@click.option(
    "--role",
    "roles",
    type=ROLES,
    multiple=True,
    required=True,
    help="May be repeated.",
)
@click.option("--provider", help="Whose staff: the service provider ID, with the role provider.")
def add(name: str, roles: tuple[str, ...], provider: str | None) -> None:
    """Add somebody by the NAME that stands on what they do, and print their one-time link."""
    name = name.strip()
    if not (name and name.isprintable() and len(name) <= LONGEST_NAME):
        stop(f"A name has 1 to {LONGEST_NAME} printable characters.")
    with _staff_list() as (staff_list, settings):
        try:
            added, token = staff_list.add(name, map(Role, roles), provider)
        except PortalError as error:
            stop(f"{REFUSED[error.code]} ({error.code})")
        click.echo(f"{added.name}  {added.staff_id}")
        _show_link(settings, token)


@staff.command(name="list")
def show_all() -> None:
    """List everybody: ID, name, roles, number of passkeys, suspended or not."""
    with _staff_list() as (staff_list, _):
        for row, passkeys in staff_list.all():
            state = "suspended" if row.suspended_at else "active"
            at = f" at {row.service_provider_id}" if row.service_provider_id else ""
            click.echo(f"{row.staff_id}  {row.name}  {','.join(row.roles)}{at}  passkeys: {passkeys}  {state}")


@staff.command()
@click.argument("name_or_id")
@click.option("--forget-passkeys", is_flag=True, help="Delete their passkeys and end their sessions: one was stolen.")
def link(name_or_id: str, *, forget_passkeys: bool) -> None:
    """Print a new one-time link for somebody; an older one is void."""
    with _staff_list() as (staff_list, settings):
        _show_link(settings, staff_list.new_link(_one(staff_list, name_or_id), forget_passkeys=forget_passkeys))


@staff.command()
@click.argument("name_or_id")
def suspend(name_or_id: str) -> None:
    """Refuse somebody from the next request on."""
    with _staff_list() as (staff_list, _):
        row = _one(staff_list, name_or_id)
        staff_list.suspend(row)
        click.echo(f"{row.name} is suspended.")


@staff.command()
@click.argument("name_or_id")
def resume(name_or_id: str) -> None:
    """Let somebody who was suspended sign in again."""
    with _staff_list() as (staff_list, _):
        row = _one(staff_list, name_or_id)
        staff_list.resume(row)
        click.echo(f"{row.name} may sign in again.")


@contextmanager
def _staff_list() -> Iterator[tuple["StaffList", Settings]]:
    """Open the list of staff over the database and the key that the server uses."""
    from portal.services.audit import Audit  # noqa: PLC0415
    from portal.services.secrecy import Secrecy, read_or_make_key  # noqa: PLC0415
    from portal.services.staff import StaffList  # noqa: PLC0415

    settings = read_settings()
    with open_database(settings) as database:
        try:
            secrecy = Secrecy(read_or_make_key(settings.instance / "secret.key"), os.urandom)
        except NotConfiguredError as error:
            stop(str(error))
        audit = Audit(database, _now, os.urandom)
        yield StaffList(database, secrecy, _now, audit), settings


def _now() -> datetime:
    return datetime.now(UTC)


def _one(staff_list: "StaffList", name_or_id: str) -> "Staff":
    found = staff_list.find(name_or_id)
    if not found:
        stop(f"Nobody here is called {name_or_id!r}. `mykey staff list` shows everybody.")
    if len(found) > 1:
        stop(f"{len(found)} people are called {name_or_id!r}. Give the ID that `mykey staff list` shows.")
    return found[0]


def _show_link(settings: Settings, token: str) -> None:
    click.echo("This link adds one passkey, once, within 24 hours. It is not shown again:")
    click.echo(f"{settings.origin}/staff/enrol#{token}")
