"""The command `reader-bridge`.

Exit codes: 0 done, 1 failed, 2 used wrongly, 3 no enrolled terminal, 130 cancelled by the citizen.
"""

# Most imports stand inside the commands: `list` must be there at once, and --help without pyscard.
# ruff: noqa: PLC0415

from __future__ import annotations

import traceback
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from reader_bridge import __version__
from reader_bridge.cli.context import FAILED, Bridge, make_bridge, program_options, unsaid
from reader_bridge.cli.doctor import doctor
from reader_bridge.cli.ending import ends_in_order
from reader_bridge.cli.installation import install, uninstall
from reader_bridge.cli.output import check_writable, write_file
from reader_bridge.cli.terminal import terminal
from reader_bridge.conversation.one_conversation import lock_path, one_conversation
from reader_bridge.errors import BridgeError, Cancelled
from reader_bridge.words.language import plain

if TYPE_CHECKING:
    from reader_bridge.card.jpki import Jpki
    from reader_bridge.portal.origin import Origin


class _Commands(click.Group):
    def main(self, *arguments: Any, **options: Any) -> Any:
        with ends_in_order():
            return super().main(*arguments, **options)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (BridgeError, KeyboardInterrupt) as error:
            bridge: Bridge = ctx.obj or unsaid()
            bridge.leave(error if isinstance(error, BridgeError) else Cancelled())


@click.group(cls=_Commands)
@click.version_option(__version__, prog_name="reader-bridge")
@program_options
@click.pass_context
def main(ctx: click.Context, /, **named: Any) -> None:
    """Read a My Number card for a MyKey portal.

    Exit codes: 0 done, 1 failed, 2 used wrongly, 3 no enrolled terminal, 130 cancelled.
    """
    ctx.obj = unsaid(named["lang"])
    ctx.obj = make_bridge(**named)


for _command in (doctor, install, terminal, uninstall):
    main.add_command(_command)


@main.command("list")
@click.pass_obj
def list_readers(bridge: Bridge) -> None:
    """List the card readers."""
    with closing(bridge.readers()) as readers:
        for reader in readers.list():
            click.echo(plain(reader.name))


@main.command()
@click.option("--reader", help="Name of the reader, where several hold a card.")
@click.option("--output", type=click.Path(path_type=Path), help="File for what is shown in detail (ファイル出力).")
@click.option("--der", type=click.Path(path_type=Path), help="File for the certificate itself.")
@click.pass_obj
def show(bridge: Bridge, reader: str | None, output: Path | None, der: Path | None) -> None:
    """Show the certificate on the card; no PIN is needed."""
    for path in filter(None, (output, der)):
        check_writable(path)
    with closing(bridge.readers()) as readers:  # whose process starts while cryptography is imported
        from reader_bridge.card.certificate_text import as_file, basic_rows, detailed_rows
        from reader_bridge.readers.card_finder import CardFinder

        with CardFinder(readers).found() as found:
            certificate = _chosen(bridge, {card.reader: card.jpki for card in found}, reader).certificate()
    for part, rows in (("basic", basic_rows(certificate)), ("details", detailed_rows(certificate))):
        click.echo(bridge.words.say(part))
        for name, lines, remark in rows:
            value = "\n    ".join(map(plain, lines))
            click.echo(f"  {name}: {value}{f'  ← {remark}' if remark else ''}")
    click.echo(bridge.words.say("not-checked"))
    _tell_what_is_certain(bridge, certificate)
    if output:
        write_file(output, as_file(certificate))
    if der:
        write_file(der, certificate)


def _chosen(bridge: Bridge, cards: dict[str, Jpki], reader: str | None) -> Jpki:
    """Take the card in the reader of that name, as `list` prints it; else the only one, or the one that is chosen."""
    from reader_bridge.conversation.terminal_ui import TerminalAbsent, TerminalUI, need_terminal

    named = {plain(name): card for name, card in cards.items()}
    if reader is None and len(named) > 1:
        try:
            need_terminal()
        except TerminalAbsent:
            raise click.UsageError(bridge.words.say("name-a-reader") + " " + ", ".join(named)) from None
        reader = TerminalUI(bridge.words).choose_reader(list(named))
        if reader is None:
            raise Cancelled
    if reader is not None and plain(reader) not in named:
        raise click.UsageError(bridge.words.say("reader-unknown") + " " + ", ".join(named))
    return named[plain(reader)] if reader is not None else next(iter(named.values()))


def _tell_what_is_certain(bridge: Bridge, certificate: bytes) -> None:
    from reader_bridge.card.certain_refusal import date_problem, refuse_for_certain

    try:
        refuse_for_certain(certificate)
        problem = date_problem(certificate, datetime.now(UTC))
    except BridgeError as error:
        problem = error.code
    if problem:
        click.echo(bridge.words.say(problem))


@main.command()
@click.option("--portal", metavar="ORIGIN", help="The portal; not needed where the settings know only one.")
@click.argument("code")
@click.pass_obj
def pair(bridge: Bridge, portal: str | None, code: str) -> None:
    """Go on with the pairing code that the portal's page shows."""
    origin = bridge.named(portal)
    _converse(bridge.naming(origin), origin, pairing_code=code)


@main.command("open")
@click.option("--keep-open", is_flag=True, help="Wait for Enter after a failure, in a window that would close.")
@click.argument("link")
@click.pass_obj
def open_link(bridge: Bridge, link: str, *, keep_open: bool) -> None:
    """Follow a mykey-bridge: link; the browser calls this."""
    from reader_bridge.desktop.link import is_trial
    from reader_bridge.portal.launch_link import LaunchLink

    try:
        parsed = LaunchLink.parse(link)
        if is_trial(parsed):
            return
        _converse(bridge, parsed.origin, handle=parsed.handle)
    except Exception as error:  # noqa: BLE001 (the window is held whatever happened)
        try:
            if isinstance(error, BridgeError):
                bridge.leave(error)
            traceback.print_exc()
            raise SystemExit(FAILED) from None
        finally:
            if keep_open and not isinstance(error, Cancelled):
                click.pause(bridge.words.say("close"))


def _converse(bridge: Bridge, origin: Origin, *, handle: str | None = None, pairing_code: str | None = None) -> None:
    from reader_bridge.conversation.session import converse
    from reader_bridge.conversation.terminal_ui import TerminalUI, need_terminal

    need_terminal()
    with one_conversation(f"{origin} {handle or pairing_code}", lock_path()), closing(bridge.readers()) as readers:
        converse(
            bridge.client(origin),
            readers,
            TerminalUI(bridge.words),
            origins=bridge.origins(),
            handle=handle,
            pairing_code=pairing_code,
        )
