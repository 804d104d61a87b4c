"""`mykey staff`: who may work here. The one-time links are shown once, here, and kept nowhere."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from portal.commands.cli_context import open_database, read_settings, stop
from portal.commands.output import Group, show
from portal.domain.codes import Code
from portal.domain.errors import PortalError
from portal.domain.roles import Role

if TYPE_CHECKING:
    from portal.container import Services
    from portal.models import Staff

LONGEST_NAME = 60
REFUSED = {
    Code.STAFF_WITHOUT_PROVIDER: "The role provider and --provider go together.",
    Code.SERVICE_PROVIDER_UNKNOWN: "There is no such provider. `mykey provider list` shows every one.",
}
LINK = """\
{name}  {staff_id}
This link adds one passkey, once, within 24 hours. It is not shown again:
{link}"""
SET_UP = """\
There is no operator yet. This link adds the first one, once, within 24 hours. It is not shown again:
{link}"""
STILL_OPEN = """\
There is no operator yet. The one-time link that was shown before is still good; `mykey setup` prints a new one."""
ROLES = click.Choice([each.value for each in Role])


@click.group(cls=Group)
def staff() -> None:
    """Add, suspend and recover those who work here.

    ここで働く人を加え、止め、元に戻します。
    """


@staff.command()
@click.argument("name")
@click.option(
    "--role",
    "roles",
    type=ROLES,
    multiple=True,
    required=True,
    help="May be repeated. 繰り返せます。",
)
@click.option(
    "--provider", help="Whose staff: the service provider ID, with the role provider. 役割がproviderのときに。"
)
def add(name: str, roles: tuple[str, ...], provider: str | None) -> None:
    """Add somebody by the NAME that their acts are shown with, and print their one-time link.

    行ったことに残る名前で人を加え、1回限りのリンクを表示します。
    """
    name = name.strip()
    if not (name and name.isprintable() and len(name) <= LONGEST_NAME):
        stop(f"A name has 1 to {LONGEST_NAME} printable characters.", Code.NAME_MALFORMED)
    with open_staff() as services:
        try:
            added, token = services.staff.add(name, map(Role, roles), provider)
        except PortalError as error:
            stop(f"{REFUSED[error.code]} ({error.code})", error.code)
        _show_link(services, added, token)


@staff.command(name="list")
def show_all() -> None:
    """List everybody: ID, name, roles, number of passkeys, suspended or not.

    全員の一覧：ID、名前、役割、パスキーの数、状態。
    """
    with open_staff() as services:
        found = [
            {
                "staff_id": row.staff_id,
                "name": row.name,
                "roles": ",".join(row.roles),
                "service_provider_id": row.service_provider_id,
                "passkeys": passkeys,
                "state": "suspended" if row.suspended_at else "active",
            }
            for row, passkeys in services.staff.all()
        ]
    show(found, "{staff_id}  {name}  {roles}  {service_provider_id}  passkeys: {passkeys}  {state}")


@staff.command()
@click.argument("name_or_id")
@click.option(
    "--forget-passkeys",
    is_flag=True,
    help="Delete their passkeys and end their sessions: one was stolen. パスキーを消し、サインインを終わらせます。",
)
def link(name_or_id: str, *, forget_passkeys: bool) -> None:
    """Print a new one-time link for somebody; an older one is void.

    新しい1回限りのリンクを表示します。前のリンクは使えなくなります。
    """
    with open_staff() as services:
        row = _one(services, name_or_id)
        _show_link(services, row, services.staff.new_link(row.staff_id, forget_passkeys=forget_passkeys))


@staff.command()
@click.argument("name_or_id")
def suspend(name_or_id: str) -> None:
    """Refuse somebody from the next request on.

    その人を次の要求から断ります。
    """
    with open_staff() as services:
        row = _one(services, name_or_id)
        services.staff.suspend(row.staff_id)
    show({"staff_id": row.staff_id, "name": row.name, "state": "suspended"}, "{name} is suspended.")


@staff.command()
@click.argument("name_or_id")
def resume(name_or_id: str) -> None:
    """Let somebody who was suspended sign in again.

    止めた人が、またサインインできるようにします。
    """
    with open_staff() as services:
        row = _one(services, name_or_id)
        services.staff.resume(row.staff_id)
    show({"staff_id": row.staff_id, "name": row.name, "state": "active"}, "{name} may sign in again.")


def set_up_link(services: "Services") -> str | None:
    """Make a new link for the first operator, where no operator has a passkey yet."""
    return _link_of(services, services.staff.set_up()) if services.staff.needs_set_up() else None


@contextmanager
def open_staff() -> Iterator["Services"]:
    """Open database and key as the server does, also where it would not start yet: there is no authority at first."""
    from portal.container import Services  # noqa: PLC0415
    from portal.pki.trust import TrustAnchors  # noqa: PLC0415
    from portal.services.record.secrecy import KEY_FILE, Secrecy, read_or_make_key  # noqa: PLC0415

    settings = read_settings()
    with open_database(settings) as database:
        anchors = TrustAnchors(settings.instance / "trust", production=True)
        secrecy = Secrecy(read_or_make_key(settings.instance / KEY_FILE), os.urandom)
        yield Services(database, lambda: datetime.now(UTC), settings, anchors, secrecy, None, None)


def _one(services: "Services", name_or_id: str) -> "Staff":
    found = services.staff.find(name_or_id)
    if not found:
        stop(f"Nobody here is called {name_or_id!r}. `mykey staff list` shows everybody.", Code.STAFF_UNKNOWN)
    if len(found) > 1:
        stop(
            f"{len(found)} people are called {name_or_id!r}. Give the ID that `mykey staff list` shows.",
            Code.STAFF_AMBIGUOUS,
        )
    return found[0]


def _show_link(services: "Services", row: "Staff", token: str) -> None:
    show({"staff_id": row.staff_id, "name": row.name, "link": _link_of(services, token)}, LINK)


def _link_of(services: "Services", token: str) -> str:
    return f"{services.origin}/staff/enrol#{token}"
