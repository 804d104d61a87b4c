"""`mykey terminal`: where cards are tapped. The enrolment codes are shown once, here, and kept nowhere."""

from typing import TYPE_CHECKING
from uuid import UUID

import click

from portal.commands.cli_context import open_portal
from portal.commands.output import REASON, Group, show
from portal.domain.formats.typed_code import grouped
from portal.domain.providers import Handoff
from portal.domain.reason import Reason

if TYPE_CHECKING:
    from portal.models import Terminal

CODES = """\
{name}  {terminal_id}
Each code enrols once, within 24 hours. They are not shown again:
bridge: {bridge}
page:   {page}"""


@click.group(cls=Group)
def terminal() -> None:
    """Add, enrol and revoke the terminals of service providers.

    サービス提供者の端末を加え、登録し、失効させます。
    """


@terminal.command()
@click.argument("service_provider_id")
@click.argument("name")
@click.option(
    "--unstaffed", is_flag=True, help="Nobody watches: no first links by a tap alone, no replacements. 無人の端末です。"
)
@click.option(
    "--stays-armed", is_flag=True, help="A look-up goes on waiting for the next card. 照会を続けて受け付けます。"
)
@click.option(
    "--handoff",
    type=click.Choice([each.value for each in Handoff]),
    default=Handoff.SCREEN.value,
    help="How a service ID is handed over. サービスIDの渡し方です。",
)
@REASON
def add(
    service_provider_id: str, name: str, handoff: str, *, unstaffed: bool, stays_armed: bool, **by: Reason | None
) -> None:
    """Add a terminal to a provider by its NAME, and print the codes that enrol it.

    名前を付けて端末を加え、登録コードを表示します。
    """
    with open_portal() as services:
        added, codes = services.terminals.add(
            service_provider_id, name, staffed=not unstaffed, stays_armed=stays_armed, handoff=Handoff(handoff), **by
        )
    _show_codes(added, codes)


@terminal.command(name="list")
@click.argument("service_provider_id")
def show_all(service_provider_id: str) -> None:
    """List a provider's terminals: ID, name, last used, revoked or not.

    サービス提供者の端末の一覧：ID、名前、最後に使われた時、状態。
    """
    with open_portal() as services:
        found = [
            {
                "terminal_id": row.terminal_id,
                "name": row.name,
                "last_used_at": row.last_used_at and row.last_used_at.isoformat(timespec="minutes"),
                "state": "revoked" if row.revoked_at else "enrolled" if row.token_hash else "not enrolled",
            }
            for row in services.terminals.of_provider(service_provider_id)
        ]
    show(found, "{terminal_id}  {name}  last used: {last_used_at}  {state}", none="never")


@terminal.command()
@click.argument("terminal_id", type=click.UUID)
@REASON
def codes(terminal_id: UUID, **by: Reason | None) -> None:
    """Print new enrolment codes; the terminal goes on as it is until one of them is used.

    新しい登録コードを表示します。使われるまで、端末は今のまま動きます。
    """
    with open_portal() as services:
        row = services.terminals.known(terminal_id)
        made = services.terminals.new_codes(terminal_id, **by)
    _show_codes(row, made)


@terminal.command(name="handoff-link")
@click.argument("terminal_id", type=click.UUID)
@click.argument("template")
@click.option(
    "--one-window",
    is_flag=True,
    help="Each look-up opens it by itself in one window. 1つのウィンドウで自動で開きます。",
)
@REASON
def set_handoff_link(terminal_id: UUID, template: str, *, one_window: bool, **by: Reason | None) -> None:
    """Let the terminal's page open the business system by TEMPLATE, https with one {service_id}; '' takes that away.

    受付アプリから業務システムを開くリンクを決めます。
    """
    with open_portal() as services:
        services.terminals.set_handoff_link(terminal_id, template or None, one_window=one_window, **by)
    show(
        {"terminal_id": terminal_id, "handoff_link": template or None},
        "{terminal_id} leads to {handoff_link}.",
        none="nothing",
    )


@terminal.command()
@click.argument("terminal_id", type=click.UUID)
@REASON
def revoke(terminal_id: UUID, **by: Reason | None) -> None:
    """Refuse a terminal from the next request on, and for ever.

    端末を次の要求から断ります。元には戻せません。
    """
    with open_portal() as services:
        row = services.terminals.known(terminal_id)
        services.terminals.revoke(terminal_id, **by)
    show({"terminal_id": terminal_id, "name": row.name, "state": "revoked"}, "{name} is revoked.")


def _show_codes(row: "Terminal", codes: tuple[str, str]) -> None:
    bridge, page = map(grouped, codes)
    show({"terminal_id": row.terminal_id, "name": row.name, "bridge": bridge, "page": page}, CODES)
