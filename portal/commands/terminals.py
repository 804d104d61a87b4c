"""`mykey terminal`: where cards are tapped. The enrolment codes are shown once, here, and kept nowhere."""

from uuid import UUID

import click

from portal.commands.surroundings import open_portal
from portal.domain.reception import Handoff
from portal.domain.typed_code import grouped


@click.group()
def terminal() -> None:
    """Add, enrol and revoke the terminals of service providers."""


@terminal.command()
@click.argument("service_provider_id")
@click.argument("name")
@click.option("--unstaffed", is_flag=True, help="Nobody watches: no first links by a tap alone, no replacements.")
@click.option("--stays-armed", is_flag=True, help="A look-up goes on waiting for the next card.")
@click.option("--handoff", type=click.Choice([each.value for each in Handoff]), default=Handoff.SCREEN.value)
def add(service_provider_id: str, name: str, handoff: str, *, unstaffed: bool, stays_armed: bool) -> None:
    """Add a terminal to a provider by its NAME, and print the codes that enrol it."""
    with open_portal() as rooms:
        added, codes = rooms.terminals.add(
            service_provider_id, name, staffed=not unstaffed, stays_armed=stays_armed, handoff=Handoff(handoff)
        )
    click.echo(f"{added.name}  {added.terminal_id}")
    _show_codes(*codes)


@terminal.command(name="list")
@click.argument("service_provider_id")
def show_all(service_provider_id: str) -> None:
    """List a provider's terminals: ID, name, last used, revoked or not."""
    with open_portal() as rooms:
        for row in rooms.terminals.of_provider(service_provider_id):
            used = row.last_used_at.isoformat(timespec="minutes") if row.last_used_at else "never"
            state = "revoked" if row.revoked_at else "enrolled" if row.token_hash else "not enrolled"
            click.echo(f"{row.terminal_id}  {row.name}  last used: {used}  {state}")


@terminal.command()
@click.argument("terminal_id", type=click.UUID)
def codes(terminal_id: UUID) -> None:
    """Print new enrolment codes; the terminal goes on as it is until one of them is used."""
    with open_portal() as rooms:
        made = rooms.terminals.new_codes(rooms.terminals.known(terminal_id))
    _show_codes(*made)


@terminal.command()
@click.argument("terminal_id", type=click.UUID)
def revoke(terminal_id: UUID) -> None:
    """Refuse a terminal from the next request on, and for ever."""
    with open_portal() as rooms:
        row = rooms.terminals.known(terminal_id)
        rooms.terminals.revoke(row)
    click.echo(f"{row.name} is revoked.")


def _show_codes(bridge: str, page: str) -> None:
    click.echo("Each code enrols once, within 24 hours. They are not shown again:")
    click.echo(f"bridge: {grouped(bridge)}")
    click.echo(f"page:   {grouped(page)}")
