"""`mykey provider` and `mykey link`: service providers, and the service IDs of their customers."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from portal.commands.cli_context import open_portal, stop, wants_json
from portal.commands.output import REASON, Group, show
from portal.domain.codes import Code
from portal.domain.formats.check_digit import CHECK_DIGITS
from portal.domain.providers import FirstLinks
from portal.domain.reason import Reason

LARGEST_CERTIFICATE = 64 * 1024


@click.group(cls=Group)
def provider() -> None:
    """Admit, list and suspend service providers.

    サービス提供者を登録し、一覧を見て、止めます。
    """


@provider.command()
@click.argument("service_provider_id")
@click.argument("name")
@REASON
def add(service_provider_id: str, name: str, **by: Reason | None) -> None:
    """Admit a provider under its SERVICE_PROVIDER_ID (サービス提供ID) and the NAME that citizens read.

    サービス提供IDと、住民が見る名前で、サービス提供者を登録します。

    An ID is like A-α1-0001: a letter, a Greek letter and a digit, four digits. It can never be changed; the name can.

    サービス提供IDは、A-α1-0001のような形です（英大文字、ギリシャ文字と数字、数字4字）。あとから変えられません。名前は変えられます。
    """
    with open_portal() as services:
        row = services.providers.add(service_provider_id, name, **by)
        added = {"service_provider_id": row.service_provider_id, "name": row.name}
    show(added, "{service_provider_id} is a service provider.")


@provider.command(name="list")
def show_all() -> None:
    """List every provider: ID, name, suspended or not.

    サービス提供者の一覧：サービス提供ID、名前、状態。
    """
    with open_portal() as services:
        found = [
            {
                "service_provider_id": row.service_provider_id,
                "name": row.name,
                "state": "suspended" if row.suspended_at else "active",
            }
            for row in services.providers.all()
        ]
    show(found, "{service_provider_id}  {name}  {state}")


@provider.command()
@click.argument("service_provider_id")
@REASON
def suspend(service_provider_id: str, **by: Reason | None) -> None:
    """Refuse a provider and its terminals from the next request on; links stay.

    サービス提供者とその端末を、次の要求から断ります。サービスIDの登録は残ります。
    """
    with open_portal() as services:
        services.providers.suspend(service_provider_id, **by)
    show({"service_provider_id": service_provider_id, "state": "suspended"}, "{service_provider_id} is suspended.")


@provider.command()
@click.argument("service_provider_id")
@REASON
def resume(service_provider_id: str, **by: Reason | None) -> None:
    """Let a suspended provider act again.

    止めたサービス提供者を、また使えるようにします。
    """
    with open_portal() as services:
        services.providers.resume(service_provider_id, **by)
    show({"service_provider_id": service_provider_id, "state": "active"}, "{service_provider_id} may act again.")


@provider.command(name="set")
@click.argument("service_provider_id")
@click.option("--name", help="The name that citizens read. 住民が見る名前です。")
@click.option(
    "--picture",
    help="Form of a service ID: 9 a digit, A one of A-Z, X either, | between forms; '' for none. サービスIDの形です。",
)
@click.option(
    "--check-digit", type=click.Choice(["", *CHECK_DIGITS]), help="'' for none. チェックディジットの計算方法です。"
)
@click.option(
    "--first-links",
    type=click.Choice([each.value for each in FirstLinks]),
    help="Who makes first links. 初めての登録の受け付け方です。",
)
@click.option(
    "--typed-mykey-ids/--no-typed-mykey-ids",
    default=None,
    help="Look-ups by a typed MyKey ID. 入力したマイキーIDでの照会です。",
)
@click.option(
    "--handoff-url", help="Where service IDs are handed over, https; '' for nowhere. サービスIDの渡し先です。"
)
@REASON
def set_up(service_provider_id: str, reason: Reason | None, **given: Any) -> None:
    """Set a provider up; what is not given stays.

    サービス提供者の設定を変えます。指定しなかったものは変わりません。
    """
    from portal.services.operation.providers import SetUp  # noqa: PLC0415 - `mykey --help` needs none of it

    changes: dict[str, Any] = {
        name: value if value != "" or name == "name" else None for name, value in given.items() if value is not None
    }
    with open_portal() as services:
        now = SetUp.of(services.service_providers.known(service_provider_id))
        services.providers.set_up(service_provider_id, replace(now, **changes), reason=reason)
    show({"service_provider_id": service_provider_id}, "{service_provider_id} is set up.")


@provider.command(name="import")
@click.argument("service_provider_id")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--confirm", is_flag=True, help="Link them; without it the file is only tried. 試すだけでなく、連携します。"
)
def import_links(service_provider_id: str, file: Path, *, confirm: bool) -> None:
    """Link what a CSV FILE of MyKey IDs and service IDs says, all of it or nothing; each refused line is printed.

    マイキーIDとサービスIDのCSVファイルを、すべて連携するか、1件も連携しないかで取り込みます。
    """
    from portal.services.providers.link_import import LARGEST, ImportReport  # noqa: PLC0415
    from portal.web.problems import problem_of  # noqa: PLC0415 - with its own imports

    with file.open("rb") as opened:
        content = opened.read(LARGEST + 1)
    with open_portal() as services:
        report, imports = ImportReport(), services.link_import
        steps = (
            imports.bring_in(service_provider_id, lambda: content, report)
            if confirm
            else imports.try_out(service_provider_id, content, report)
        )
        for percent in steps:
            if not wants_json():  # which has standard error for itself
                click.echo(f"\r{percent:3} %", err=True, nl=False)
        if not wants_json():
            click.echo(err=True)
        refused = [
            {"line": line.number, "came": line.came, "code": line.code, "title": str(problem_of(line.code).title)}
            for line in report.refused
            if line.code
        ]
        if refused:
            show(refused, "line {line}: {came}: {title} ({code})")
            stop(f"{len(refused)} lines are refused; nothing is linked.", Code.LINK_FILE_REFUSED)
        if report.problem:
            stop(f"{problem_of(report.problem).title} ({report.problem})", report.problem)
    kept = [{"line": line.number, "came": line.came, "kept": line.service_id} for line in report.folded]
    if not wants_json():
        show(kept, "line {line}: {came} -> {kept}")
    told = "{lines} lines are linked." if confirm else "{lines} lines can be linked; see --confirm."
    show({"lines": report.good, "linked": confirm, "blank": report.blank, "folded": kept}, told)


@click.group(cls=Group)
def link() -> None:
    """Link service IDs, as a provider's terminal does.

    サービス提供者の端末と同じように、サービスIDを登録します。
    """


@link.command(name="add")
@click.argument("service_provider_id")
@click.argument("certificate_file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("service_id")
def add_link(service_provider_id: str, certificate_file: Path, service_id: str) -> None:
    """Link a SERVICE_ID to the person whose certificate is in CERTIFICATE_FILE (DER), verified as after a tap.

    電子証明書のファイル（DER）の人に、サービスIDを登録します。電子証明書は、カードを読んだときと同じように検証します。
    """
    with certificate_file.open("rb") as file:
        der = file.read(LARGEST_CERTIFICATE)
    with open_portal() as services:
        service_id = services.links.readable(service_provider_id, service_id)
        services.links.link(service_provider_id, services.tapped_cards.verify(der), service_id)
    linked = {"service_provider_id": service_provider_id, "service_id": service_id}
    show(linked, "{service_id} is linked at {service_provider_id}.")
